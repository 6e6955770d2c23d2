"""Whether the proxy's metrics say what the clients saw: requests by route and status.

A client that saw a whole answer knows its status; one that left, or was cut off, does not, so such
requests may be counted under any status, or not at all where they never arrived::

    for each route:  counted[status] >= seen[status]     and     sum(counted) - sum(seen) <= unknown
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUESTS = "sourceproxy_request_duration_seconds_count"
_SAMPLE = r"^%s(?:\{([^}]*)\})? (\S+)"
"""A line of the text format; none of the labels asked for holds a brace or a quote."""
Key = tuple[str, str]
"""Route and status."""


class Seen:
    """What the clients saw.

    Attributes:
        whole: whole answers by route and status.
        unknown: requests by route whose answer nobody saw to its end.
    """

    def __init__(self) -> None:
        self.whole: Counter[Key] = Counter()
        self.unknown: Counter[str] = Counter()

    def answered(self, route: str, status: int) -> None:
        """A whole answer came."""
        self.whole[route, str(status)] += 1

    def lost(self, route: str, most: int = 1) -> None:
        """Up to so many requests were sent of whose answers nothing is known."""
        self.unknown[route] += most

    def copy(self) -> Seen:
        """What was seen until now."""
        copied = Seen()
        copied.whole = self.whole.copy()
        copied.unknown = self.unknown.copy()
        return copied

    def since(self, before: Seen) -> Seen:
        """What was seen after ``before``."""
        found = Seen()
        found.whole = self.whole - before.whole
        found.unknown = self.unknown - before.unknown
        return found


def value(text: str, name: str) -> float:
    """The sum of a metric's samples, zero when there is none.

    Args:
        text: a scrape.
        name: of the samples, at will with one label: ``name{label="value"}``.
    """
    name, _, label = name.partition("{")
    found = re.findall(_SAMPLE % re.escape(name), text, re.MULTILINE)
    return sum(float(number) for labels, number in found if label.removesuffix("}") in labels)


def requests(text: str) -> Counter[Key]:
    """Requests by route and status that a scrape tells."""
    counted: Counter[Key] = Counter()
    for labels, number in re.findall(_SAMPLE % _REQUESTS, text, re.MULTILINE):
        of = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        counted[of["route"], of["status_code"]] = int(float(number))
    return counted


def disagreements(counted: Mapping[Key, int], seen: Seen) -> list[str]:
    """Where the metrics and the clients contradict each other, in sentences; empty when they agree."""
    found = [
        f"{route} {status}: {number} answers were seen, {counted.get((route, status), 0)} counted"
        for (route, status), number in sorted(seen.whole.items())
        if counted.get((route, status), 0) < number
    ]
    for route in sorted({route for route, _ in [*counted, *seen.whole]}):
        total = sum(number for (of, _), number in counted.items() if of == route)
        known = sum(number for (of, _), number in seen.whole.items() if of == route)
        if total - known > seen.unknown[route]:
            unknown = seen.unknown[route]
            found.append(
                f"{route}: {total} counted, but {known} answers and {unknown} unknown ends were seen"
            )
    return found
