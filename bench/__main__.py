"""``python -m bench``: measure, print, judge nothing. About five minutes unless told otherwise."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
from pathlib import Path

from bench import getfile, join, load, passthrough, sample
from bench.processes import DidNotStartError
from bench.targets import Places, places

PROFILE_SAMPLES = 300_000
MAX_ROUNDS = 100
MAX_SECONDS = 60


def main() -> int:
    # Ending by SIGTERM as by Ctrl-C: what was started is ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args()
    where = places(os.sched_getaffinity(0))
    print(f"{options.rounds} rounds of {options.seconds} s, taking turns; median (lowest-highest)")
    print(f"client: {load.name()}" + ("" if load.name() == "wrk" else f"; a faster one: {load.INSTALL}"))
    print(f"Python {platform.python_version()}; processor {_listed(where.measured)} is for what is measured,")
    print(f"{_listed(where.around)} for client and upstream, which bound the throughput; loopback only\n")
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            _measure(options, Path(folder), where)
    except (DidNotStartError, load.LoadFailedError, getfile.NotAnsweredError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _measure(options: argparse.Namespace, folder: Path, where: Places) -> None:
    if options.what in ("all", "passthrough"):
        passthrough.run(folder, options.rounds, options.seconds, where)
    if options.what == "known":
        getfile.run(_target(options), folder, options.rounds, options.seconds, where)
    elif options.what in ("all", "getfile"):
        with sample.running(folder, where) as target:
            getfile.run_cold(target, sample.every_question(target))
            getfile.run(target, folder, options.rounds, options.seconds, where)
    if options.what in ("all", "join"):
        print(f"\nA profile of {PROFILE_SAMPLES:,} samples joined to a function", flush=True)
        join.run(PROFILE_SAMPLES)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=_rounds, default=3, help="how often each target is measured (%(default)s)"
    )
    parser.add_argument("--seconds", type=_seconds, default=2, help="length of a run of load (%(default)s)")
    commands = parser.add_subparsers(dest="what", metavar="WHAT")
    # After the line above: that would set it to nothing again.
    parser.set_defaults(what="all")
    commands.add_parser("all", help="passthrough, then getfile, then join (this is the default)")
    commands.add_parser("passthrough", help="the proxy, nginx and haproxy before the same upstream")
    commands.add_parser("getfile", help="GetFile of files that are not known, then of one that is")
    commands.add_parser("join", help="a large profile joined to a function")
    known = commands.add_parser("known", help="the same of a proxy that runs already")
    known.add_argument("--url", required=True, help="its main listener, as http://127.0.0.1:4041")
    known.add_argument("--pid", type=int, required=True, help="its process")
    known.add_argument(
        "--cookie-file",
        type=Path,
        required=True,
        help="a file with the value of the cookie pyroscope_git_session",
    )
    known.add_argument("--repository", required=True, help="repositoryURL of the question")
    known.add_argument("--ref", required=True, help="a full commit SHA, or what can move")
    known.add_argument("--path", required=True, help="localPath of the question")
    known.add_argument("--root-path", default="")
    known.add_argument("--function", default="")
    return parser


def _target(options: argparse.Namespace) -> getfile.Target:
    try:
        cookie = options.cookie_file.read_text().strip()
    except (OSError, ValueError) as error:
        raise getfile.NotAnsweredError(f"--cookie-file cannot be read: {error}") from error
    question = {
        "repositoryURL": options.repository,
        "ref": options.ref,
        "localPath": options.path,
        "rootPath": options.root_path,
        "functionName": options.function,
    }
    return getfile.Target(options.url.rstrip("/"), options.pid, cookie, question)


def _rounds(text: str) -> int:
    return _between(text, MAX_ROUNDS)


def _seconds(text: str) -> int:
    return _between(text, MAX_SECONDS)


def _between(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {most}")
    return int(text)


def _listed(cpus: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(cpus)))


if __name__ == "__main__":
    sys.exit(main())
