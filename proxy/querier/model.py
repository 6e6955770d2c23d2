"""What Pyroscope is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxy.profile import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """What Pyroscope is asked for.

    Attributes:
        label_selector: as PromQL writes it.
        start: Unix milliseconds.
        end: Unix milliseconds.
        question: the function, the profile type, and the call path.
    """

    label_selector: str
    start: int
    end: int
    question: Question
