"""What the machine allows: addresses, descriptors, memory, the clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING

from proxy.doctor.judging.answers import Silent
from proxy.doctor.model import failure, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.config.model import HostPort
    from proxy.doctor.judging.answers import Answer, Heard
    from proxy.doctor.model import Finding

CLOCK, DESCRIPTORS, MEMORY = "machine.clock", "machine.descriptors", "machine.memory"
CLOCK_WARNING, CLOCK_FAILURE = 10.0, 300.0
"""Seconds; replicas 30 s apart refuse each other's shared values, and tokens last 8 hours."""
FEW_DESCRIPTORS, TOO_FEW_DESCRIPTORS = 8192, 512
"""A request under way takes two or three; what is idle takes one."""
MEBIBYTE = 1024 * 1024
AT_REST, FOR_ANSWERS = 90 * MEBIBYTE, 128 * MEBIBYTE
"""What the process takes beside ``cache.max_size``, and what large answers want (docs/scaling.md)."""


class Binding(Enum):
    """What came of trying to have an address."""

    FREE = "free"
    TAKEN = "taken"
    FORBIDDEN = "forbidden"
    NOT_HERE = "not_here"
    UNKNOWN_NAME = "unknown_name"


@dataclass(frozen=True, slots=True)
class Memory:
    """How much this process may take: bytes, and who says so."""

    limit: int
    source: str


def address(key: str, where: HostPort, found: Binding, *, ours: bool) -> Finding:
    """Whether an address can be listened on.

    Args:
        key: ``listen`` or ``admin_listen``.
        where: its value.
        found: what came of trying.
        ours: whether a proxy answers at the admin listener.
    """
    check = f"machine.{key}"
    match found:
        case Binding.FREE:
            return ok(check, f"{where} is free")
        case Binding.TAKEN if ours:
            return ok(check, f"{where} is in use, and a proxy that runs here is healthy")
        case Binding.TAKEN:
            return failure(
                check, f"{where} is in use by another program", f"stop it, or set {key} to another port"
            )
        case Binding.FORBIDDEN:
            return failure(
                check, f"{where} may not be listened on by this user", f"set {key} to a port from 1024 up"
            )
        case Binding.NOT_HERE:
            return failure(
                check,
                f"{where} is no address of this machine",
                f"set {key} to 0.0.0.0:{where.port}, or to one it has",
            )
        case Binding.UNKNOWN_NAME:
            return failure(check, f"{where} has a name that is not known here", f"set {key} to an address")


def descriptors(limit: int) -> Finding:
    """Whether enough connections can be open; ``limit`` is the soft limit of this process."""
    advice = "raise it (ulimit -n, systemd: LimitNOFILE=65536)"
    found = f"{limit} file descriptors may be open here"
    if limit < TOO_FEW_DESCRIPTORS:
        return failure(DESCRIPTORS, found, advice)
    if limit < FEW_DESCRIPTORS:
        return warning(DESCRIPTORS, f"{found}, each request takes two or three", advice)
    return ok(DESCRIPTORS, found)


def memory(found: Memory | None, cache_size: int, workers: int) -> Finding:
    """Whether ``cache.max_size`` fits into what there is, once for each of the workers.

    Args:
        found: what there is.
        cache_size: bytes that one may hold.
        workers: how many there are.
    """
    if found is None:
        return skipped(MEMORY, "this system does not tell how much memory there is")
    room = f"{found.limit // MEBIBYTE} MiB ({found.source})"
    cache = f"cache.max_size is {cache_size // MEBIBYTE} MiB"
    if workers > 1:
        cache += f" for each of {workers} workers"
    needed = workers * (cache_size + AT_REST)
    fitting = max(((found.limit - FOR_ANSWERS) // workers - AT_REST) // MEBIBYTE, 1)
    advice = f"raise the limit to {(needed + FOR_ANSWERS) // MEBIBYTE} MiB, or lower cache.max_size"
    if found.limit < needed:
        return failure(
            MEMORY, f"{cache}, of {room}: a full cache ends the process", f"{advice} to {fitting}MiB"
        )
    if found.limit < needed + FOR_ANSWERS:
        return warning(
            MEMORY, f"{cache}, of {room}: little is left for large answers", f"{advice} to {fitting}MiB"
        )
    return ok(MEMORY, f"{cache}, of {room}")


def clock(answers: Sequence[tuple[str, Answer | None]]) -> Finding:
    """Whether the local clock is right, by the ``Date`` of the first answer that has one.

    Args:
        answers: who was asked, and what came.
    """
    for host, answer in answers:
        if answer is None or isinstance(answer, Silent):
            continue
        ahead = _ahead(answer)
        if ahead is not None:
            return _skew(host, ahead)
    return skipped(CLOCK, "nobody told the time")


def _ahead(answer: Heard) -> float | None:
    """Seconds by which the local clock is ahead; ``None`` where the answer has no time."""
    try:
        told = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, OverflowError):
        return None
    # A Date is cut to whole seconds.
    return answer.at - (told + 0.5)


def _skew(host: str, ahead: float) -> Finding:
    amount = abs(ahead)
    direction = "ahead of" if ahead > 0 else "behind"
    advice = "set the clock by NTP (chrony, systemd-timesyncd); in a container, that of its host"
    if amount >= CLOCK_FAILURE:
        return failure(CLOCK, f"the clock is {amount:.0f} s {direction} that of {host}", advice)
    if amount >= CLOCK_WARNING:
        return warning(CLOCK, f"the clock is {amount:.0f} s {direction} that of {host}", advice)
    return ok(CLOCK, f"the clock agrees with that of {host}")
