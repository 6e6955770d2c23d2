"""Judges the report of pip-audit: ``audit.py LOCK REPORT``.

A known vulnerability fails. A service that gave no answer, wholly or for some packages, does not: it is
nothing that a change of ours can mend, but it is said, since silence is not safety.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def findings(report: dict[str, Any]) -> list[str]:
    """A line for each vulnerability."""
    return [
        f"{package['name']} {package['version']}: {found['id']}"
        f" (fixed in {', '.join(found['fix_versions']) or 'no version yet'})"
        for package in report["dependencies"]
        for found in package.get("vulns", ())
    ]


def main(lock: str, report_file: str) -> int:
    """Say what the report amounts to; the exit code is 1 where there is a vulnerability."""
    try:
        report = json.loads(Path(report_file).read_text("utf-8"))
    except (OSError, ValueError):
        print(f"!! {lock}: NOT AUDITED, the vulnerability service gave no answer (build/audit.log has why)")
        return 0
    packages = report["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        print(
            f"!! {lock}: NOT AUDITED, {len(skipped)} of {len(packages)} packages:"
            f" the vulnerability service does not know {', '.join(skipped)}"
        )
    found = findings(report)
    for line in found:
        print(f"{lock}: {line}")
    audited = len(packages) - len(skipped)
    print(f"{lock}: {len(found)} known vulnerabilities in {audited} packages that were audited")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
