"""What each token may still ask of GitHub, from what GitHub's answers said; no I/O, time is passed in.

Rules:

- A refused call (``refused``) holds back every further one until GitHub allows it: as long as it says,
  else a minute, doubled each time it still refuses afterwards, up to a quarter of an hour.
- A primary limit holds back one resource of one token: REST and GraphQL have budgets of their own. So
  does an answer after which nothing is left of a window.
- A secondary limit holds back both resources of the token: concurrency is shared by REST and GraphQL,
  and a refusal does not say which of the limits it was.
- Refusals that answer calls sent before the first of them was read are one refusal, not many.
- After a secondary limit, or one whose length was guessed, calls go one at a time (``on_probation``)
  until one is answered: calling on while limited may get the App banned.
- Below the reserve nothing is spare for what no person waits for.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from proxy.github.limits import OAUTH, TOKENS_KEPT, UNTOLD_WAIT, Kind, Limited, Windows

LONGEST_UNTOLD_WAIT = 900
_NEARLY_SPENT = 30
"""As many as may be under way for a token at once (``places``)."""
_RESOURCES = ("core", "graphql", OAUTH)
_FORGOTTEN_AFTER = 3600.0
_BOTH = ""
"""Stands where a resource's name does, for what holds back all of them."""


@dataclass(slots=True)
class _Pause:
    """Nothing is sent for ``seconds`` from ``start`` on; ``strikes`` counts the waits that were guessed."""

    kind: Kind
    start: float
    seconds: float
    strikes: int

    def left(self, now: float) -> float:
        """Seconds that it still lasts; a clock that was set back does not lengthen it."""
        self.start = min(self.start, now)
        return max(self.start + self.seconds - now, 0.0)


class Budget:
    """The standing of every token seen, by ``limits.token_key``.

    Args:
        reserve: calls left of a window below which nothing speculative is sent.
        most: how many tokens are remembered.
    """

    def __init__(self, reserve: int, most: int = TOKENS_KEPT) -> None:
        self.windows = Windows(most)
        self._reserve = reserve
        self._most = most
        self._pauses: dict[tuple[str, str], _Pause] = {}

    def refused(self, key: str, resource: str, limit: Limited, now: float) -> Limited:
        """Note a refusal for the rate; the answer is the same refusal with the wait that follows from it."""
        where = (key, _BOTH if limit.kind == "secondary" else resource)
        known = self._known(where, now)
        strikes, left = (known.strikes, known.left(now)) if known else (0, 0.0)
        if left:
            seconds = max(left, limit.retry_after) if limit.told else left
        elif limit.told:
            seconds = limit.retry_after
        else:
            seconds = min(UNTOLD_WAIT * 2**strikes, LONGEST_UNTOLD_WAIT)
            strikes = min(strikes + 1, 10)
        self._pauses.pop(where, None)
        self._pauses[where] = _Pause(limit.kind, now, seconds, strikes)
        if len(self._pauses) > self._most:
            self._shrink(now)
        return Limited(limit.kind, math.ceil(seconds), limit.told)

    def accepted(self, key: str, resource: str, now: float) -> None:
        """Note an answer that was no refusal for the rate: what had been held back is back to normal.

        While it is held back, such an answer belongs to a call that was sent before.
        """
        for where in ((key, resource), (key, _BOTH)):
            pause = self._pauses.get(where)
            if pause is not None and not pause.left(now):
                del self._pauses[where]

    def held(self, key: str, resource: str, now: float) -> Limited | None:
        """Why and for how many seconds nothing may be sent, ``None`` when something may."""
        pauses = [self._pauses.get((key, which)) for which in (resource, _BOTH)]
        holding = [(pause.left(now), pause.kind) for pause in pauses if pause is not None]
        window = self.windows.of(key, resource, now)
        if window is not None and window.remaining == 0:
            holding.append((window.reset - now, "primary"))
        left, kind = max(holding, default=(0.0, "primary"))
        return Limited(kind, math.ceil(left)) if left > 0 else None

    def on_probation(self, key: str, now: float) -> bool:
        """Whether it is yet to be seen that GitHub answers this token again."""
        pauses = [self._known((key, which), now) for which in (*_RESOURCES, _BOTH)]
        return any(pause is not None and (pause.strikes or pause.kind == "secondary") for pause in pauses)

    def is_low(self, key: str, resource: str, now: float, under_way: int = 0) -> bool:
        """Whether fewer calls than the reserve are left, those that are ``under_way`` taken off."""
        window = self.windows.of(key, resource, now)
        return window is not None and window.remaining - under_way < self._reserve

    def is_nearly_spent(self, key: str, resource: str, now: float) -> bool:
        """Whether so few calls are left that those under way may use them up."""
        window = self.windows.of(key, resource, now)
        return window is not None and window.remaining < _NEARLY_SPENT

    def _known(self, where: tuple[str, str], now: float) -> _Pause | None:
        """A pause that is in force or ended not long ago."""
        pause = self._pauses.get(where)
        if pause is not None and now > pause.start + pause.seconds + _FORGOTTEN_AFTER:
            del self._pauses[where]
            return None
        return pause

    def _shrink(self, now: float) -> None:
        """Forget what has ended, and of the rest what ends soonest, some more at once."""
        soonest = sorted(self._pauses, key=lambda where: self._pauses[where].left(now))
        ended = sum(1 for where in soonest if not self._pauses[where].left(now))
        for where in soonest[: max(ended, len(soonest) - self._most + self._most // 10)]:
            del self._pauses[where]
