"""Writes one sealed value to Redis, reads it and takes it away, over the proxy's own kind of connection."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any

from proxy.aead import NONCE_SIZE
from proxy.cache.shared.dialing import dialer
from proxy.cache.shared.limits import Reason
from proxy.cache.shared.sealing import Content, Keyring, UnopenableError
from proxy.cache.shared.wire import LinkError, RefusedError
from proxy.doctor.judging.redis import Unusable, Used

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.cache.shared.wire import Command, Wire
    from proxy.config.model import Config

SECONDS = 5.0
"""For all of it."""
_KEPT_MS = b"30000"
_LONGEST_PTTL = 30_000
_PINGS = 3


async def try_redis(config: Config, seconds: float = SECONDS) -> Unusable | Used | None:
    """What came of it; ``None`` when no address or no session secret is configured."""
    secrets = [
        secret.reveal().encode("utf-8", "surrogateescape") for secret in config.session.secrets if secret
    ]
    if not config.cache.redis_url or not secrets:
        return None
    try:
        dial = dialer(config.cache.redis_url)
    except OSError as error:
        return Unusable(sentence=str(error))
    try:
        async with asyncio.timeout(seconds):
            wire = await dial()
            try:
                return await _use(wire, Keyring(secrets))
            finally:
                await wire.close()
    except TimeoutError:
        return Unusable(Reason.TIMEOUT)
    except LinkError as error:
        return Unusable(error.reason, error.word)


async def _use(wire: Wire, keyring: Keyring) -> Used:
    payload = os.urandom(16)
    name = keyring.names("doctor", 1, payload)[0]
    box = keyring.seal(name, Content(payload, time.time()), os.urandom(NONCE_SIZE))
    seconds = min([await _timed(wire) for _ in range(_PINGS)])
    await _ask(wire, (b"SET", name, box, b"PX", _KEPT_MS))
    found = await _ask(wire, (b"GET", name))
    left = await _ask(wire, (b"PTTL", name))
    await _ask(wire, (b"DEL", name))
    policy, max_memory = await _memory(wire)
    return Used(
        seconds,
        same=_opens(keyring, name, found, payload),
        expires=isinstance(left, int) and 0 <= left <= _LONGEST_PTTL,
        policy=policy,
        max_memory=max_memory,
    )


def _opens(keyring: Keyring, name: bytes, box: Any, payload: bytes) -> bool:
    try:
        return isinstance(box, bytes) and keyring.open(0, name, box).payload == payload
    except UnopenableError:
        return False


async def _timed(wire: Wire) -> float:
    started = time.monotonic()
    await _ask(wire, (b"PING",))
    return time.monotonic() - started


async def _ask(wire: Wire, command: Command) -> Any:
    commands: Sequence[Command] = (command,)
    await wire.send(commands)
    return await wire.receive()


async def _memory(wire: Wire) -> tuple[str, int | None]:
    """``maxmemory_policy`` and ``maxmemory``, by ``INFO``, which fewer servers forbid than ``CONFIG``."""
    try:
        text = await _ask(wire, (b"INFO", b"memory"))
    except RefusedError:
        return "", None
    lines = text.decode("ascii", "replace").splitlines() if isinstance(text, bytes) else []
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    limit = fields.get("maxmemory", "")
    return fields.get("maxmemory_policy", "")[:32], int(
        limit
    ) if limit.isascii() and limit.isdigit() else None
