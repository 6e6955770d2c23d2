"""Answers as they were written before, for as long as finding them again would end the same.

Rules:

- An answer is told to a viewer only when what is known shows, for every repository on the way to it,
  that the viewer may be told of it and that the ref leads to the commit it led to: nothing is asked of
  GitHub for that, and without it the file is found anew.
- What was found depends on the question and on these commits alone, and on what was looked up of
  packages: such an answer lasts as long as a look-up does.
- Nothing that somebody was not shown, or that could not be asked, is on the way: another might be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from proxy.library.lookups import CURRENT_TTL
from proxy.source.model import Fetch, Found, Open, Snapshot, Unreachable

if TYPE_CHECKING:
    from collections.abc import Hashable

    from proxy.cache import Cache, NamedCache
    from proxy.library.outcome import Outcome
    from proxy.library.standing import Standing
    from proxy.library.viewer import Viewer
    from proxy.source.model import Repository

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Written(Generic[B]):
    """An answer.

    Attributes:
        body: what is sent.
        language: as in the metric of resolutions.
        rule: the rule that found the file.
        opened: the repositories on the way as they were asked for, and what they were.
    """

    body: B
    language: str
    rule: str
    opened: tuple[tuple[Repository, Snapshot], ...]


class Answers(Generic[B]):
    """The answers of one method.

    Args:
        cache: where they are kept.
        standing: says for whom an answer still holds.
    """

    def __init__(self, cache: Cache, standing: Standing) -> None:
        self._standing = standing
        self._known: NamedCache[Hashable, Written[B]] = cache.named("answers")

    async def find(self, viewer: Viewer, repository: Repository, question: Hashable) -> Written[B] | None:
        """The answer to a question if it holds for this viewer now.

        Args:
            viewer: who asks.
            repository: which the question is about. Without access to it not even its answer is looked for.
            question: all that the answer depends on besides the repositories' commits.
        """
        written = self._known.get(question) if await self._standing.is_shown(viewer, repository) else None
        if written is None:
            return None
        for named, snapshot in written.opened:
            if not await self._standing.is_current(viewer, named, snapshot):
                return None
        return written

    def here(self, viewer: Viewer, repository: Repository, question: Hashable) -> Written[B] | None:
        """The same, as far as this replica knows: nobody is waited for.

        Where it is not known, nothing of it was counted that ``find`` counts as well.
        """
        if not self._standing.is_shown_here(viewer, repository):
            return None
        written = self._known.peek(question)
        if written is None:
            return None
        for named, snapshot in written.opened:
            if not self._standing.is_current_here(viewer, named, snapshot):
                return None
        return written

    def keep(self, question: Hashable, outcome: Outcome, body: B) -> None:
        """Remember the answer to a question, if it may be told again."""
        resolution, steps = outcome.resolution, outcome.steps
        if not isinstance(resolution, Found) or outcome.stale:
            return
        opened: list[tuple[Repository, Snapshot]] = []
        for step in steps:
            if isinstance(step.question, Open):
                if not isinstance(step.answer, Snapshot):
                    return
                opened.append((step.question.repository, step.answer))
            elif isinstance(step.answer, Unreachable):
                return
        looked_up = any(isinstance(step.question, Fetch) for step in steps)
        written = Written(body, resolution.language.value, resolution.rule, tuple(opened))
        self._known.put(question, written, ttl=CURRENT_TTL if looked_up else None)
