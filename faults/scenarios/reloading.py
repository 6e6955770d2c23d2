"""SIGHUP with good files and with broken ones: neither costs anybody a request or a session."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from faults.judging.outcomes import Fault
from faults.scenario import Scenario

if TYPE_CHECKING:
    from faults.stage import Stage

_RELOADS = "sourceproxy_config_reloads_total"
_BROKEN = (
    "{",
    "session: [this is: not, a mapping\n",
    "unknown_key: 1\n",
    "",
    "\x00\x01",
    "session: {secrets: [${NOT_SET_ANYWHERE}]}\n",
)


async def _rotated(stage: Stage, seconds: float) -> None:
    """A new secret seals each time, the older ones still open."""
    for number in range(3):
        stage.session_secrets.insert(0, f"rotated-session-secret-{number}-that-no-log-holds")
        stage.configure(log={"level": "debug" if number % 2 else "info"})
        stage.subject.signal(signal.SIGHUP)
        await asyncio.sleep(seconds / 3)


async def _refused(stage: Stage, seconds: float) -> None:
    """Broken files, the last of them left for a while; what was in force stays."""
    try:
        for text in _BROKEN:
            stage.subject.config.write_text(text)
            stage.subject.signal(signal.SIGHUP)
            await asyncio.sleep(seconds / len(_BROKEN))
    finally:
        stage.configure()
        stage.subject.signal(signal.SIGHUP)


SCENARIOS = (
    Scenario(
        "SIGHUP with new session secrets",
        (Fault.RELOADING,),
        _rotated,
        counts=f'{_RELOADS}{{result="success"}}',
    ),
    Scenario(
        "SIGHUP with broken files",
        (Fault.RELOADING,),
        _refused,
        counts=f'{_RELOADS}{{result="failure"}}',
        short=True,
    ),
)
