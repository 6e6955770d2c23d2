"""The demo's stand-in for GitHub as a process of its own: ``python -m bench.github PORT DELAY FOLDER``.

DELAY: seconds before each answer; FOLDER: bare repositories ``OWNER--NAME.git``.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Literal

from proxy.demo.github import StandIn

LOGIN, CLIENT_ID, CLIENT_SECRET = "bench", "Iv1.bench", "bench-client-secret"
_FOR_EVER = 1 << 62


class Pause(asyncio.Event):
    """Waits for some time instead of for anything."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def wait(self) -> Literal[True]:
        """Wait."""
        await asyncio.sleep(self._seconds)
        return True


def stand_in(delay: float, folder: Path) -> StandIn:
    """What answers, with every repository of the folder."""
    github = StandIn(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, call_limit=1)
    github.add_user(LOGIN)
    for path in folder.iterdir():
        owner, _, name = path.name.removesuffix(".git").partition("--")
        github.add_repository(owner, name, path)
    if delay:
        github.fail_next(hold=Pause(delay), times=_FOR_EVER)
    return github


async def serve(port: int, github: StandIn) -> None:
    """Answer until the process ends."""
    await github.start("127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), stand_in(float(sys.argv[2]), Path(sys.argv[3]))))
