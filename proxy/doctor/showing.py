"""The report for people, as a tree, and for programs, as JSON. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from proxy.doctor.model import Outcome, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.doctor.model import Finding

_MARKS = {
    Outcome.OK: ("✓", "32"),
    Outcome.WARNING: ("!", "33"),
    Outcome.FAILURE: ("✗", "31"),
    Outcome.SKIPPED: ("·", "2"),
}
_BOLD, _DIM = "1", "2"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def group(name: str, findings: Sequence[Finding], *, colour: bool) -> str:
    """The findings of one group, each on a line, what to do about it on the next.

    What several checks found in the same words, such as a host that cannot be reached, is told once.
    """
    lines = [_paint(name, _BOLD, colour=colour)]
    different = list({(each.outcome, each.found, each.advice): each for each in findings}.values())
    for finding in different:
        last = finding is different[-1]
        mark, code = _MARKS[finding.outcome]
        text = _line(finding.found)
        shown = _paint(text, _DIM, colour=colour) if finding.outcome is Outcome.SKIPPED else text
        lines.append(f"{'└─' if last else '├─'} {_paint(mark, code, colour=colour)} {shown}")
        if finding.advice:
            advice = _paint(f"→ {_line(finding.advice)}", code, colour=colour)
            lines.append(f"{' ' if last else '│'}    {advice}")
    return "\n".join(lines) + "\n"


def verdict(findings: Sequence[Finding], *, colour: bool) -> str:
    """How it went, in one line."""
    failures, warnings = count(findings, Outcome.FAILURE), count(findings, Outcome.WARNING)
    parts = [
        _number(failures, "failure"),
        _number(warnings, "warning"),
        f"{count(findings, Outcome.OK)} fine",
    ]
    if skipped := count(findings, Outcome.SKIPPED):
        parts.append(f"{skipped} skipped")
    worst = Outcome.FAILURE if failures else Outcome.WARNING if warnings else Outcome.OK
    return _paint(", ".join(parts), _MARKS[worst][1], colour=colour) + "\n"


def as_json(findings: Sequence[Finding]) -> str:
    """The whole report: ``{"outcome", "failures", "warnings", "checks": [{"check", "outcome", …}]}``."""
    failures, warnings = count(findings, Outcome.FAILURE), count(findings, Outcome.WARNING)
    worst = Outcome.FAILURE if failures else Outcome.WARNING if warnings else Outcome.OK
    report = {
        "outcome": worst.value,
        "failures": failures,
        "warnings": warnings,
        "checks": [
            {
                "check": finding.check,
                "outcome": finding.outcome.value,
                "found": finding.found,
                "advice": finding.advice,
            }
            for finding in findings
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _line(text: str) -> str:
    """One line, whatever a configuration, a file or a server put into it."""
    return _UNPRINTABLE.sub("�", text)


def _number(amount: int, what: str) -> str:
    return f"{amount} {what}{'' if amount == 1 else 's'}"


def _paint(text: str, code: str, *, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text
