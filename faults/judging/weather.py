"""Which faults were active when: an answer is judged by those that its request may have met."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faults.judging.outcomes import Fault


@dataclass(slots=True)
class _Spell:
    faults: frozenset[Fault]
    begin: float
    end: float = math.inf


class Weather:
    """The faults of the past; times are seconds on one clock."""

    def __init__(self) -> None:
        self._spells: list[_Spell] = []

    def turn(self, faults: Iterable[Fault], now: float) -> None:
        """From now on these are active, and only these."""
        if self._spells:
            self._spells[-1].end = now
        self._spells.append(_Spell(frozenset(faults), now))

    def between(self, begin: float, end: float) -> frozenset[Fault]:
        """All that was active at some time between."""
        found: frozenset[Fault] = frozenset()
        for spell in reversed(self._spells):
            if spell.end < begin:
                break
            if spell.begin <= end:
                found |= spell.faults
        return found
