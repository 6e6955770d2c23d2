"""The process: stopped, killed, without descriptors, without memory, without a log."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from faults.around.github import Kind, Spoil
from faults.around.subject import START_SECONDS, address_space_of, descriptors_of
from faults.judging import counting
from faults.judging.outcomes import BROKEN, DEADLINE, DROPPED, INTERNAL, REFUSED, RIGHT, UNAVAILABLE, Fault
from faults.scenario import Scenario

if TYPE_CHECKING:
    from faults.around.subject import Subject
    from faults.stage import Stage

_IDLE_CONNECTIONS, _SPARE, _WORKERS = 60, 20, 2
_BETWEEN = 1.0
_FULL = Path("/dev/full")


def _rounds(seconds: float) -> int:
    """How often the process is ended: again where there is the time."""
    return max(1, round(seconds / (2 * _BETWEEN)))


async def _stopped(stage: Stage, seconds: float) -> None:
    for _ in range(_rounds(seconds)):
        await asyncio.sleep(_BETWEEN)
        code = await stage.subject.end(signal.SIGTERM)
        if code != 0:
            stage.verdicts.violated(f"exit code {code} after SIGTERM")
        await stage.subject.start()


async def _killed(stage: Stage, seconds: float) -> None:
    for _ in range(_rounds(seconds)):
        await asyncio.sleep(_BETWEEN)
        await stage.subject.end(signal.SIGKILL)
        await stage.subject.start()


async def _no_descriptors(stage: Stage, seconds: float) -> None:
    """Others take all descriptors; those who were there before have theirs."""
    subject = stage.subject
    subject.limit(resource.RLIMIT_NOFILE, descriptors_of, _SPARE)
    writers = []
    try:
        for _ in range(_IDLE_CONNECTIONS):
            _, writer = await asyncio.open_connection("127.0.0.1", subject.port)
            writers.append(writer)
        await asyncio.sleep(seconds)
    finally:
        for writer in writers:
            writer.transport.abort()
        subject.unlimit(resource.RLIMIT_NOFILE)


async def _no_memory(stage: Stage, seconds: float) -> None:
    """No more address space than it has now, while GitHub sends giant answers."""
    subject = stage.subject
    subject.limit(resource.RLIMIT_AS, address_space_of)
    await stage.around.spoil(Spoil(Kind.GIANT))
    try:
        await asyncio.sleep(seconds)
    finally:
        await stage.around.spoil(None)
        if subject.running:
            subject.unlimit(resource.RLIMIT_AS)
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


async def _two_again(subject: Subject, before: set[int]) -> None:
    """Wait until another process has taken the place of the one that was killed."""
    workers = 0.0
    while workers != _WORKERS or before == set(subject.children()):
        workers = counting.value(await subject.admin("/metrics"), "sourceproxy_workers")
        await asyncio.sleep(0.1)


async def _one_of_two_killed(stage: Stage, seconds: float) -> None:
    """Two workers share the load; one is killed and has to be started again by the other's parent."""
    subject = stage.subject
    await subject.end(signal.SIGTERM)
    await subject.start(workers=_WORKERS)
    await asyncio.sleep(seconds / 3)
    before = set(subject.children())
    os.kill(max(before), signal.SIGKILL)
    try:
        async with asyncio.timeout(START_SECONDS):
            await _two_again(subject, before)
    except TimeoutError:
        stage.verdicts.violated(f"no other worker was started within {START_SECONDS:g} s")
    await asyncio.sleep(seconds / 3)
    code = await subject.end(signal.SIGTERM)
    if code != 0:
        stage.verdicts.violated(f"exit code {code} of two workers after SIGTERM")
    await subject.start()


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
        shows=frozenset({REFUSED, DROPPED, BROKEN}),
        short=True,
        ends=True,
    ),
    Scenario(
        "no descriptors left",
        (Fault.NO_FILES,),
        _no_descriptors,
        shows=frozenset({REFUSED, DROPPED, BROKEN, UNAVAILABLE}),
        short=True,
    ),
    Scenario(
        "no memory left, and GitHub sends giant answers",
        (Fault.NO_MEMORY, Fault.GITHUB_GARBLED, Fault.GITHUB_SILENT),
        _no_memory,
        shows=frozenset({UNAVAILABLE, DEADLINE, INTERNAL}),
        may_end=True,
    ),
    Scenario(
        "two workers, one of them killed",
        (Fault.STOPPING, Fault.KILLED),
        _one_of_two_killed,
        seconds=6.0,
        shows=frozenset({REFUSED, DROPPED, BROKEN}),
        short=True,
        ends=True,
    ),
    Scenario(
        "no space left for the log",
        (Fault.NO_LOG, Fault.STOPPING),
        _no_log,
        shows=frozenset({RIGHT}),
        ends=True,
    ),
)
