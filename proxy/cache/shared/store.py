"""Entries that replicas share, in Redis or Valkey: found, put, forgotten, and locks.

Rules:

- Nothing here raises for anything that Redis does or holds, and nothing waits longer than its limit.
  What does not come in time, or is not ours, was not found.
- Writing happens behind: nobody waits for it, and it may not happen at all.
- How long an entry holds is counted from when it was made, whichever replica made it; replicas need
  clocks that agree.
- What this replica has forgotten it does not find again, even if Redis still has it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import Enum
from math import inf
from typing import TYPE_CHECKING

from proxy import tracing
from proxy.aead import NONCE_SIZE
from proxy.cache.shared.limits import Limits, Reason
from proxy.cache.shared.sealing import Content, UnopenableError
from proxy.cache.shared.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from proxy.cache.shared.link import Link
    from proxy.cache.shared.sealing import Keyring
    from proxy.cache.shared.wire import Command, Reply
    from proxy.live import Live

_MAX_FORGOTTEN = 4096
# One value for each key. All keys or none, since the lock has a name under each secret.
_CLAIM = b"""for _, key in ipairs(KEYS) do if redis.call('EXISTS', key) == 1 then return 0 end end
for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[i], 'PX', ARGV[#KEYS + 1]) end return 1"""
_RELEASE = b"""for i, key in ipairs(KEYS) do
if redis.call('GET', key) == ARGV[i] then redis.call('DEL', key) end end return 1"""


@dataclass(frozen=True, slots=True)
class Address:
    """Which entry: the named cache, the version of its codec, and the key in it."""

    cache: str
    version: int
    key: Hashable = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        payload: as it was put.
        ttl: seconds for which it is still believed; ``None``: for ever.
        grace: seconds after that for which it is better than nothing.
    """

    payload: bytes = field(repr=False)
    ttl: float | None
    grace: float


@dataclass(frozen=True, slots=True)
class Lock:
    """What somebody holds who has taken a lock: its names, and for each a box that nobody else can make."""

    names: tuple[bytes, ...]
    boxes: tuple[bytes, ...] = field(repr=False)
    seconds: float


class Claim(Enum):
    """Whether a lock was taken; ``UNKNOWN`` when Redis does not say, or holds what is no lock of ours."""

    TAKEN = "taken"
    HELD = "held"
    UNKNOWN = "unknown"


class SharedStore:
    """Sealed entries and locks in Redis.

    Args:
        keys: name and seal.
        reads: the connection that is waited for.
        writes: another one, so that no look-up stands behind a large value on its way out.
        clock: Unix time in seconds.
        random: makes random bytes.
        failed: told each reason for which what Redis holds was of no use.
        limits: how long and how much.
    """

    def __init__(
        self,
        keys: Live[Keyring],
        *,
        reads: Link,
        writes: Link,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        failed: Callable[[Reason], None],
        limits: Limits,
    ) -> None:
        self._keys = keys
        self._reads = reads
        self._writes = writes
        self._clock = clock
        self._random = random
        self.failed = failed
        self._limits = limits
        # When this replica forgot what has that name, the oldest first.
        self._forgotten: OrderedDict[bytes, float] = OrderedDict()

    @property
    def up(self) -> bool:
        """Whether Redis is asked at the moment."""
        return self._reads.up

    @property
    def hopeful(self) -> bool:
        """Whether Redis is asked at the moment, or was lost so lately that it may be back in a moment."""
        return self._reads.up or self._writes.accepts

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._reads.start()
        self._writes.start()

    async def aclose(self) -> None:
        """Write what waits to be written, for a short while, and close the connections."""
        await self._writes.aclose()
        await self._reads.aclose()

    async def get(self, address: Address) -> Found | None:
        """The entry, unless there is none, it is past its time, or Redis does not say in time."""
        if not self._reads.up:
            return None
        names = self._names(address)
        try:
            boxes = await self._ask("MGET", (b"MGET", *names), self._limits.read)
        except LinkError:
            return None
        if not isinstance(boxes, list) or len(boxes) != len(names):
            self.failed(Reason.GARBLED)
            return None
        for number, (name, box) in enumerate(zip(names, boxes, strict=True)):
            found = self._opened(number, name, box) if box is not None else None
            if found is not None:
                return found
        return None

    def put(self, address: Address, payload: bytes, *, ttl: float | None = None, grace: float = 0.0) -> None:
        """Share an entry, some time soon, in the place of any other.

        Args:
            address: which entry.
            payload: its value.
            ttl: seconds for which it is believed, ``None`` for ever; zero or less: as ``forget``.
            grace: seconds after that for which it is better than nothing.
        """
        if len(payload) > self._limits.value or (ttl is not None and not ttl > 0):
            self.forget(address)
            return
        if not self._writes.accepts:
            return
        now = self._clock()
        name, *older = self._names(address)
        expires_at = inf if ttl is None else now + ttl
        grace = min(grace, self._limits.longest_kept) if grace > 0 else 0.0
        content = Content(payload, now, expires_at, grace)
        box = self._keys.value.seal(name, content, self._random(NONCE_SIZE))
        kept = self._limits.longest_kept if ttl is None else min(ttl, self._limits.longest_kept)
        self._writes.tell((b"SET", name, box, b"PX", _milliseconds(kept)))
        if older:
            self._writes.tell((b"DEL", *older))

    def forget(self, address: Address) -> None:
        """Drop an entry: here at once, for other replicas some time soon."""
        names = self._names(address)
        now = self._clock()
        for name in names:
            self._forgotten.pop(name, None)
            self._forgotten[name] = now
        while len(self._forgotten) > _MAX_FORGOTTEN:
            self._forgotten.popitem(last=False)
        self._writes.tell((b"DEL", *names))

    def lock(self, address: Address, seconds: float) -> Lock:
        """A lock to be claimed.

        Args:
            address: which lock. It has a name under every secret, so that replicas exclude each other
                also while a secret is being changed.
            seconds: after which it falls open by itself.
        """
        names, now = self._names(address), self._clock()
        content = Content(b"", now, now + seconds)
        boxes = (
            self._keys.value.seal(name, content, self._random(NONCE_SIZE), number)
            for number, name in enumerate(names)
        )
        return Lock(names, tuple(boxes), seconds)

    async def claim(self, lock: Lock) -> Claim:
        """Take a lock, unless somebody holds it."""
        if not self._reads.up:
            return Claim.UNKNOWN
        life = _milliseconds(lock.seconds)
        command: Command = (b"SET", *lock.names, *lock.boxes, b"NX", b"PX", life)
        if len(lock.names) > 1:
            command = (b"EVAL", _CLAIM, b"%d" % len(lock.names), *lock.names, *lock.boxes, life)
        try:
            if await self._ask("lock", command, self._limits.lock) in (b"OK", 1):
                return Claim.TAKEN
            holding = await self._ask("MGET", (b"MGET", *lock.names), self._limits.lock)
        except LinkError:
            return Claim.UNKNOWN
        return Claim.HELD if self._is_held(lock.names, holding) else Claim.UNKNOWN

    def release(self, lock: Lock) -> None:
        """Give a lock back, some time soon, if it has not fallen open and been taken by another."""
        # Over the connection for writing, so that what was put before is there when the lock is gone.
        count = b"%d" % len(lock.names)
        self._writes.tell((b"EVAL", _RELEASE, count, *lock.names, *lock.boxes))

    async def _ask(self, name: str, command: Command, within: float) -> Reply:
        attributes = {"db.system.name": "redis", "db.operation.name": name}
        with tracing.span(f"Redis {name}", tracing.Kind.CLIENT, attributes):
            return await self._reads.ask(command, within)

    def _is_held(self, names: tuple[bytes, ...], boxes: object) -> bool:
        """Whether what is in a lock's place was put there by one of us and holds, or has just gone."""
        if not isinstance(boxes, list) or len(boxes) != len(names):
            return False
        if not any(boxes):
            return True
        found = zip(range(len(names)), names, boxes, strict=True)
        return any(self._opened(number, name, box) for number, name, box in found if box is not None)

    def _names(self, address: Address) -> tuple[bytes, ...]:
        return self._keys.value.names(address.cache, address.version, address.key)

    def _opened(self, number: int, name: bytes, box: object) -> Found | None:
        try:
            content = self._keys.value.open(number, name, box if isinstance(box, bytes) else b"")
        except UnopenableError:
            self.failed(Reason.GARBLED)
            return None
        now = self._clock()
        if content.made_at > now + self._limits.clock_skew:
            self.failed(Reason.CLOCK)
            return None
        if content.expires_at <= now or content.made_at <= self._forgotten.get(name, -inf):
            return None
        if content.expires_at == inf:
            return Found(content.payload, None, content.grace)
        # Never longer than it held when it was made, though our clock may be behind.
        ttl = content.expires_at - max(now, content.made_at)
        return Found(content.payload, ttl, content.grace) if ttl > 0 else None


def _milliseconds(seconds: float) -> bytes:
    return b"%d" % max(1, int(seconds * 1000))
