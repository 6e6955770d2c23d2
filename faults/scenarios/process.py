"""The process: stopped, killed, without descriptors, without memory, without a log."""

from __future__ import annotations

import asyncio
import resource
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from faults.judging.outcomes import BROKEN, REFUSED, RIGHT, UNAVAILABLE, Fault
from faults.scenario import Scenario

if TYPE_CHECKING:
    from faults.stage import Stage

_IDLE_CONNECTIONS, _SPARE = 60, 20
_MIB = 1024 * 1024
_FULL = Path("/dev/full")


async def _stopped(stage: Stage, seconds: float) -> None:
    for _ in range(2):
        await asyncio.sleep(seconds / 4)
        code = await stage.subject.end(signal.SIGTERM)
        if code != 0:
            stage.verdicts.violated(f"exit code {code} after SIGTERM")
        await stage.subject.start()


async def _killed(stage: Stage, seconds: float) -> None:
    for _ in range(2):
        await asyncio.sleep(seconds / 4)
        await stage.subject.end(signal.SIGKILL)
        await stage.subject.start()


async def _no_descriptors(stage: Stage, seconds: float) -> None:
    """Others take all descriptors; those who were there before have theirs."""
    subject = stage.subject
    subject.limit(resource.RLIMIT_NOFILE, subject.descriptors() + _SPARE)
    writers = []
    try:
        for _ in range(_IDLE_CONNECTIONS):
            _, writer = await asyncio.open_connection("127.0.0.1", subject.port)
            writers.append(writer)
        await asyncio.sleep(seconds)
    finally:
        for writer in writers:
            writer.transport.abort()
        subject.limit(resource.RLIMIT_NOFILE, None)


async def _no_memory(stage: Stage, seconds: float) -> None:
    """Hardly more address space than it has now, while large bodies come."""
    subject = stage.subject
    subject.limit(resource.RLIMIT_AS, subject.address_space() + 2 * _MIB)
    try:
        await asyncio.sleep(seconds)
    finally:
        if subject.running:
            subject.limit(resource.RLIMIT_AS, None)
        else:
            await subject.start()


async def _no_log(stage: Stage, seconds: float) -> None:
    """Every line of the log fails as on a full disk."""
    await stage.subject.end(signal.SIGTERM)
    await stage.subject.start(log=_FULL)
    await asyncio.sleep(seconds)
    code = await stage.subject.end(signal.SIGTERM)
    if code != 0:
        stage.verdicts.violated(f"exit code {code} after SIGTERM with a log that cannot be written")
    await stage.subject.start()


SCENARIOS = (
    Scenario(
        "SIGTERM under load, and a new start",
        (Fault.STOPPING,),
        _stopped,
        shows=frozenset({REFUSED}),
        short=True,
        ends=True,
    ),
    Scenario(
        "SIGKILL under load, and a new start",
        (Fault.KILLED,),
        _killed,
        shows=frozenset({REFUSED, BROKEN}),
        short=True,
        ends=True,
    ),
    Scenario(
        "no descriptors left",
        (Fault.NO_FILES,),
        _no_descriptors,
        shows=frozenset({REFUSED, BROKEN, UNAVAILABLE}),
        short=True,
    ),
    Scenario("no memory left", (Fault.NO_MEMORY,), _no_memory, shows=frozenset({RIGHT})),
    Scenario("no space left for the log", (Fault.NO_LOG, Fault.STOPPING), _no_log, shows=frozenset({RIGHT}), ends=True),
)
