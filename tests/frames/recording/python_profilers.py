"""Run a Python program under a profiler; each yields path, function, start line and line of what it saw."""

from __future__ import annotations

import pstats
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from places import run

SECONDS = 8
_PY_SPY = re.compile(r"(?P<name>.+) \((?P<file>[^()]*):(?P<line>\d+)\)\Z")


def by_cprofile(python: Path, program: str, source: Path, home: Path) -> Iterator[tuple[str, str, int, int]]:
    """Every function that ran."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/profile"
        run(
            str(python),
            "-m",
            "cProfile",
            "-o",
            out,
            "-m",
            program,
            str(SECONDS),
            cwd=source,
            env=environment(source, home),
        )
        for (path, line, name), _ in sorted(pstats.Stats(out).stats.items()):
            yield path, name, line, line


def by_py_spy(python: Path, program: str, source: Path, home: Path) -> Iterator[tuple[str, str, int, int]]:
    """Every function that was seen on a stack."""
    py_spy = shutil.which("py-spy")
    if not py_spy:
        raise SystemExit("py-spy is not on the PATH: pip install py-spy")
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/profile"
        command = (py_spy, "record", "--rate", "400", "--format", "raw", "--full-filenames", "--output", out, "--")
        subprocess.run(
            [*command, str(python), "-m", program, str(SECONDS)],
            cwd=source,
            env=environment(source, home),
            check=True,
            capture_output=True,
        )
        text = Path(out).read_text(encoding="utf-8")
    seen = set()
    for frame in re.split(r";| \d+\n", text):
        found = _PY_SPY.fullmatch(frame)
        if found and (found["file"], found["name"]) not in seen:
            seen.add((found["file"], found["name"]))
            yield found["file"], found["name"], 0, int(found["line"])


def environment(source: Path, home: Path) -> dict[str, str]:
    """Nothing of the machine that records."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(source), "PYTHONHASHSEED": "0", "HOME": str(home)}


PROFILERS = {"cProfile": by_cprofile, "py-spy": by_py_spy}
