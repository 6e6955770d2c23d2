"""Plays scenarios: breaks, mends, waits until all is as it was, and holds everything to its rules."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faults.around.subject import START_SECONDS, SubjectError
from faults.judging import counting, secrecy
from faults.judging.outcomes import USUAL, Fault, Group

if TYPE_CHECKING:
    from faults.judging.counting import Seen
    from faults.scenario import Scenario
    from faults.stage import Stage

MIB = 1024 * 1024
WARM_UP_SECONDS, CALM_SECONDS = 4.0, 0.5
QUIET_SECONDS = 1.0
"""So long there must be no unusual outcome for all to be well again."""
RECOVERY_SECONDS = 60.0
"""The longest that anything may take until then: as long as the breaker before GitHub stays open at most."""
SETTLING_SECONDS = 80.0
"""How long what is held gets to come down once nobody asks any more: connections are kept for a minute."""
MORE_SECONDS = 2 * START_SECONDS
"""The longest that breaking and mending may take besides the time for which the fault lasts."""
MORE_MEMORY, MORE_DESCRIPTORS, MORE_TASKS = 48 * MIB, 12, 6
"""By how much each may be above where it was before anything broke."""
_PROVING = (Group.PASS, Group.PUSH, Group.FILE)
_DOWN = frozenset({Fault.STOPPING, Fault.KILLED, Fault.NO_FILES, Fault.NO_MEMORY})
_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Holding:
    """What the process holds at rest."""

    memory: int
    descriptors: int
    tasks: int

    def __str__(self) -> str:
        return f"{self.memory / MIB:.0f} MiB, {self.descriptors} descriptors, {self.tasks} tasks"


@dataclass(slots=True)
class Row:
    """What the report says of a scenario."""

    name: str
    requests: int = 0
    unusual: Counter[str] = field(default_factory=Counter)
    recovered: float = 0.0
    holding: Holding = field(default_factory=lambda: Holding(0, 0, 0))
    violations: int = 0


class Player:
    """Plays on one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._verdicts = stage.verdicts
        self._before = Holding(0, 0, 0)
        self._counted: Counter[counting.Key] = Counter()
        self._seen: Seen = stage.seen.copy()
        self._read = 0

    async def warm_up(self, seconds: float = WARM_UP_SECONDS) -> Row:
        """Let everybody ask while all is well, and note what the process holds then."""
        stage = self._stage
        stage.crowd.go()
        await asyncio.sleep(seconds)
        row = Row("nothing is broken")
        await self._settle(row, restarted=True)
        self._before = row.holding
        row.requests = stage.crowd.turns
        row.violations = self._verdicts.broken_rules
        return row

    async def play(self, scenario: Scenario) -> Row:
        """Play one scenario; what was violated is in the stage's verdicts."""
        stage, verdicts = self._stage, self._verdicts
        row = Row(scenario.name)
        verdicts.scenario = scenario.name
        outcomes, broken, turns = verdicts.outcomes.copy(), verdicts.broken_rules, stage.crowd.turns
        stage.crowd.go()
        before = 0.0 if scenario.ends else await self._counts(scenario.counts)
        lives = stage.subject.lives
        await self._break(scenario)
        row.recovered = await self._recover()
        await asyncio.sleep(CALM_SECONDS)
        if scenario.counts and await self._counts(scenario.counts) <= before:
            verdicts.violated(f"{scenario.counts} has not risen: the fault did nothing, or was not counted")
        restarted = stage.subject.lives != lives
        if restarted and not (scenario.ends or scenario.may_end):
            verdicts.violated("the process has ended by itself")
        await self._settle(row, restarted=restarted, forgiving=scenario.may_end)
        if self._exceeds(row.holding):
            verdicts.violated(f"the process holds {row.holding} at rest, before it held {self._before}")
        row.requests = stage.crowd.turns - turns
        row.unusual = _unusual(verdicts.outcomes - outcomes)
        seen = {outcome for _, outcome in verdicts.outcomes - outcomes}
        if scenario.shows and not seen & scenario.shows:
            verdicts.violated(f"none of {', '.join(sorted(scenario.shows))} was seen: the fault did nothing")
        row.violations = verdicts.broken_rules - broken
        return row

    async def _break(self, scenario: Scenario) -> None:
        weather = self._stage.weather
        weather.turn(scenario.faults, time.monotonic())
        act = asyncio.ensure_future(scenario.act(self._stage, scenario.seconds))
        watching = not _DOWN.intersection(scenario.faults)
        longest = time.monotonic() + scenario.seconds + MORE_SECONDS
        while not act.done() and time.monotonic() < longest:
            await asyncio.wait({act}, timeout=0.5)
            if watching and not act.done():
                await self._look()
        if not act.done():
            act.cancel()
            await asyncio.wait({act})
            self._verdicts.violated(f"not broken and mended {MORE_SECONDS:g} s after it should have been")
        if not act.cancelled():
            act.result()

    async def _look(self) -> None:
        """Health and metrics have to be told whatever is broken outside."""
        for path in ("/-/healthy", "/metrics"):
            try:
                await self._stage.subject.admin(path)
            except SubjectError as error:
                self._verdicts.violated(str(error))

    async def _recover(self) -> float:
        """Wait until nothing unusual has been seen for a while; the seconds that took.

        Until then the faults count as active, as their traces do: a breaker that is open, a connection
        that has yet to be found broken.
        """
        stage, verdicts = self._stage, self._verdicts
        mended = time.monotonic()
        while time.monotonic() - mended < RECOVERY_SECONDS:
            stage.crowd.raise_failures()
            since = max(mended, verdicts.unusual_at)
            proven = all(verdicts.usual_at.get(group, 0.0) > since for group in _PROVING)
            if proven and time.monotonic() - since > QUIET_SECONDS:
                stage.weather.turn((), time.monotonic())
                return since - mended
            await asyncio.sleep(_STEP)
        verdicts.violated(f"not everything was well again {RECOVERY_SECONDS:g} s after all was mended")
        stage.weather.turn((), time.monotonic())
        return RECOVERY_SECONDS

    async def _settle(self, row: Row, *, restarted: bool, forgiving: bool = False) -> None:
        """Hold everybody, wait for quiet, then look at what is held, what was counted and what was logged."""
        stage = self._stage
        await stage.crowd.hold()
        row.holding = await self._quiet()
        text = await stage.subject.admin("/metrics")
        counted = counting.requests(text)
        if not restarted:
            for fault in counting.disagreements(counted - self._counted, stage.seen.since(self._seen)):
                self._verdicts.violated(f"metrics: {fault}")
        self._counted, self._seen = counted, stage.seen.copy()
        await self._read_log(forgiving=forgiving)

    async def _quiet(self) -> Holding:
        """What is held once all is down to where it was, or when that has been waited for long enough."""
        deadline = time.monotonic() + SETTLING_SECONDS
        while True:
            holding = await self._holding()
            inflight = await self._value("sourceproxy_inflight_requests")
            if not inflight and not self._exceeds(holding):
                return holding
            if time.monotonic() > deadline:
                if inflight:
                    self._verdicts.violated(f"{inflight:g} requests are in flight though nobody asks")
                return holding
            await asyncio.sleep(_STEP)

    def _exceeds(self, now: Holding) -> bool:
        """Whether that is more than it may be; before anything broke, nothing is too much."""
        before = self._before
        most = (before.memory + MORE_MEMORY, before.descriptors + MORE_DESCRIPTORS, before.tasks + MORE_TASKS)
        held = (now.memory, now.descriptors, now.tasks)
        return before.memory > 0 and any(value > bound for value, bound in zip(held, most, strict=True))

    async def _holding(self) -> Holding:
        subject = self._stage.subject
        tasks = await self._value("sourceproxy_event_loop_tasks")
        return Holding(subject.memory(), subject.descriptors(), int(tasks))

    async def _counts(self, name: str) -> float:
        """What the process has counted, and what others have that were there meanwhile."""
        return await self._value(name) + self._stage.elsewhere[name]

    async def _value(self, name: str) -> float:
        return counting.value(await self._stage.subject.admin("/metrics"), name) if name else 0.0

    async def _read_log(self, *, forgiving: bool) -> None:
        """Look through what was logged since the last time; ``forgiving``: for secrets only."""
        with self._stage.subject.log.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        self._read += len(text)
        for fault in secrecy.told(text, await self._stage.secrets(), unforeseen=not forgiving):
            self._verdicts.violated(fault)


def _unusual(outcomes: Counter[tuple[Group, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (group, outcome), number in outcomes.items():
        if outcome not in USUAL[group]:
            found[outcome] += number
    return found
