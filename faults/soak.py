"""``python -m faults.soak``: load at half of capacity, faults sprinkled in; exit 1 when anything grows."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import cpu_seconds
from faults import report
from faults.around.redis import RedisMissingError
from faults.around.remote import AroundError
from faults.around.subject import SubjectError
from faults.judging import counting
from faults.judging.growth import Bound, second_half
from faults.playing import MIB, Player
from faults.scenarios import EVERY
from faults.stage import running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faults.playing import Row
    from faults.scenario import Scenario
    from faults.stage import Stage

CAPACITY_SECONDS, SAMPLE_SECONDS, CALM_SAMPLES = 8.0, 5.0, 6
FINE, BROKEN_RULES, NOT_RUN, INTERRUPTED = 0, 1, 2, 130
# What the machine does besides shows in latency far more than in the processor time of a request.
BOUNDS = (
    Bound("memory", "MiB", rise=8.0, share=0.08),
    Bound("descriptors", "", rise=8.0),
    Bound("tasks", "", rise=6.0),
    Bound("p50", "ms", rise=2.0, share=0.5),
    Bound("p99", "ms", rise=20.0, share=1.0),
    Bound("cpu", "ms/request", rise=0.3, share=0.25),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured in a few seconds without a fault.

    Attributes:
        at: seconds since the start.
        requests: that were answered in them.
        memory: MiB resident, under load.
        descriptors: open.
        tasks: of the event loop.
        p50: milliseconds of a right answer, half are faster.
        p99: milliseconds, all but one in a hundred are faster.
        cpu: milliseconds of the process's time for a request.
    """

    at: float
    requests: int
    memory: float
    descriptors: float
    tasks: float
    p50: float
    p99: float
    cpu: float


async def capacity(stage: Stage, seconds: float = CAPACITY_SECONDS) -> float:
    """Turns a second when everybody asks again at once."""
    stage.crowd.pace.rate = 0.0
    turns, began = stage.crowd.turns, time.monotonic()
    stage.crowd.go()
    await asyncio.sleep(seconds)
    return (stage.crowd.turns - turns) / (time.monotonic() - began)


async def sample(stage: Stage, began: float, seconds: float = SAMPLE_SECONDS) -> Sample:
    """Measure while everybody asks and nothing is broken."""
    subject = stage.subject
    stage.timed.take()
    turns, cpu = stage.crowd.turns, cpu_seconds(subject.pid)
    await asyncio.sleep(seconds)
    stage.crowd.raise_failures()
    requests = stage.crowd.turns - turns
    spent = cpu_seconds(subject.pid) - cpu
    tasks = counting.value(await subject.admin("/metrics"), "sourceproxy_event_loop_tasks")
    times = stage.timed.take() or [0.0]
    return Sample(
        at=round(time.monotonic() - began, 1),
        requests=requests,
        memory=round(subject.memory() / MIB, 1),
        descriptors=subject.descriptors(),
        tasks=tasks,
        p50=round(times[len(times) // 2] * 1000, 2),
        p99=round(times[len(times) * 99 // 100] * 1000, 2),
        cpu=round(spent * 1000 / max(requests, 1), 3),
    )


async def soak(stage: Stage, minutes: float, out: Path) -> tuple[list[Sample], list[Row]]:
    """Load, sample, break, mend, again and again; samples go to ``samples.jsonl`` as they come."""
    luck = random.Random(f"{stage.seed} soak")  # noqa: S311 - repeatable, not secret
    player = Player(stage)
    most = await capacity(stage)
    stage.crowd.pace.rate = most / 2
    rows = [await player.warm_up()]
    print(
        f"capacity {most:.0f} requests a second, so {most / 2:.0f} are asked\n{report.headline()}", flush=True
    )
    began, samples = time.monotonic(), []
    bag: list[Scenario] = []
    with (out / "samples.jsonl").open("w") as file:
        while time.monotonic() - began < minutes * 60:
            stage.crowd.go()
            for _ in range(CALM_SAMPLES):
                samples.append(await sample(stage, began))
                file.write(json.dumps(asdict(samples[-1])) + "\n")
                file.flush()
            bag = bag or luck.sample(_SPRINKLED, len(_SPRINKLED))
            rows.append(await player.play(bag.pop()))
            print(f"{time.monotonic() - began:6.0f} s  {report.line(rows[-1])}", flush=True)
    return samples, rows


_SPRINKLED = [scenario for scenario in EVERY if not scenario.ends and "memory" not in scenario.name]
"""All that leave the process running: what it holds is of interest over its whole life."""


def figures(samples: Sequence[Sample]) -> tuple[list[str], list[str]]:
    """A table of how each value went, and what grew more than its bound."""
    times = [one.at for one in samples]
    lines = [
        f"{'':24} {'first':>9} {'lowest':>9} {'highest':>9} {'last':>9} {'rise over the second half':>28}"
    ]
    grown = []
    for bound in BOUNDS:
        values = [float(getattr(one, bound.name)) for one in samples]
        line = second_half(times, values)
        allowed = max(bound.rise, bound.share * abs(line.level))
        name = f"{bound.name} {bound.unit}".strip()
        shown = " ".join(f"{value:9.2f}" for value in (values[0], min(values), max(values), values[-1]))
        lines.append(f"{name:24} {shown} {line.rise:12.2f} of {allowed:.2f} allowed")
        if bound.exceeded(line):
            grown.append(f"{bound.name} grew by {line.rise:.2f} {bound.unit} in the second half")
    return lines, grown


async def _run(options: argparse.Namespace, out: Path) -> int:
    async with running(out, options.seed, 0.0) as stage:
        samples, rows = await soak(stage, options.minutes, out)
        code = await stage.subject.end()
        if code != 0:
            stage.verdicts.violated(f"exit code {code} after SIGTERM")
        verdicts = stage.verdicts
    lines, grown = figures(samples)
    for growth in grown:
        verdicts.violated(growth)
    requests = sum(one.requests for one in samples) + sum(row.requests for row in rows)
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
