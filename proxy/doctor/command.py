"""The command ``doctor`` as it is seen in a terminal and by programs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TextIO

from proxy.doctor import showing
from proxy.doctor.asking.http import open_asker
from proxy.doctor.checks import Checks
from proxy.doctor.judging import configuration
from proxy.doctor.loop import UnwaitingLoop
from proxy.doctor.model import Outcome, count
from proxy.doctor.running import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proxy.config.faults import Fault
    from proxy.config.model import Config
    from proxy.doctor.model import Finding

_CLEAR_LINE = "\r\x1b[K"


class Screen:
    """Where the report goes.

    Args:
        out: for the report.
        progress: for what is being waited for; used where it is a terminal.
        environ: for ``NO_COLOR`` (https://no-color.org).
        as_json: whether the report is JSON, written when all is done.
    """

    def __init__(self, out: TextIO, progress: TextIO, environ: Mapping[str, str], *, as_json: bool) -> None:
        self._out = out
        self._progress = progress
        self._as_json = as_json
        self._colour = out.isatty() and not environ.get("NO_COLOR")
        self._moving = progress.isatty() and environ.get("TERM") != "dumb"

    def waiting(self, done: int, total: int, name: str) -> None:
        """Show how far it is, in a line that is overwritten."""
        if self._moving:
            self._progress.write(f"{_CLEAR_LINE}{done} of {total} checks done, waiting for {name} …")
            self._progress.flush()

    def group(self, name: str, findings: Sequence[Finding]) -> None:
        """Show a group that is complete."""
        self._clear()
        if not self._as_json:
            self._out.write(showing.group(name, findings, colour=self._colour) + "\n")
            self._out.flush()

    def end(self, findings: Sequence[Finding]) -> None:
        """Show how it went."""
        self._clear()
        shown = showing.as_json(findings) if self._as_json else showing.verdict(findings, colour=self._colour)
        self._out.write(shown)

    def _clear(self) -> None:
        if self._moving:
            self._progress.write(_CLEAR_LINE)
            self._progress.flush()


def examine(config: Config, source: str, environ: Mapping[str, str], screen: Screen) -> bool:
    """Check everything and show it.

    Args:
        config: what to check.
        source: its file, or what stands for it.
        environ: the environment.
        screen: where to show it.

    Returns:
        Whether nothing failed; warnings are no failures.
    """
    with asyncio.Runner(loop_factory=UnwaitingLoop) as runner:
        findings = runner.run(_examine(config, source, environ, screen))
    screen.end(findings)
    return not count(findings, Outcome.FAILURE)


def show_faults(faults: Sequence[Fault], source: str, screen: Screen) -> None:
    """Show what keeps everything else from being checked."""
    findings = configuration.faulty(faults, source)
    screen.group("configuration", findings)
    screen.end(findings)


async def _examine(config: Config, source: str, environ: Mapping[str, str], screen: Screen) -> list[Finding]:
    async with open_asker() as asker:
        checks = Checks(config, source, environ, asker).all()
        return await run(checks, screen.group, screen.waiting)
