"""What a resolution costs when whoever answers brings along all that is wished for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source.model import Fetch, Open, Read, Tree

if TYPE_CHECKING:
    from tests.source.transcript import Transcript


def calls(transcript: Transcript) -> int:
    """How many calls to GitHub were needed, one after the other."""
    brought: set[object] = set()
    count = 0
    for question in transcript.questions:
        if isinstance(question, Open):
            count += 1
            brought |= {(str(question.repository).lower(), question.ref, wish) for wish in question.wishes}
        elif isinstance(question, Read):
            where = str(question.snapshot.repository).lower(), question.snapshot.ref
            count += (*where, question.path) not in brought
            brought |= {(*where, path) for path in (question.path, *question.wishes)}
        elif isinstance(question, Tree):
            count += 1
    return count


def lookups(transcript: Transcript) -> list[str]:
    """What was asked outside the repositories."""
    return [question.path for question in transcript.questions if isinstance(question, Fetch)]
