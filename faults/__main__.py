"""``python -m faults``: break all around the proxy, in turn and together; exit 1 when a rule is broken."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from faults import report
from faults.around.redis import RedisMissingError
from faults.around.remote import AroundError
from faults.around.subject import SubjectError
from faults.playing import Player, Row
from faults.scenarios import EVERY, SHORT
from faults.stage import GRACE, running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faults.scenario import Scenario
    from faults.stage import Stage

RATE = 150.0
SHORT_GRACE = "4s"
FINE, BROKEN_RULES, NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def main() -> int:
    """Run; the exit code: 0 every rule held, 1 one did not, 2 could not run."""
    # Ending by SIGTERM as by Ctrl-C: what was started is ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    print(f"seed {options.seed}; log and files in {folder}\n{report.headline()}", flush=True)
    try:
        code = asyncio.run(_play(options, folder))
    except (AroundError, RedisMissingError, SubjectError) as error:
        print(error, file=sys.stderr)
        return NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    if code == FINE:
        shutil.rmtree(folder)
    return code


async def _play(options: argparse.Namespace, folder: Path) -> int:
    grace = SHORT_GRACE if options.short else GRACE
    rate, workers = options.rate, options.workers
    async with running(folder, options.seed, rate, workers=workers, grace=grace) as stage:
        verdicts, rows = stage.verdicts, list[Row]()
        try:
            await _play_all(stage, _chosen(options), rows)
        finally:
            # Also when it cannot go on: what was seen until then is of interest all the more.
            print("\n".join(["", *report.verdict(rows, verdicts.violations, verdicts.broken_rules)]))
    return BROKEN_RULES if verdicts.broken_rules else FINE


async def _play_all(stage: Stage, scenarios: Sequence[Scenario], rows: list[Row]) -> None:
    player = Player(stage)
    rows.append(await player.warm_up())
    print(report.line(rows[-1]), flush=True)
    for scenario in scenarios:
        rows.append(await player.play(scenario))
        print(report.line(rows[-1]), flush=True)
    code = await stage.subject.end()
    if code != 0:
        stage.verdicts.violated(f"exit code {code} after SIGTERM")


def _chosen(options: argparse.Namespace) -> list[Scenario]:
    every = SHORT if options.short else EVERY
    named = [scenario for scenario in every if options.only.lower() in scenario.name.lower()]
    return [replace(scenario, seconds=scenario.seconds * options.times) for scenario in named]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the most telling scenarios, in about 90 s")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="repeats the chances of an earlier run")
    parser.add_argument("--only", default="", metavar="TEXT", help="scenarios whose name holds it")
    parser.add_argument("--times", type=float, default=1.0, help="how many times as long each fault lasts")
    parser.add_argument("--rate", type=float, default=RATE, help="requests a second (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
