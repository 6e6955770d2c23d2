"""A vulnerability fails the audit; a service that says nothing is told loudly and does not."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.image.dockerfile import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FINE = {"name": "yarl", "version": "1.0", "vulns": []}
BAD = {
    "name": "aiohttp",
    "version": "3.0.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["3.0.1"], "aliases": ["CVE-1"], "description": "smuggling"},
        {"id": "PYSEC-2", "fix_versions": [], "aliases": [], "description": ""},
    ],
}
UNKNOWN = {"name": "idna", "skip_reason": "Dependency not found"}


def audit(report: Path) -> tuple[int, list[str]]:
    command = [sys.executable, str(ROOT / ".ci/audit.py"), "lock.txt", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    ("packages", "code", "lines"),
    [
        ([FINE], 0, ["lock.txt: 0 known vulnerabilities in 1 packages that were audited"]),
        (
            [FINE, BAD],
            1,
            [
                "lock.txt: aiohttp 3.0.0: PYSEC-1 (fixed in 3.0.1)",
                "lock.txt: aiohttp 3.0.0: PYSEC-2 (fixed in no version yet)",
                "lock.txt: 2 known vulnerabilities in 2 packages that were audited",
            ],
        ),
        (
            [FINE, UNKNOWN],
            0,
            [
                "!! lock.txt: NOT AUDITED, 1 of 2 packages: the vulnerability service does not know idna",
                "lock.txt: 0 known vulnerabilities in 1 packages that were audited",
            ],
        ),
    ],
)
def test_a_report_is_judged(
    packages: list[dict[str, Any]], code: int, lines: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "audit.json"
    report.write_text(json.dumps({"dependencies": packages, "fixes": []}))
    assert audit(report) == (code, lines)


@pytest.mark.parametrize("text", [None, "", "ERROR: no answer"])
def test_no_report_is_told_and_does_not_fail(text: str | None, tmp_path: Path) -> None:
    report = tmp_path / "audit.json"
    if text is not None:
        report.write_text(text)
    code, (line,) = audit(report)
    assert code == 0
    assert line.startswith("!! lock.txt: NOT AUDITED, the vulnerability service gave no answer")
