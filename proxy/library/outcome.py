"""How a resolution ended, and every step on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proxy.source.model import Found, Snapshot
from proxy.source.rules import NONE

if TYPE_CHECKING:
    from proxy.errors import RpcError
    from proxy.source.model import Question, Resolution


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a resolution, its answer, and what that cost.

    Attributes:
        question: as the resolver asked it.
        answer: what it was told, or the ``RpcError`` that ended the resolution.
        seconds: how long the answer took.
        github_calls: how many calls to GitHub it took.
    """

    question: Question[Any]
    answer: Any
    seconds: float
    github_calls: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a resolution ended, and every step on the way.

    Attributes:
        resolution: the file, or why there is none; the error that kept either from being found.
        steps: in order.
        seconds: how long it took.
        github_calls: how many calls to GitHub it took.
    """

    resolution: Resolution | RpcError
    steps: tuple[Step, ...]
    seconds: float
    github_calls: int

    @property
    def stale(self) -> bool:
        """Whether a ref on the way is told as it was known last, because it could not be asked anew."""
        return any(isinstance(step.answer, Snapshot) and step.answer.stale for step in self.steps)

    @property
    def rule(self) -> str:
        """The rule that found the file; ``none`` where there is none."""
        return self.resolution.rule if isinstance(self.resolution, Found) else NONE
