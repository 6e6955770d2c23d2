"""How long, how much and how often: what the shared cache may cost, and the words for what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Why the shared cache was of no use; ``value`` is the label in the metric of its errors.

    Attributes:
        TIMEOUT: Redis did not answer in time.
        CONNECTION: it cannot be connected to, or the connection broke.
        REFUSED: it answered with an error (password, permission, read-only, loading, part of a cluster).
        FULL: it has no memory for another value.
        DROPPED: there was more to write than it took, and the oldest was given up.
        GARBLED: what it holds under a name of ours was not sealed by us under that name.
        CLOCK: a value was made in the future, so some replica's clock is wrong.
    """

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    REFUSED = "refused"
    FULL = "full"
    DROPPED = "dropped"
    GARBLED = "garbled"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Limits:
    """Durations in seconds, sizes in bytes.

    Attributes:
        read: how long a look-up may wait for Redis.
        lock: the same for taking a lock, where giving up may cost a person a login.
        strikes: so many look-ups in a row without an answer in time, and Redis is left alone.
        stall: so long no answer to what was sent, and Redis is left alone.
        connect: to connect, log in and be answered once.
        first_pause: between two attempts to connect; doubles up to ``longest_pause``.
        longest_pause: the longest of them.
        patience: after so many failed attempts in a row, writes do not wait for a connection any more.
        in_flight: commands that were sent and not yet answered.
        queued: commands that wait to be sent; beyond these the oldest are given up.
        queued_bytes: the same by size.
        value: larger values are not shared.
        longest_kept: how long Redis keeps what holds for ever, so that what nobody asks for goes.
        clock_skew: how far a replica's clock may be ahead of ours.
        closing: how long closing waits for what is still to be written.
    """

    read: float = 0.005
    lock: float = 0.01
    strikes: int = 3
    stall: float = 1.0
    connect: float = 1.0
    first_pause: float = 0.25
    longest_pause: float = 30.0
    patience: int = 4
    in_flight: int = 256
    queued: int = 2048
    queued_bytes: int = 8 * 1024 * 1024
    value: int = 1024 * 1024
    longest_kept: float = 7 * 24 * 3600.0
    clock_skew: float = 30.0
    closing: float = 0.5
