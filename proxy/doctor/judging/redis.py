"""What Redis or Valkey said. Pure.

https://redis.io/docs/latest/develop/reference/eviction/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.cache.shared.limits import Limits, Reason
from proxy.doctor.model import failure, ok, skipped, warning

if TYPE_CHECKING:
    from proxy.config.model import Cache
    from proxy.doctor.model import Finding

USABLE, EVICTION = "redis.usable", "redis.eviction"
_MEBIBYTE = 1024 * 1024
_UNREACHED = {
    Reason.TIMEOUT: ("Redis did not answer in time", "check cache.redis_url, its load, and network policies"),
    Reason.CONNECTION: (
        "Redis cannot be connected to",
        "check that it runs, host and port in cache.redis_url, and rediss:// where it speaks TLS only",
    ),
    Reason.FULL: (
        "Redis has no memory for a value (OOM)",
        "raise maxmemory, or set maxmemory-policy allkeys-lru",
    ),
}
_REFUSED = {
    "NOAUTH": ("Redis refuses user and password", "correct them in cache.redis_url, percent-encoded"),
    "NOPERM": (
        "Redis refuses a command to this user (NOPERM)",
        "allow it GET, MGET, SET, DEL, PTTL, EVAL and INFO on keys sourceproxy:*",
    ),
    "READONLY": ("this Redis is a replica and takes no values", "name the primary in cache.redis_url"),
    "LOADING": ("Redis is still loading its data", "try again in a minute"),
    "MOVED": ("this Redis is part of a cluster, which is not supported", "name a Redis of its own"),
}


@dataclass(frozen=True, slots=True)
class Unusable:
    """Redis could not be used: the reason, and its own first word; or the client's whole sentence."""

    reason: Reason = Reason.CONNECTION
    word: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """A value was written, read and taken away again.

    Attributes:
        seconds: for one command.
        same: whether what came back opened and was what had been sealed.
        expires: whether Redis says that the value ends.
        policy: ``maxmemory_policy``; empty where Redis does not tell.
        max_memory: ``maxmemory`` in bytes, 0: no limit; ``None`` where Redis does not tell.
    """

    seconds: float
    same: bool
    expires: bool
    policy: str = ""
    max_memory: int | None = None


def usable(found: Unusable | Used | None, cache: Cache) -> list[Finding]:
    """Whether replicas can share.

    Args:
        found: what was found; ``None`` where it was not tried, for want of an address or a session secret.
        cache: whether an address is configured.
    """
    if found is None:
        why = "there is no session secret to seal with" if cache.redis_url else "cache.redis_url is empty"
        return [skipped(USABLE, f"{why}: replicas share nothing")]
    if isinstance(found, Unusable):
        return [_unusable(found)]
    if not found.same:
        return [
            failure(
                USABLE, "Redis gave back another value than was written", "look at what else uses these keys"
            )
        ]
    if not found.expires:
        return [failure(USABLE, "Redis does not let values expire", "name a server that knows SET with PX")]
    return [_speed(found), _eviction(found)]


def _unusable(found: Unusable) -> Finding:
    if found.sentence:
        # Told where the client is opened, with what to do behind the colon or the semicolon.
        head, _, rest = found.sentence.partition("; ")
        return failure(USABLE, head, rest or "correct cache.redis_url, or leave it empty")
    if found.reason is Reason.REFUSED and found.word in _REFUSED:
        return failure(USABLE, *_REFUSED[found.word])
    if found.reason in _UNREACHED:
        return failure(USABLE, *_UNREACHED[found.reason])
    word = f" ({found.word})" if found.word else ""
    return failure(USABLE, f"Redis refuses{word}", "look at its log and at the rights of this user")


def _speed(found: Used) -> Finding:
    took = f"{found.seconds * 1000:.2g} ms a command"
    if found.seconds >= Limits().read:
        return warning(
            USABLE,
            f"Redis takes {took}, longer than requests wait for it",
            "move it nearer, or look at its load; requests are answered without it",
        )
    return ok(USABLE, f"a sealed value was written, read and ends by itself, {took}")


def _eviction(found: Used) -> Finding:
    if found.max_memory is None or not found.policy:
        return skipped(EVICTION, "Redis does not tell its memory limit (INFO memory)")
    if found.max_memory == 0:
        return warning(
            EVICTION,
            "Redis has no memory limit of its own (maxmemory 0)",
            "set maxmemory (docs/scaling.md works out how much) and maxmemory-policy allkeys-lru",
        )
    limit = f"{found.max_memory // _MEBIBYTE} MiB"
    if found.policy == "noeviction":
        return warning(
            EVICTION,
            f"Redis refuses values once its {limit} are full (maxmemory-policy noeviction)",
            "set maxmemory-policy allkeys-lru, or volatile-lru where others keep data there",
        )
    return ok(EVICTION, f"at most {limit}, then {found.policy}")
