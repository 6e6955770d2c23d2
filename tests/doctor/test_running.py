"""All checks run at once, groups are told in order, and nothing keeps the report from being finished."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from proxy.doctor.checks import Check
from proxy.doctor.model import Finding, Outcome, ok
from proxy.doctor.running import run

if TYPE_CHECKING:
    from collections.abc import Sequence


class Told:
    """Keeps what was told, in its order."""

    def __init__(self) -> None:
        self.groups: list[str] = []
        self.progress: list[tuple[int, int, str]] = []

    def group(self, name: str, findings: Sequence[Finding]) -> None:
        assert findings
        self.groups.append(name)

    def waiting(self, done: int, total: int, name: str) -> None:
        self.progress.append((done, total, name))


def waiting_for(event: asyncio.Event, name: str, then: asyncio.Event | None = None) -> Check:
    async def check() -> list[Finding]:
        await event.wait()
        if then is not None:
            then.set()
        return [ok(name, "fine")]

    return Check(name, check)


async def test_groups_are_told_in_order_whichever_ends_first() -> None:
    now, last_done, first_done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    now.set()
    told = Told()
    checks = [
        waiting_for(first_done, "configuration.file"),
        waiting_for(last_done, "upstream.ready", first_done),
        waiting_for(now, "machine.clock", last_done),
    ]
    findings = await run(checks, told.group, told.waiting, seconds=60)
    assert told.groups == ["configuration", "upstream", "machine"]
    assert [finding.check for finding in findings] == [
        "configuration.file",
        "upstream.ready",
        "machine.clock",
    ]
    assert told.progress[0] == (0, 3, "configuration.file")
    assert {total for _, total, _ in told.progress} == {3}
    assert [done for done, _, _ in told.progress] == sorted(done for done, _, _ in told.progress)


async def test_what_does_not_end_is_a_failure_and_costs_nothing_else() -> None:
    never, now = asyncio.Event(), asyncio.Event()
    now.set()
    told = Told()
    checks = [waiting_for(never, "upstream.ready"), waiting_for(now, "machine.clock")]
    findings = await run(checks, told.group, told.waiting, seconds=0.05)
    assert [(finding.check, finding.outcome) for finding in findings] == [
        ("upstream.ready", Outcome.FAILURE),
        ("machine.clock", Outcome.OK),
    ]
    assert "within 0.05 s" in findings[0].found


async def test_a_check_that_fails_itself_tells_no_secret_and_costs_nothing_else() -> None:
    async def broken() -> list[Finding]:
        raise RuntimeError("hush")

    told = Told()
    (finding,) = await run([Check("redis.usable", broken)], told.group, told.waiting, seconds=60)
    assert finding.outcome is Outcome.FAILURE
    assert "RuntimeError" in finding.found
    assert "hush" not in repr(finding)
    assert told.groups == ["redis"]


async def test_nothing_to_check() -> None:
    told = Told()
    assert await run([], told.group, told.waiting) == []
    assert told.groups == []
