"""What the proxy remembers: one byte budget, entries that expire, one load for all who wait for it."""

from proxy.cache.memory import Cache, NamedCache
from proxy.cache.model import Entry
from proxy.cache.shared import Codec, SharedStore, open_shared

__all__ = ["Cache", "Codec", "Entry", "NamedCache", "SharedStore", "open_shared"]
