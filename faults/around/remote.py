"""The way to what is around the proxy, which is a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from faults.around.surroundings import Place, Tls

if TYPE_CHECKING:
    from faults.around.gate import Mode
    from faults.around.github import Spoil
    from faults.around.pyroscope import Manner
    from faults.around.surroundings import Plan

LONGEST_LINE = 1024 * 1024
_PATIENCE = 30.0


class AroundError(Exception):
    """What is around the proxy does not do what it was told: a mistake in this suite."""


class Around:
    """Starts that process and tells it what to do.

    Attributes:
        ports: of the gates.
        stand_in: the port of GitHub itself, which no gate breaks.
        client_id: of the App at GitHub.
        authorities: the file for ``SSL_CERT_FILE``.
    """

    def __init__(self) -> None:
        self.ports: dict[Place, int] = {}
        self.stand_in = 0
        self.client_id = ""
        self.authorities = ""
        self._process: asyncio.subprocess.Process | None = None
        # Commands come from several scenarios at once; each has the next line of the output to itself.
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None
        return self._process.pid

    async def start(self, plan: Plan) -> None:
        """Start it.

        Raises:
            AroundError: it does not start.
        """
        # In a session of its own, so that Ctrl-C leaves it to us, who end it last.
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "faults.around"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,
        )
        found = await self._exchange(asdict(plan))
        self.ports = {Place(name): port for name, port in found["ports"].items()}
        self.stand_in, self.client_id = found["stand_in"], found["client_id"]
        self.authorities = found["authorities"]

    async def stop(self) -> None:
        """End it."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.wait(), _PATIENCE)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    async def turn(self, place: Place, mode: Mode) -> None:
        """Change what a gate does."""
        await self._exchange(["turn", place.value, mode.value])

    async def aim(self, place: Place, port: int) -> None:
        """Lead a gate to another server, also who is connected now."""
        await self._exchange(["aim", place.value, port])

    async def encrypt(self, tls: Tls) -> None:
        """Change what clients of GitHub meet."""
        await self._exchange(["encrypt", tls.value])

    async def answer(self, manner: Manner) -> None:
        """Change how Pyroscope answers."""
        await self._exchange(["answer", manner.value])

    async def spoil(self, spoil: Spoil | None) -> None:
        """Change what becomes of GitHub's answers; ``None``: nothing."""
        message = None if spoil is None else asdict(spoil) | {"kind": spoil.kind.value}
        await self._exchange(["spoil", message])

    async def skew(self, seconds: float) -> None:
        """Put GitHub's clock so far ahead."""
        await self._exchange(["skew", seconds])

    async def tokens(self) -> list[bytes]:
        """The tokens that GitHub has given out lately."""
        return [token.encode() for token in await self._exchange(["tokens"])]

    async def _exchange(self, message: Any) -> Any:
        """Send a line and wait for its answer, which is waited for to its end even when the caller is not."""
        return await asyncio.shield(asyncio.ensure_future(self._alone(message)))

    async def _alone(self, message: Any) -> Any:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise AroundError("it was not started")
        async with self._turn:
            try:
                process.stdin.write(json.dumps(message).encode() + b"\n")
                line = await asyncio.wait_for(process.stdout.readline(), _PATIENCE)
            except (OSError, TimeoutError) as error:
                raise AroundError(f"no answer to {message!r}: {error!r}") from error
        told = json.loads(line or b"{}")
        if "done" not in told:
            raise AroundError(f"{message!r}: {told.get('failed', 'it has ended')}")
        return told["done"]
