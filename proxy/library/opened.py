"""The viewers of cookies that were opened a moment ago, so that none is opened for every request."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from proxy.library.viewer import Viewer
    from proxy.session import Token

MOST = 16_384
"""How many are remembered at most; 430 bytes each."""


class Opened:
    """Viewers by a keyed hash of tenant and cookies, each until its token ends.

    Args:
        clock: Unix seconds.
        most: how many are remembered; those that were not asked for longest go first.
    """

    def __init__(self, clock: Callable[[], float], most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._secret = secrets.token_bytes(32)
        self._viewers: OrderedDict[bytes, tuple[Viewer, float | None]] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._viewers)

    def key(self, tenant: str, cookies: Sequence[str]) -> bytes:
        """What stands for these very cookies of this tenant; tells nothing of them."""
        hashed = hashlib.blake2b(key=self._secret, digest_size=32)
        for text in (tenant, *cookies):
            data = text.encode("utf-8", "surrogateescape")
            # With its length, so that no two sequences are hashed alike.
            hashed.update(b"%d:" % len(data) + data)
        return hashed.digest()

    def get(self, key: bytes) -> Viewer | None:
        """The viewer whose session this is; ``None`` when it is not known or its token has ended."""
        found = self._viewers.get(key)
        if found is None:
            return None
        viewer, end = found
        if end is not None and end <= self._clock():
            del self._viewers[key]
            return None
        self._viewers.move_to_end(key)
        return viewer

    def keep(self, key: bytes, viewer: Viewer, token: Token) -> None:
        """Remember a viewer until the token ends."""
        self._viewers[key] = viewer, token.expiry.timestamp() if token.expiry is not None else None
        now = self._clock()
        while len(self._viewers) > self._most or self._oldest_has_ended(now):
            self._viewers.popitem(last=False)

    def _oldest_has_ended(self, now: float) -> bool:
        """Nobody asks with a token that has ended, so that these are the ones not asked for longest."""
        _, end = next(iter(self._viewers.values()), (None, None))
        return end is not None and end <= now
