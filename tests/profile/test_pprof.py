"""The same numbers as ``go tool pprof -list`` for every function of every recorded profile."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

import proxy.demo
from proxy.profile import Question, join
from proxy.proto import profile_pb2

DATA = Path(proxy.demo.__file__).parent / "data"
RECORDINGS = {
    entry["file"]: entry["profile_types"]
    for entry in json.loads((DATA / "manifest.json").read_text())["recordings"]
}
CASES = [(file, kind) for file, kinds in RECORDINGS.items() for kind in kinds]
_ROUTINE = re.compile(r"^ROUTINE =+ (.*) in (.*)$")
_LINE = re.compile(r"^\s*(\S+)\s+(\S+)\s+(\d+):")
_NUMBER = re.compile(r"-?[\d.]+")
Lines = dict[int, tuple[int, int]]


def _go() -> str:
    go = shutil.which("go")
    if go is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Go has to be there in CI: the counting is held against its pprof")
        pytest.skip("Go is not installed")
    return go


def _amount(text: str) -> int:
    found = _NUMBER.match(text)
    return 0 if text == "." or found is None else round(float(found[0]))


def _sources(profile: profile_pb2.Profile, folder: Path) -> None:
    """Files with enough empty lines: pprof lists nothing of a file that is not there."""
    lines: dict[str, int] = defaultdict(int)
    functions = {function.id: function for function in profile.function}
    for location in profile.location:
        for line in location.line:
            file = profile.string_table[functions[line.function_id].filename]
            lines[file] = max(lines[file], line.line)
    for file, last in lines.items():
        path = folder / file.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n" * (last + 20))


def _listed(go: str, file: Path, index: str, unit: str, folder: Path) -> dict[tuple[str, str], Lines]:
    done = subprocess.run(
        [
            *(go, "tool", "pprof", "-list", ".", f"-sample_index={index}", f"-unit={unit}"),
            *(f"-source_path={folder}", "-trim_path=/", str(file)),
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[tuple[str, str], Lines] = {}
    lines: Lines = {}
    for text in done.stdout.splitlines():
        if routine := _ROUTINE.match(text):
            lines = found.setdefault((routine[1], routine[2].lstrip("/")), {})
        elif match := _LINE.match(text):
            own, total = _amount(match[1]), _amount(match[2])
            if own or total:
                lines[int(match[3])] = own, total
    return found


@pytest.mark.parametrize(("file", "profile_type"), CASES)
def test_every_function_has_the_numbers_of_pprof(file: str, profile_type: str, tmp_path: Path) -> None:
    data = gzip.decompress((DATA / file).read_bytes())
    profile = profile_pb2.Profile.FromString(data)
    _sources(profile, tmp_path)
    _, index, unit, *_ = profile_type.split(":")
    listed = _listed(_go(), DATA / file, index, unit, tmp_path)
    assert len(listed) > 20
    names = {profile.string_table[function.name] for function in profile.function}
    found = {
        # pprof lists nothing above the line where the function starts, though inlining leads there.
        (name, use.file.lstrip("/")): {
            line: (value.self, value.total) for line, value in use.lines.items() if line >= use.start_line
        }
        for name in names
        for use in join(data, Question(name, profile_type)).uses
    }
    assert found == listed
