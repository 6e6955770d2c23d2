"""Runs targets one after the other, each in a process of its own."""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz.corpora import CORPUS, FINDINGS, inputs, merge
from fuzz.targets import TARGETS

_SLOW_SECONDS, _MEMORY_MB = 10, 2048
_MISSING = "atheris is not installed: pip install 'pyroscope-source-proxy[fuzz]' (CPython on Linux or macOS)"


def main(argv: list[str] | None = None) -> int:
    """Run what the arguments say; 0: nothing was found, 1: something was, 2: wrong usage or no atheris."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Fuzz what reads bytes that strangers send.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all if none")
    parser.add_argument("--seconds", type=int, default=20, help="for each target (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="add to the corpus what reaches new code")
    options = parser.parse_args(argv)
    if unknown := [name for name in options.targets if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    if importlib.util.find_spec("atheris") is None:
        print(_MISSING, file=sys.stderr)
        return 2
    failed = [name for name in options.targets or TARGETS if not _run(name, options.seconds, options.keep)]
    return 1 if failed else 0


def _run(target: str, seconds: int, keep: bool) -> bool:
    """Fuzz one target; whether every rule held."""
    FINDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as new:
        done = _engine(
            target,
            [new, str(CORPUS / target)],
            [
                f"-max_total_time={seconds}",
                f"-max_len={TARGETS[target].largest}",
                f"-timeout={_SLOW_SECONDS}",
                f"-rss_limit_mb={_MEMORY_MB}",
                f"-artifact_prefix={FINDINGS / target}-",
                "-print_final_stats=1",
            ],
        )
        tried = re.search(r"number_of_executed_units: (\d+)", done.stdout)
        print(
            f"{target}: {tried[1] if tried else '?'} inputs tried, {_count(new)} reached new code", flush=True
        )
        if done.returncode:
            _tell(done.stdout)
            return False
        if keep:
            added = merge(target, [path.read_bytes() for path in Path(new).iterdir()])
            print(f"{target}: {added} of them kept, {len(inputs(target))} in the corpus now", flush=True)
    return True


def _tell(output: str) -> None:
    """Show what went wrong, and not what was instrumented and learnt before."""
    noise = re.compile(r"INFO: |#\d+\s|WARNING: Failed to find")
    print("\n".join(line for line in output.splitlines() if not noise.match(line))[-6000:], file=sys.stderr)


def _engine(target: str, folders: list[str], flags: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fuzz.engine", target, *folders, *flags],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def _count(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


if __name__ == "__main__":
    sys.exit(main())
