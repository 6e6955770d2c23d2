"""What was worked out before, for equal questions: a bounded memory that forgets what nobody asks for.

It is for values of pure functions, where the memory's answer and a new one are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

V = TypeVar("V")

_MOST, _MOST_BYTES = 512, 1024 * 1024
_SECONDS = 60.0


class Known(Generic[V]):
    """A bounded memory in two generations: what is asked for moves to the younger, the older is dropped.

    That costs one look into a dictionary where something is known, which an order of use would not.

    Args:
        most: how many one generation holds.
        most_bytes: how many bytes one generation takes, as far as ``keep`` is told.
    """

    def __init__(self, most: int = _MOST, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._young: dict[Hashable, tuple[V, int]] = {}
        self._old: dict[Hashable, tuple[V, int]] = {}
        self._bytes = 0
        self._since = 0.0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: Hashable) -> V | None:
        """What was kept, if it is still there."""
        found = self._young.get(key)
        if found is not None:
            return found[0]
        found = self._old.pop(key, None)
        if found is None:
            return None
        self.keep(key, *found)
        return found[0]

    @property
    def young(self) -> Mapping[Hashable, tuple[V, int]]:
        """What was asked for of late, and its size, to look at without a call; ``get`` has the rest."""
        return self._young

    def keep(self, key: Hashable, value: V, size: int) -> None:
        """Remember a value; ``size`` is how many bytes it and its key take in memory."""
        if len(self._young) >= self._most or self._bytes + size > self._most_bytes:
            self._turn()
        self._young[key] = value, size
        self._bytes += size

    def tick(self, now: float) -> None:
        """Forget what was not asked for in two minutes at most."""
        if now - self._since >= _SECONDS:
            self._since = now
            self._turn()

    def _turn(self) -> None:
        self._old, self._young, self._bytes = self._young, {}, 0
