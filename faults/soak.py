"""``python -m faults.soak``: load at half of capacity, faults sprinkled in; exit 1 when anything grows."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import cpu_seconds
from faults import report
from faults.around.redis import RedisMissingError
from faults.around.remote import AroundError
from faults.around.subject import SubjectError
from faults.judging import counting
from faults.judging.samples import CACHE_MIB, Sample, figures
from faults.playing import MIB, Player
from faults.scenarios import EVERY
from faults.stage import running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faults.playing import Row
    from faults.scenario import Scenario
    from faults.stage import Stage

CAPACITY_SECONDS, SAMPLE_SECONDS, CALM_SAMPLES = 8.0, 5.0, 6
FINE, BROKEN_RULES, NOT_RUN, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Capacity:
    """What all together come to when everybody asks again at once.

    Attributes:
        rate: turns a second.
        busy: processors that were busy meanwhile, by who kept them so.
    """

    rate: float
    busy: Mapping[str, float]

    def __str__(self) -> str:
        shares = ", ".join(f"{who} {share:.2f}" for who, share in self.busy.items())
        return f"capacity {self.rate:.0f} requests a second (busy processors: {shares})"


async def capacity(stage: Stage, seconds: float = CAPACITY_SECONDS) -> Capacity:
    """Measure it."""
    stage.crowd.pace.rate = 0.0
    processes = {"the proxy": stage.subject.pid, "clients": os.getpid(), "what is around": stage.around.pid}
    spent = {who: cpu_seconds(pid) for who, pid in processes.items()}
    turns, began = stage.crowd.turns, time.monotonic()
    stage.crowd.go()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    busy = {who: (cpu_seconds(pid) - spent[who]) / took for who, pid in processes.items()}
    return Capacity((stage.crowd.turns - turns) / took, busy)


async def sample(stage: Stage, began: float, scenario: asyncio.Future[Row] | None = None) -> Sample:
    """Measure for ``SAMPLE_SECONDS`` while everybody asks, or until a scenario has been played."""
    subject = stage.subject
    stage.timed.take()
    turns, cpu = stage.crowd.turns, cpu_seconds(subject.pid)
    if scenario is None:
        await asyncio.sleep(SAMPLE_SECONDS)
    else:
        await asyncio.wait({scenario}, timeout=SAMPLE_SECONDS)
    stage.crowd.raise_failures()
    requests = stage.crowd.turns - turns
    spent = cpu_seconds(subject.pid) - cpu
    told = await subject.admin("/metrics")
    times = stage.timed.take() or [0.0]
    return Sample(
        at=round(time.monotonic() - began, 1),
        requests=requests,
        memory=round(subject.memory() / MIB, 1),
        cache=round(counting.value(told, "sourceproxy_cache_size_bytes") / MIB, 2),
        descriptors=subject.descriptors(),
        tasks=counting.value(told, "sourceproxy_event_loop_tasks"),
        p50=round(times[len(times) // 2] * 1000, 2),
        p99=round(times[len(times) * 99 // 100] * 1000, 2),
        cpu=round(spent * 1000 / max(requests, 1), 3),
    )


class Soak:
    """Load, sample, break, mend, again and again.

    Args:
        stage: where.
        out: the folder of ``samples.jsonl``, which holds the samples as they come.
    """

    def __init__(self, stage: Stage, out: Path) -> None:
        self.samples: list[Sample] = []
        self.rows: list[Row] = []
        self._stage = stage
        self._out = out / "samples.jsonl"
        self._out.unlink(missing_ok=True)
        self._player = Player(stage)
        self._began = 0.0

    async def run(self, minutes: float) -> None:
        """Run for so long, and until the scenario that is played then has ended."""
        luck = random.Random(f"{self._stage.seed} soak")  # noqa: S311 - repeatable, not secret
        pace = self._stage.crowd.pace
        most = await capacity(self._stage)
        pace.rate = most.rate / 2
        self.rows.append(await self._player.warm_up())
        print(f"{most}, so {pace.rate:.0f} are asked\n{report.headline()}", flush=True)
        self._began = time.monotonic()
        bag: list[Scenario] = []
        while time.monotonic() - self._began < minutes * 60:
            self._stage.crowd.go()
            for _ in range(CALM_SAMPLES):
                self._keep(await sample(self._stage, self._began))
            bag = bag or luck.sample(_SPRINKLED, len(_SPRINKLED))
            self.rows.append(await self._play(bag.pop()))
            print(f"{time.monotonic() - self._began:6.0f} s  {report.line(self.rows[-1])}", flush=True)

    async def _play(self, scenario: Scenario) -> Row:
        """Play one, and go on measuring."""
        playing = asyncio.create_task(self._player.play(scenario))
        try:
            while not playing.done():
                with suppress(SubjectError):  # which is judged by those who play
                    self._keep(replace(await sample(self._stage, self._began, playing), during=scenario.name))
            return await playing
        finally:
            playing.cancel()

    def _keep(self, one: Sample) -> None:
        self.samples.append(one)
        with self._out.open("a") as file:
            file.write(json.dumps(asdict(one)) + "\n")


_SPRINKLED = [scenario for scenario in EVERY if not scenario.ends and "memory" not in scenario.name]
"""All that leave the process running: what it holds is of interest over its whole life."""


async def _run(options: argparse.Namespace, out: Path) -> int:
    async with running(out, options.seed, 0.0, cache_size=f"{CACHE_MIB}MiB") as stage:
        soak = Soak(stage, out)
        await soak.run(options.minutes)
        code = await stage.subject.end()
        if code != 0:
            stage.verdicts.violated(f"exit code {code} after SIGTERM")
        verdicts = stage.verdicts
    samples, rows = soak.samples, soak.rows
    lines, grown = figures(samples)
    for growth in grown:
        verdicts.violated(growth)
    calm = sum(one.requests for one in samples if not one.during)
    requests = calm + sum(row.requests for row in rows)
    told = [f"{options.minutes:g} minutes, seed {options.seed}, about {requests} requests", *lines]
    told += report.verdict(rows, verdicts.violations, verdicts.broken_rules)
    (out / "figures.txt").write_text("\n".join(told) + "\n")
    print("\n".join(["", *told]))
    return BROKEN_RULES if verdicts.broken_rules else FINE


def main() -> int:
    """Run; the exit code: 0 nothing grew and every rule held, 1 not so, 2 could not run."""
    # Ending by SIGTERM as by Ctrl-C: what was started is ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (%(default)s)")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="repeats the chances of an earlier run")
    parser.add_argument("--out", type=Path, help="the folder for samples, figures and the log (a new one)")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp(prefix="soak-"))
    out.mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed}; samples, figures and log in {out}", flush=True)
    try:
        return asyncio.run(_run(options, out))
    except (AroundError, RedisMissingError, SubjectError) as error:
        print(error, file=sys.stderr)
        return NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
