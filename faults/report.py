"""The table at the end, and every violation in its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faults.playing import Row

_NAME = 52


def headline() -> str:
    """The heads of the columns."""
    numbers = f"{'requests':>8} {'well after':>10}"
    return f"{'what broke':{_NAME}} {numbers}  at rest after it; what was seen meanwhile"


def line(row: Row) -> str:
    """One scenario."""
    seen = ", ".join(f"{number} {outcome}" for outcome, number in row.unusual.most_common())
    verdict = f"   {row.violations} VIOLATIONS" if row.violations else ""
    return (
        f"{row.name:{_NAME}.{_NAME}} {row.requests:8} {row.recovered:8.1f} s  {row.holding}; "
        f"{seen or 'nothing unusual'}{verdict}"
    )


def verdict(rows: Sequence[Row], violations: Sequence[str], broken: int) -> list[str]:
    """What it comes to."""
    requests = sum(row.requests for row in rows)
    if not broken:
        return [f"{len(rows)} scenarios, {requests} requests: every rule held."]
    shown = [f"  {violation}" for violation in violations]
    more = [f"  and {broken - len(shown)} more"] if broken > len(shown) else []
    return [f"{broken} violations in {len(rows)} scenarios, {requests} requests:", *shown, *more]
