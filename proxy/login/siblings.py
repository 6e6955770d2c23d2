"""One refresh for all processes of one proxy, with or without Redis.

Rules:

- Who is given the turn asks, and then settles what came of it; the others are told the same.
- A grant and a refusal are settled for the replay time; after a failure that may pass, the next one in line
  has the turn.
- The turn of a process that dies passes on. The dead one may have used the refresh token, and its answer is
  lost with it, as in ``replicas``.
- Nobody waits longer than a refresh can take. Whoever does then asks for itself.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from proxy.cache.shared.codecs import UndecodableError
from proxy.errors import Code, RpcError
from proxy.login.replicas import Refusal, told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.cache.shared.codecs import Codec

T = TypeVar("T")


class Turnstile(Protocol):
    """Lets one process at a time through, for each key.

    Attributes:
        secret: random bytes, the same in every process.
    """

    secret: bytes

    async def claim(self, key: bytes) -> bytes | None:
        """Wait for the turn (``None``), or for what another process has settled.

        Raises:
            OSError: there is nobody to ask.
        """

    def settle(self, key: bytes, outcome: bytes | None) -> None:
        """Tell what came of it; ``None``: nothing that lasts."""


class Siblings(Generic[T]):
    """The refreshes of all processes of this proxy.

    Args:
        turnstile: ``None`` when there is one process only.
        codec: how outcomes are told.
        seconds: how long a refresh takes at most.
    """

    def __init__(self, turnstile: Turnstile | None, codec: Codec[T | Refusal], *, seconds: float) -> None:
        self._turnstile = turnstile
        self._codec = codec
        self._seconds = seconds
        self._secret = secrets.token_bytes(32) if turnstile is None else turnstile.secret

    def key(self, tenant: str, refresh_token: str) -> bytes:
        """By what a refresh is known: a keyed hash, which does not change with the session's secrets."""
        return hmac.digest(self._secret, f"{tenant}\0{refresh_token}".encode(), "sha256")

    async def once(self, key: bytes, refresh: Callable[[], Awaitable[tuple[T, bool]]]) -> tuple[T, bool]:
        """The outcome of a refresh, and whether somebody else had asked for it.

        Args:
            key: what makes two refreshes the same.
            refresh: asks GitHub, or learns from a replica; tells which.

        Raises:
            RpcError: whatever ``refresh`` raises, here or in the process that asked.
        """
        turnstile = self._turnstile
        if turnstile is None:
            return await refresh()
        settled = await self._claim(turnstile, key)
        if settled is not None:
            with suppress(UndecodableError):  # of a process of another release, installed meanwhile
                return told(self._codec.decode(settled)), True
        outcome = None
        try:
            granted, elsewhere = await refresh()
            outcome = self._codec.encode(granted)
        except RpcError as error:
            if error.code is Code.UNAUTHENTICATED:
                outcome = self._codec.encode(Refusal(error.message))
            raise
        finally:
            turnstile.settle(key, outcome)
        return granted, elsewhere

    async def _claim(self, turnstile: Turnstile, key: bytes) -> bytes | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await turnstile.claim(key)
        except (TimeoutError, OSError):
            return None
