"""Runs all checks at once, each and all within a time limit, and tells of each group when it is complete."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from proxy.doctor.model import GROUPS, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from proxy.doctor.checks import Check
    from proxy.doctor.model import Finding

SECONDS = 12.0
"""For all checks together; a single request has less."""

_logger = logging.getLogger(__name__)


async def run(
    checks: Sequence[Check],
    tell: Callable[[str, Sequence[Finding]], None],
    progress: Callable[[int, int, str], None],
    *,
    seconds: float = SECONDS,
) -> list[Finding]:
    """Run the checks.

    Args:
        checks: what to run.
        tell: is given each group's name and findings, in the order of ``GROUPS``, as soon as it can be.
        progress: is given how many checks have ended, how many there are, and one that has not.
        seconds: what has not ended by then is a failure of its own.

    Returns:
        All findings, in the order in which they were told.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    tasks = {asyncio.create_task(_one(check, deadline, seconds)): check for check in checks}
    groups = [(group, [check for check in checks if _group(check) == group]) for group in GROUPS]
    done: dict[str, list[Finding]] = {}
    told: list[Finding] = []
    waiting = set(tasks)
    while waiting:
        progress(len(done), len(tasks), next(check.name for task, check in tasks.items() if task in waiting))
        ended, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        done |= {tasks[task].name: task.result() for task in ended}
        while groups and all(check.name in done for check in groups[0][1]):
            group, members = groups.pop(0)
            if members:
                findings = [finding for check in members for finding in done[check.name]]
                tell(group, findings)
                told += findings
    return told


def _group(check: Check) -> str:
    return check.name.partition(".")[0]


async def _one(check: Check, deadline: float, seconds: float) -> list[Finding]:
    try:
        async with asyncio.timeout_at(deadline):
            return list(await check.run())
    except TimeoutError:
        advice = "check the name servers and network policies: something does not answer and does not refuse"
        return [failure(check.name, f"was not done within {seconds:g} s", advice)]
    except Exception as error:
        # One check that fails must not cost the others. Its text may hold anything, also secrets.
        _logger.debug("a check failed", exc_info=error)
        advice = "report it as a fault of this program"
        return [failure(check.name, f"the check itself failed ({type(error).__name__})", advice)]
