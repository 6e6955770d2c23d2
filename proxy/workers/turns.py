"""Whose turn it is, for each key, and what those that had theirs left for the others."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    Give = Callable[[bytes | None], None]

MAX_KEPT: Final = 4096


@dataclass(slots=True)
class _Line:
    """Who has the turn, and who waits for it, the first first."""

    holder: Hashable
    waiting: deque[tuple[Hashable, Give]] = field(default_factory=deque)


class Turns:
    """Gives each key to one at a time.

    Args:
        clock: seconds, never going back.
        replay_seconds: how long an outcome is told to those who come late.
        max_kept: how many outcomes are kept; the oldest goes first.
    """

    def __init__(
        self, clock: Callable[[], float], *, replay_seconds: float, max_kept: int = MAX_KEPT
    ) -> None:
        self._clock = clock
        self._replay_seconds = replay_seconds
        self._max_kept = max_kept
        self._lines: dict[bytes, _Line] = {}
        self._outcomes: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()

    def __len__(self) -> int:
        """How many outcomes are kept and turns are taken."""
        return len(self._lines) + len(self._outcomes)

    def claim(self, key: bytes, who: Hashable, give: Give) -> None:
        """Stand in line.

        Args:
            key: what for.
            who: who stands there.
            give: called once, now or later: with an outcome, or with ``None`` when it is their turn.
        """
        self._forget_old()
        known = self._outcomes.get(key)
        if known is not None:
            give(known[1])
        elif key in self._lines:
            self._lines[key].waiting.append((who, give))
        else:
            self._lines[key] = _Line(who)
            give(None)

    def settle(self, key: bytes, who: Hashable, outcome: bytes | None) -> None:
        """Tell what came of a turn; without an outcome the next one has it.

        Whoever got tired of waiting and did without may settle as well.
        """
        line = self._lines.get(key)
        if outcome is not None:
            self._keep(key, outcome)
            for _, give in self._lines.pop(key).waiting if line is not None else ():
                give(outcome)
        elif line is not None:
            self._leave(key, line, who)

    def gone(self, who: Hashable) -> None:
        """Somebody will neither settle nor wait any more."""
        for key, line in list(self._lines.items()):
            self._leave(key, line, who)

    def _leave(self, key: bytes, line: _Line, who: Hashable) -> None:
        line.waiting = deque(each for each in line.waiting if each[0] != who)
        if line.holder != who:
            return
        if not line.waiting:
            del self._lines[key]
            return
        line.holder, give = line.waiting.popleft()
        give(None)

    def _keep(self, key: bytes, outcome: bytes) -> None:
        self._outcomes.pop(key, None)
        self._outcomes[key] = (self._clock(), outcome)
        if len(self._outcomes) > self._max_kept:
            self._outcomes.popitem(last=False)

    def _forget_old(self) -> None:
        end = self._clock() - self._replay_seconds
        while self._outcomes and next(iter(self._outcomes.values()))[0] <= end:
            self._outcomes.popitem(last=False)
