"""The person on whose behalf GitHub is asked."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person by their token.

    Attributes:
        token: the GitHub token; goes to GitHub and nowhere else.
        key: a keyed hash of it, by which the person is known in the cache.
    """

    token: str = field(repr=False)
    key: bytes


class Viewers:
    """Makes viewers; the hash's key comes from the session secret, so replicas agree on it."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"pyroscope-source-proxy viewer\0" + secret).digest()

    def viewer(self, tenant: str, token: str) -> Viewer:
        """The viewer with this token, told apart from the same token under another tenant."""
        return Viewer(token, hmac.digest(self._key, f"{tenant}\0{token}".encode(), "sha256"))
