"""The metrics of many processes as those of one.

Rules:

- What was counted is summed, that of processes which have ended as well: a total never goes down.
- Of what is held now, each metric is added up in its own way (``_GAUGES``), summed if nothing is said.
- What a Python process tells of itself is not added up; each process is shown, by the label ``process``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Labels: TypeAlias = tuple[tuple[str, str], ...]
Key: TypeAlias = tuple[str, Labels]

PROCESS_LABEL: Final = "process"
_OF_THE_PROCESS: Final = ("process_", "python_gc_")
_COUNTED: Final = frozenset({"counter", "histogram", "summary"})
_CREATED: Final = "_created"
_LIMIT: Final = "sourceproxy_github_rate_limit_limit"
_REMAINING: Final = "sourceproxy_github_rate_limit_remaining"
_RESET: Final = "sourceproxy_github_rate_limit_reset_timestamp_seconds"
_WINDOW: Final = (_LIMIT, _REMAINING, _RESET)
_GAUGES: Final[Mapping[str, Callable[[float, float], float]]] = {
    # What runs is the same everywhere, and so are the bounds of the platform.
    "sourceproxy_build_info": max,
    "python_info": max,
    # One process that refuses is reason enough to look.
    "sourceproxy_config_last_reload_successful": min,
    "sourceproxy_github_breaker_open": max,
}


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples, as the client library has it."""

    name: str
    documentation: str
    type: str
    unit: str
    samples: tuple[tuple[str, Labels, float], ...]


Families: TypeAlias = "Sequence[Family]"


def add_up(processes: Mapping[str, Families], ended: Families, now: float) -> list[Family]:
    """The metrics of all processes.

    Args:
        processes: those that run, by the name under which each is shown.
        ended: what those that ended had counted; see ``remember``.
        now: Unix seconds, against which GitHub's windows are held.
    """
    found: dict[str, list[tuple[str, Family]]] = {}
    for name, families in (*processes.items(), ("", ended)):
        for family in families:
            found.setdefault(family.name, []).append((name, family))
    added = [_of_all(members) for members in found.values()]
    return _with_windows(added, list(processes.values()), now)


def remember(ended: Families, last: Families) -> list[Family]:
    """What ended processes had counted, with what another one had counted last."""
    counted = [
        family for family in last if family.type in _COUNTED and not family.name.startswith(_OF_THE_PROCESS)
    ]
    return add_up({"": counted}, ended, 0.0)


def _of_all(members: Sequence[tuple[str, Family]]) -> Family:
    first = members[0][1]
    if first.name.startswith(_OF_THE_PROCESS):
        samples = tuple(
            (sample, ((PROCESS_LABEL, process), *labels), value)
            for process, family in members
            for sample, labels, value in family.samples
        )
        return _with_samples(first, samples)
    merge = _sum if first.type in _COUNTED else _GAUGES.get(first.name, _sum)
    return _with_samples(first, _merged([family for _, family in members], merge))


def _merged(
    families: Iterable[Family], merge: Callable[[float, float], float]
) -> tuple[tuple[str, Labels, float], ...]:
    values: dict[Key, float] = {}
    for family in families:
        for name, labels, value in family.samples:
            key = (name, labels)
            if key not in values:
                values[key] = value
            elif name.endswith(_CREATED):
                values[key] = min(values[key], value)
            else:
                values[key] = merge(values[key], value)
    return tuple((name, labels, value) for (name, labels), value in values.items())


def _with_windows(added: list[Family], processes: Sequence[Families], now: float) -> list[Family]:
    """Show of each resource the window with the fewest calls left, of those that have not passed."""
    windows = [_windows(families) for families in processes]
    lowest: dict[Labels, tuple[float, float, float]] = {}
    for labels in dict.fromkeys(labels for each in windows for labels in each):
        current = [each[labels] for each in windows if labels in each and each[labels][2] > now]
        lowest[labels] = min(current, key=lambda window: window[1], default=(0.0, 0.0, 0.0))
    return [
        _with_samples(
            family,
            tuple(
                (family.name, labels, window[_WINDOW.index(family.name)]) for labels, window in lowest.items()
            ),
        )
        if family.name in _WINDOW
        else family
        for family in added
    ]


def _windows(families: Families) -> dict[Labels, tuple[float, float, float]]:
    """By resource: limit, remaining, reset."""
    values = {
        (name, labels): value
        for family in families
        if family.name in _WINDOW
        for name, labels, value in family.samples
    }
    resources = dict.fromkeys(labels for _, labels in values)
    return {
        labels: (
            values.get((_LIMIT, labels), 0.0),
            values.get((_REMAINING, labels), 0.0),
            values.get((_RESET, labels), 0.0),
        )
        for labels in resources
    }


def _with_samples(family: Family, samples: tuple[tuple[str, Labels, float], ...]) -> Family:
    return Family(family.name, family.documentation, family.type, family.unit, samples)


def _sum(one: float, other: float) -> float:
    return one + other
