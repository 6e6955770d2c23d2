"""What replicas share through Redis or Valkey: sealed, bounded in time, and never in anybody's way."""

from proxy.cache.shared.codecs import Codec, UndecodableError
from proxy.cache.shared.opening import open_shared
from proxy.cache.shared.share import Share
from proxy.cache.shared.store import Claim, Lock, SharedStore

__all__ = ["Claim", "Codec", "Lock", "Share", "SharedStore", "UndecodableError", "open_shared"]
