"""What the proxy remembers: one byte budget, entries that expire, one load for all who wait for it."""

from proxy.cache.memory import Cache, NamedCache
from proxy.cache.model import Entry

__all__ = ["Cache", "Entry", "NamedCache"]
