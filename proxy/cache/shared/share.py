"""A named cache's part of what replicas share: values instead of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from proxy.cache.model import Entry
from proxy.cache.shared.codecs import UndecodableError
from proxy.cache.shared.limits import Reason
from proxy.cache.shared.store import Address

if TYPE_CHECKING:
    from collections.abc import Hashable

    from proxy.cache.shared.codecs import Codec
    from proxy.cache.shared.store import Claim, Lock, SharedStore

V = TypeVar("V")


class Share(Generic[V]):
    """Values of one kind in the shared store.

    Args:
        store: where they are.
        name: that of the named cache.
        codec: how they are written.
    """

    def __init__(self, store: SharedStore, name: str, codec: Codec[V]) -> None:
        self._store = store
        self._name = name
        self._codec = codec

    @property
    def up(self) -> bool:
        """Whether Redis is asked at the moment."""
        return self._store.up

    @property
    def hopeful(self) -> bool:
        """Whether Redis is asked at the moment, or may be in a moment."""
        return self._store.hopeful

    async def get(self, key: Hashable) -> Entry[V] | None:
        """The entry with the time that is left to it; its size is not known."""
        found = await self._store.get(self._address(key))
        if found is None:
            return None
        try:
            value = self._codec.decode(found.payload)
        except UndecodableError:
            self._store.failed(Reason.GARBLED)
            return None
        return Entry(value, ttl=found.ttl, grace=found.grace)

    def put(self, key: Hashable, entry: Entry[V]) -> None:
        """Share an entry behind; one that its codec cannot write is not shared."""
        try:
            payload = self._codec.encode(entry.value)
        except (TypeError, ValueError):
            # Not to be shared is no reason to fail a request; an older value must not stay, though.
            self.forget(key)
            return
        self._store.put(self._address(key), payload, ttl=entry.ttl, grace=entry.grace)

    def forget(self, key: Hashable) -> None:
        """Drop an entry."""
        self._store.forget(self._address(key))

    def lock(self, key: Hashable, seconds: float) -> Lock:
        """The lock of this key; see ``SharedStore.lock``."""
        # The same for replicas of two releases, whatever they write.
        return self._store.lock(Address(f"{self._name} lock", 0, key), seconds)

    async def claim(self, lock: Lock) -> Claim:
        """Take the lock, unless somebody holds it."""
        return await self._store.claim(lock)

    def release(self, lock: Lock) -> None:
        """Give it back."""
        self._store.release(lock)

    def _address(self, key: Hashable) -> Address:
        return Address(self._name, self._codec.version, key)
