"""The cache in this process's memory: named parts, one budget, true metrics, single-flight loads.

::

    cache = Cache(config.cache.max_size, metrics, time.monotonic)
    blobs: NamedCache[str, bytes] = cache.named("blobs", sizer=len)

    async def load() -> Entry[bytes]:
        return Entry(await ask_github(oid))

    content = await blobs.fetch(oid, load)

With a shared store and a codec, what memory does not know is asked of the other replicas' Redis before
it is loaded, and what was loaded or put is shared behind, without anybody waiting. Who opens the named
cache thereby decides that replicas share it; the rest of its face stays as it is.

It belongs to one event loop and is called from its thread only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from math import inf
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from proxy.cache.flights import Flights
from proxy.cache.model import Entry
from proxy.cache.shared.share import Share
from proxy.cache.sizes import size_of
from proxy.cache.store import Reason, Slot, Store

if TYPE_CHECKING:
    from proxy.cache.shared.codecs import Codec
    from proxy.cache.shared.store import SharedStore
    from proxy.metrics import Metrics

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
D = TypeVar("D")

Sizer = Callable[[Any], int]


class Cache:
    """The budget and the clock that all named caches share.

    Args:
        max_size: bytes that all entries together may take, keys and overhead counted.
        metrics: where look-ups, evictions, entries and bytes are shown.
        clock: seconds, never going back.
        shared: what replicas share, if they do; opened and closed by the caller.
    """

    def __init__(
        self,
        max_size: int,
        metrics: Metrics,
        clock: Callable[[], float],
        *,
        shared: SharedStore | None = None,
    ) -> None:
        self._metrics = metrics
        self._clock = clock
        self._shared = shared
        self._store = Store(max_size, self._count_eviction)
        self._flights = Flights()
        self._evictions: dict[tuple[str, Reason], Any] = {}
        metrics.cache_max_size.set(max_size)

    def named(
        self, name: str, sizer: Callable[[V], int] = size_of, *, codec: Codec[V] | None = None
    ) -> NamedCache[Any, V]:
        """Open a part of the cache.

        Args:
            name: the label in the metrics; each name has one owner.
            sizer: bytes of a value whose entry does not say; walks the value unless given.
            codec: writes values for other replicas; without one they are this process's alone. Keys
                are then of the kinds that ``shared.keys.encode_key`` takes.

        Raises:
            ValueError: the name is taken.
        """
        if (name, "size") in self._evictions:
            raise ValueError(f"there is a cache named {name!r} already")
        for reason in ("size", "ttl"):
            self._evictions[name, reason] = self._metrics.cache_evictions.labels(name, reason)
        totals = self._store.totals(name)
        # Read when somebody looks: always true, and no cost to a look-up.
        self._metrics.cache_entries.labels(name).set_function(lambda: totals.entries)
        self._metrics.cache_size.labels(name).set_function(lambda: totals.size)
        share = None if codec is None or self._shared is None else Share(self._shared, name, codec)
        return NamedCache(
            name,
            sizer,
            store=self._store,
            flights=self._flights,
            clock=self._clock,
            metrics=self._metrics,
            share=share,
        )

    async def aclose(self) -> None:
        """Cancel the loads that are going on and wait for their end; those who wait get ``unavailable``."""
        await self._flights.aclose()

    def _count_eviction(self, name: str, reason: Reason) -> None:
        self._evictions[name, reason].inc()


class NamedCache(Generic[K, V]):
    """A part of the cache with keys of its own. Made by ``Cache.named``.

    Each look-up counts once in ``sourceproxy_cache_requests_total``: as ``hit``, as ``miss``, as
    ``coalesced`` when it joined a load that was going on, as ``stale`` when ``get_stale`` gave an
    entry past its time. What another replica knew is a ``hit``.
    """

    def __init__(
        self,
        name: str,
        sizer: Sizer,
        *,
        store: Store,
        flights: Flights,
        clock: Callable[[], float],
        metrics: Metrics,
        share: Share[V] | None = None,
    ) -> None:
        self.name = name
        self._share = share
        self._sizer = sizer
        self._store = store
        self._flights = flights
        self._clock = clock
        requests = metrics.cache_requests
        # Children are looked up once: ``labels`` costs more than a whole look-up in the cache.
        self._hits = requests.labels(name, "hit")
        self._misses = requests.labels(name, "miss")
        self._stale = requests.labels(name, "stale")
        self._coalesced = requests.labels(name, "coalesced")

    def get(self, key: K, default: D | None = None) -> V | D | None:
        """The value, which thereby counts as used; ``default`` when none is known or its time is over.

        Other replicas are not asked: ``find`` does that.
        """
        slot = self._store.get(self.name, key, self._clock())
        if slot is None:
            self._misses.inc()
            return default
        self._hits.inc()
        return self._value(slot)

    def peek(self, key: K) -> V | None:
        """The value, as ``get`` gives it; nothing is counted where it is not known, for ``find`` is next."""
        slot = self._store.get(self.name, key, self._clock())
        if slot is None:
            return None
        self._hits.inc()
        return self._value(slot)

    def get_stale(self, key: K, default: D | None = None) -> V | D | None:
        """The value even past its time, as long as its grace lasts.

        For a caller whose ``fetch`` failed because GitHub did. The failed ``fetch`` was counted, so
        nothing is counted when there is no such value.
        """
        now = self._clock()
        slot = self._store.get(self.name, key, now, stale=True)
        if slot is None:
            return default
        (self._hits if slot.fresh_until > now else self._stale).inc()
        return self._value(slot)

    def put(
        self, key: K, value: V, size: int | None = None, ttl: float | None = None, *, grace: float = 0.0
    ) -> bool:
        """Store a value in the place of any other, also of one that is being loaded.

        Args:
            key: hashable; counted by its real size.
            value: must not change any more.
            size: bytes of the value, or ``None`` to have the sizer count.
            ttl: seconds for which it is believed, ``None`` for ever; zero or less: not kept.
            grace: seconds after that for which ``get_stale`` gives it.

        Returns:
            Whether it was stored: what is larger than the whole budget is not.

        Raises:
            ValueError: the size is negative.
        """
        self._detach(key)
        entry = Entry(value, size, ttl, grace)
        kept = self._keep(key, entry)
        if self._share is not None:
            self._share.put(key, entry)
        return kept

    def forget(self, key: K) -> None:
        """Drop the entry; a load that is going on still answers those who wait, but is not kept.

        Other replicas that have it in memory keep it until its time is over.
        """
        self._detach(key)
        self._store.remove(self.name, key, self._clock())
        if self._share is not None:
            self._share.forget(key)

    async def find(self, key: K, default: D | None = None) -> V | D | None:
        """The value if this replica or another knows it; as ``get`` where nothing is shared."""
        share = self._share
        slot = self._store.get(self.name, key, self._clock())
        if slot is not None or share is None or not share.up:
            (self._misses if slot is None else self._hits).inc()
            return default if slot is None else self._value(slot)
        where = (self.name, key, "find")
        if self._flights.running(where):
            self._coalesced.inc()

        async def ask() -> Entry[V] | None:
            return await self._ask(share, key)

        def keep(found: Entry[V] | None) -> None:
            if found is not None:
                self._keep(key, found)

        found = await self._flights.wait_for(where, ask, keep)
        return default if found is None else found.value

    async def fetch(self, key: K, load: Callable[[], Awaitable[Entry[V]]]) -> V:
        """The value, loaded unless it is known; one load serves all who ask meanwhile.

        Args:
            key: hashable.
            load: brings the value; called in a task of its own, with a copy of the first caller's
                context variables, and cancelled when nobody waits for it any more.

        Returns:
            The value, also when it is not kept (larger than the budget, or with no time to live).

        Raises:
            RpcError: ``unavailable`` when the load was cancelled from elsewhere, ``internal`` when it
                would wait for itself.
            Exception: whatever ``load`` raises, to all who wait; it is not kept.
        """
        slot = self._store.get(self.name, key, self._clock())
        if slot is not None:
            self._hits.inc()
            return self._value(slot)
        where, share = (self.name, key), self._share
        asked, found_elsewhere = share is not None and share.up, False
        if self._flights.running(where):
            self._coalesced.inc()
        elif not asked:
            self._misses.inc()

        async def work() -> Entry[V]:
            nonlocal found_elsewhere
            found = await self._ask(share, key) if share is not None and asked else None
            found_elsewhere = found is not None
            return found or await load()

        def keep(loaded: Entry[V]) -> None:
            self._keep(key, loaded)
            if share is not None and not found_elsewhere:
                share.put(key, loaded)

        return (await self._flights.wait_for(where, work, keep)).value

    async def _ask(self, share: Share[V], key: K) -> Entry[V] | None:
        """What another replica knows, which counts as this look-up's ``hit`` or ``miss``."""
        found = None
        try:
            found = await share.get(key)
        finally:
            (self._misses if found is None else self._hits).inc()
        return found

    def _detach(self, key: K) -> None:
        self._flights.detach((self.name, key))
        self._flights.detach((self.name, key, "find"))

    def _keep(self, key: K, entry: Entry[V]) -> bool:
        now = self._clock()
        size = self._sizer(entry.value) if entry.size is None else entry.size
        if size < 0:
            raise ValueError("an entry's size cannot be negative")
        fresh_until = inf if entry.ttl is None else now + entry.ttl
        gone_at = fresh_until + max(entry.grace, 0.0) if fresh_until > now else now
        return self._store.put(
            Slot(self.name, key, entry.value, size + size_of(key), fresh_until, gone_at), now
        )

    def _value(self, slot: Slot) -> V:
        value: V = slot.value  # put and fetch store nothing else under this cache's name
        return value
