"""All that was judged: how often each group had which outcome, and every violation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from faults.judging.outcomes import USUAL, Fault, Group, allowed

if TYPE_CHECKING:
    from faults.judging.weather import Weather

_KEPT, _KEPT_OF_A_KIND = 100, 3


class Verdicts:
    """Judges outcomes by the weather.

    Attributes:
        outcomes: how often each group had which outcome.
        violations: sentences, the first ``_KEPT`` of them.
        broken_rules: how many there were.
        scenario: what the violations are said to have happened in.
        unusual_at: when an outcome came last that is none without a fault.
        usual_at: when each group last had the outcome that it has without a fault.
    """

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.outcomes: Counter[tuple[Group, str]] = Counter()
        self.violations: list[str] = []
        self.broken_rules = 0
        self.scenario = "at the start"
        self.unusual_at = 0.0
        self.usual_at: dict[Group, float] = {}
        self._kinds: Counter[tuple[str, object]] = Counter()

    def judge(self, group: Group, outcome: str, begin: float, end: float, detail: str) -> bool:
        """Count an outcome; whether it was allowed by what was broken between ``begin`` and ``end``."""
        self.outcomes[group, outcome] += 1
        if outcome in USUAL[group]:
            self.usual_at[group] = end
        else:
            self.unusual_at = end
        faults = self.weather.between(begin, end)
        fine = outcome in allowed(group, faults)
        if not fine:
            what = f"{group.value}: {outcome} after {end - begin:.2f} s{_while(faults)}: {detail}"
            self.violated(what, kind=(group, outcome))
        return fine

    def violated(self, what: str, kind: object = None) -> None:
        """A rule was broken; of one kind only the first few of a scenario are kept."""
        self.broken_rules += 1
        self._kinds[self.scenario, kind] += kind is not None
        if len(self.violations) < _KEPT and self._kinds[self.scenario, kind] <= _KEPT_OF_A_KIND:
            self.violations.append(f"[{self.scenario}] {what}")


def _while(faults: frozenset[Fault]) -> str:
    return " while " + " and ".join(sorted(fault.value for fault in faults)) if faults else ""
