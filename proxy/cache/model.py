"""What goes into the cache: a value with its size and how long it may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Entry(Generic[V]):
    """What a load brings back.

    Attributes:
        value: the value; ``None`` is a value like any other ("not there" is worth remembering).
        size: bytes that the value takes in memory; ``None`` leaves the counting to the cache's sizer.
            The key and the cache's own overhead are added by the cache.
        ttl: seconds for which the value is believed; ``None``: for ever; zero or less: it is handed
            to those who wait for it and not kept.
        grace: seconds after ``ttl`` for which ``NamedCache.get_stale`` still gives it.
    """

    value: V
    size: int | None = None
    ttl: float | None = None
    grace: float = 0.0
