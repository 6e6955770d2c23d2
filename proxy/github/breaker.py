"""Whether a host is worth a call: after failures in a row it is left alone for a while; no I/O here.

States::

    closed ──(``failures`` in a row)──► open ──(cooled off)──► half-open: one call tries, the others fail
       ▲                                 ▲                          │
       └────────(an answer, any)─────────┼──────────────────────────┤
                                         └──(twice as long)─────────┘ it failed

A failure is no answer at all, or a 5xx. What GitHub refuses (4xx) is an answer.
"""

from __future__ import annotations

import math


class Breaker:
    """The state of one host.

    Args:
        failures: how many in a row open it.
        apart: seconds after which a failure is no longer in a row with the one before.
        cooling: seconds that it stays open at first.
        longest: seconds that it stays open at most.
    """

    def __init__(
        self, *, failures: int = 5, apart: float = 30.0, cooling: float = 5.0, longest: float = 60.0
    ) -> None:
        self._most = failures
        self._apart = apart
        self._first = cooling
        self._longest = longest
        self._failed_at = 0.0
        self._opened_at = 0.0
        self._cooling = 0.0
        self._trying = False
        self.failures = 0

    @property
    def is_open(self) -> bool:
        """Whether calls are turned away, but for the one that tries."""
        return self._cooling > 0

    def refusal(self, now: float) -> int | None:
        """Seconds until the next call may try, ``None`` when this one may."""
        if not self.is_open:
            return None
        self._opened_at = min(self._opened_at, now)  # a clock that was set back does not keep it open
        left = self._opened_at + self._cooling - now
        if left > 0:
            return math.ceil(left)
        return 1 if self._trying else None

    def enter(self) -> bool:
        """Note that a call is sent which ``refusal`` let pass; whether it is the one that tries."""
        if self.is_open:
            self._trying = True
        return self.is_open

    def answered(self) -> None:
        """Note an answer, to any call: the host is well."""
        self.failures = 0
        self._cooling = 0.0
        self._trying = False

    def failed(self, now: float, *, trying: bool) -> None:
        """Note a failure; ``trying`` is what ``enter`` said of the call."""
        if self.is_open and not trying:
            return  # it was sent before
        in_a_row = trying or 0 <= now - self._failed_at <= self._apart
        self.failures = self.failures + 1 if in_a_row else 1
        self._failed_at = now
        if trying or self.failures >= self._most:
            self._cooling = min(self._cooling * 2, self._longest) if trying else self._first
            self._opened_at = now
            self._trying = False

    def given_up(self, *, trying: bool) -> None:
        """Note that a call was given up by its caller, which says nothing of the host."""
        if trying:
            self._trying = False
