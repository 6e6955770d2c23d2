"""The demo's stand-in for GitHub as a process of its own: ``python -m bench.github PORT``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import proxy.demo
from proxy.demo.github import StandIn

LOGIN, CLIENT_ID, CLIENT_SECRET = "bench", "Iv1.bench", "bench-client-secret"
REPOSITORIES = Path(proxy.demo.__file__).parent / "data" / "repositories"


async def serve(port: int) -> None:
    """Answer until the process ends."""
    github = StandIn(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, call_limit=1)
    github.add_user(LOGIN)
    for path in REPOSITORIES.iterdir():
        owner, _, name = path.name.removesuffix(".git").partition("--")
        github.add_repository(owner, name, path)
    await github.start("127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
