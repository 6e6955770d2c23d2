"""What a check says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUPS = ("configuration", "sessions", "upstream", "github", "egress", "redis", "tracing", "machine")
"""In the order in which they are shown; a check's name begins with its group's."""


class Outcome(Enum):
    """How a check ended; ``value`` is its name in JSON."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        check: its name, such as ``upstream.ready``; the part before the dot is its group.
        outcome: how it ended.
        found: what was found, without a full stop.
        advice: what to do about it, without a full stop; empty where there is nothing to do.
    """

    check: str
    outcome: Outcome
    found: str
    advice: str = ""

    @property
    def group(self) -> str:
        """Among ``GROUPS``."""
        return self.check.partition(".")[0]


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Outcome.OK, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """It works, and is probably not what is wanted."""
    return Finding(check, Outcome.WARNING, found, advice)


def failure(check: str, found: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(check, Outcome.FAILURE, found, advice)


def skipped(check: str, why: str) -> Finding:
    """There was nothing to check."""
    return Finding(check, Outcome.SKIPPED, why)


def count(findings: Iterable[Finding], outcome: Outcome) -> int:
    """How many ended so."""
    return sum(finding.outcome is outcome for finding in findings)
