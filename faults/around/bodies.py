"""Bodies that can be told from each other by every byte."""

from __future__ import annotations

import hashlib
from functools import lru_cache

KIB, MIB = 1024, 1024 * 1024
SIZES = (0, 1, KIB, 40 * KIB, 100 * KIB, MIB)


@lru_cache(maxsize=64)
def body(seed: int, size: int) -> bytes:
    """The body of that seed: no two seeds have a piece in common."""
    return hashlib.shake_128(b"%d" % seed).digest(size)


def digest(data: bytes) -> str:
    """What tells whether a body arrived as it was sent."""
    return hashlib.sha256(data).hexdigest()
