"""Drives a resolution: takes the resolver's questions to the library and notes every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proxy.errors import RpcError
from proxy.source.model import Found, Note, Open, Question, Read
from proxy.source.resolve import resolve
from proxy.source.rooms import language_of
from proxy.source.rules import NONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.library.library import Library
    from proxy.library.viewer import Viewer
    from proxy.metrics import Metrics
    from proxy.source.mapping import Mappings
    from proxy.source.model import Asking, Frame, Resolution, Service


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a resolution, its answer, and the seconds that it took."""

    question: Question[Any]
    answer: Any
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a resolution ended, and every step on the way."""

    resolution: Resolution
    steps: tuple[Step, ...]


class Resolver:
    """Resolves frames for people.

    Args:
        library: answers the questions.
        operator: the operator's own mappings, where there are some.
        metrics: where resolutions are counted.
        clock: seconds, never going back.
    """

    def __init__(
        self, library: Library, operator: Mappings | None, metrics: Metrics, clock: Callable[[], float]
    ) -> None:
        self._library = library
        self._operator = operator
        self._resolutions = metrics.source_resolutions
        self._clock = clock

    async def resolve(self, viewer: Viewer, frame: Frame, service: Service) -> Outcome:
        """Find the file of a frame.

        Raises:
            RpcError: when something other than "not there" kept an answer from being found.
        """
        steps: list[Step] = []
        try:
            resolution = await self._drive(viewer, resolve(frame, service, self._operator), steps)
        except RpcError:
            self._resolutions.labels(language_of(frame).value, NONE, "error").inc()
            raise
        rule = resolution.rule if isinstance(resolution, Found) else NONE
        result = "found" if isinstance(resolution, Found) else "not_found"
        self._resolutions.labels(resolution.language.value, rule, result).inc()
        return Outcome(resolution, tuple(steps))

    async def _drive(self, viewer: Viewer, asking: Asking[Resolution], steps: list[Step]) -> Resolution:
        answer: object = None
        while True:
            try:
                question = asking.send(answer)
            except StopIteration as end:
                resolution: Resolution = end.value
                return resolution
            started = self._clock()
            answer = await self._answer(viewer, question)
            steps.append(Step(question, answer, self._clock() - started))

    async def _answer(self, viewer: Viewer, question: Question[Any]) -> object:
        if isinstance(question, Open):
            return await self._library.open(viewer, question.repository, question.ref, question.wishes)
        if isinstance(question, Read):
            return await self._library.read(viewer, question.snapshot, question.path, question.wishes)
        if isinstance(question, Note):
            return None
        raise TypeError(f"no answer is known to a question of the kind {type(question).__name__}")
