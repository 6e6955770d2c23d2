"""Drives a resolution: takes the resolver's questions to the library and notes every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proxy import tracing
from proxy.errors import RpcError
from proxy.github.meter import metered
from proxy.library.outcome import Outcome, Step
from proxy.source.address import PUBLIC_HOST
from proxy.source.model import (
    Fetch,
    Found,
    Language,
    Link,
    Note,
    NotFound,
    Open,
    Question,
    Read,
    Tree,
)
from proxy.source.resolve import resolve
from proxy.source.rooms import language_of
from proxy.source.rules import NONE, RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.github.meter import Meter
    from proxy.library.answers import Written
    from proxy.library.library import Library
    from proxy.library.lookups import Lookups
    from proxy.library.viewer import Viewer
    from proxy.live import Live
    from proxy.metrics import Metrics
    from proxy.source.mapping import Mappings
    from proxy.source.model import Asking, Frame, Resolution, Service
    from proxy.tracing import Span

__all__ = ["Outcome", "Resolver", "Step"]

_LANGUAGES = frozenset(language.value for language in Language)


class Resolver:
    """Resolves frames for people.

    Args:
        library: answers the questions about repositories.
        lookups: answers those about packages.
        operator: the operator's own mappings, where there are some.
        metrics: where resolutions are counted.
        clock: seconds, never going back.
        host: of the GitHub that is configured, against which the addresses of packages are held.
    """

    def __init__(
        self,
        library: Library,
        lookups: Lookups,
        operator: Live[Mappings | None],
        metrics: Metrics,
        clock: Callable[[], float],
        *,
        host: str = PUBLIC_HOST,
    ) -> None:
        self._library = library
        self._lookups = lookups
        self._operator = operator
        self._resolutions = metrics.source_resolutions
        self._clock = clock
        self._host = host
        self._create_known_series()

    @property
    def edition(self) -> int:
        """Grows when the operator's mappings change: what was found before may be found elsewhere now."""
        return self._operator.edition

    async def resolve(self, viewer: Viewer, frame: Frame, service: Service) -> Outcome:
        """Find the file of a frame, and note how.

        What keeps an answer from being found, such as a refusal of GitHub, is the outcome's resolution.
        """
        steps: list[Step] = []
        started = self._clock()
        resolution: Resolution | RpcError
        with tracing.span("resolve") as span, metered() as meter:
            try:
                resolution = await self._drive(
                    viewer, resolve(frame, service, self._operator.value, self._host), steps, meter
                )
            except RpcError as error:
                resolution = error
            outcome = Outcome(resolution, tuple(steps), self._clock() - started, meter.calls)
            self._count(outcome, frame, span)
        return outcome

    def told_again(self, written: Written[Any]) -> None:
        """Count a file that was found before and is told again."""
        self._resolutions.labels(written.language, written.rule, "found").inc()

    async def _drive(
        self, viewer: Viewer, asking: Asking[Resolution], steps: list[Step], meter: Meter
    ) -> Resolution:
        answer: object = None
        while True:
            try:
                question = asking.send(answer)
            except StopIteration as end:
                resolution: Resolution = end.value
                return resolution
            started, calls = self._clock(), meter.calls
            try:
                answer = await self._answer(viewer, question)
            except RpcError as error:
                steps.append(Step(question, error, self._clock() - started, meter.calls - calls))
                raise
            steps.append(Step(question, answer, self._clock() - started, meter.calls - calls))

    async def _answer(self, viewer: Viewer, question: Question[Any]) -> object:
        match question:
            case Open(repository=repository, ref=ref, wishes=wishes, tree=tree):
                return await self._library.open(viewer, repository, ref, wishes, tree=tree)
            case Read(snapshot=snapshot, path=path, wishes=wishes):
                return await self._library.read(viewer, snapshot, path, wishes)
            case Tree(snapshot=snapshot):
                return await self._library.tree(viewer, snapshot)
            case Link(snapshot=snapshot, oid=oid):
                return await self._library.link(viewer, snapshot, oid)
            case Fetch():
                return await self._lookups.fetch(question)
            case Note():
                return None
        raise TypeError(f"no answer is known to a question of the kind {type(question).__name__}")

    def _count(self, outcome: Outcome, frame: Frame, span: Span) -> None:
        match outcome.resolution:
            case Found(language=language):
                result = "found"
            case NotFound(language=language):
                result = "not_found"
            case error:
                language, result = language_of(frame), "error"
                span.fail(error.code.value)
        self._resolutions.labels(language.value, outcome.rule, result).inc()
        span.set("sourceproxy.language", language.value)
        span.set("sourceproxy.rule", outcome.rule)
        span.set("sourceproxy.result", result)
        span.set("sourceproxy.github_calls", outcome.github_calls)

    def _create_known_series(self) -> None:
        """Let every rule have its series from the start, so that a rate over it works at once."""
        for language in Language:
            for result in ("not_found", "error"):
                self._resolutions.labels(language.value, NONE, result)
        for rule in RULES:
            own = rule.partition("_")[0]
            for language in Language:
                if language.value == own or own not in _LANGUAGES:
                    self._resolutions.labels(language.value, rule, "found")
