"""A real redis-server on a port of loopback, that can be killed, stopped, filled and garbled."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from bench.processes import free_port

if TYPE_CHECKING:
    from pathlib import Path

_TRIES = 500
INSTALL = "redis-server is not installed: apt-get install redis-server"


class RedisMissingError(Exception):
    """There is no redis-server; the message says how to get it."""


class Redis:
    """One server.

    Args:
        folder: for what it writes.
        max_memory: what it may hold; it forgets what was used least recently.
    """

    def __init__(self, folder: Path, max_memory: str = "8mb") -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            raise RedisMissingError(INSTALL)
        self._program = program
        self._folder = folder
        self._max_memory = max_memory
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    async def start(self) -> None:
        """Start it with nothing in it and wait until it answers."""
        command = [self._program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        command += ["--maxmemory", self._max_memory, "--maxmemory-policy", "allkeys-lru"]
        self._process = await asyncio.to_thread(
            subprocess.Popen, command, cwd=self._folder, stdout=subprocess.DEVNULL
        )
        for _ in range(_TRIES):
            try:
                await self.ask("PING")
            except (OSError, EOFError):
                await asyncio.sleep(0.02)
            else:
                return
        raise RedisMissingError("redis-server does not answer")

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Have it take connections and commands and answer none."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    async def garble(self) -> int:
        """Put other bytes in the place of everything it holds; how many values those were."""
        keys = await self.ask("KEYS", "*")
        for key in keys[1:]:
            await self.ask("SET", key, b"\x00garbled\xff" * 7, "KEEPTTL")
        return len(keys) - 1

    async def ask(self, *words: str | bytes) -> list[bytes]:
        """The answer to a command as the lines of the protocol, an error among them."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            encoded = [word.encode() if isinstance(word, str) else word for word in words]
            writer.write(b"*%d\r\n" % len(encoded))
            writer.write(b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded))
            return await _reply(reader)
        finally:
            writer.close()

    def _signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)


async def _reply(reader: asyncio.StreamReader) -> list[bytes]:
    """One reply of RESP2: https://redis.io/docs/latest/develop/reference/protocol-spec/."""
    line = (await reader.readuntil(b"\r\n"))[:-2]
    kind, rest = line[:1], line[1:]
    if kind == b"$":
        length = int(rest)
        return [b"" if length < 0 else (await reader.readexactly(length + 2))[:-2]]
    if kind == b"*":
        return [line, *[item for _ in range(int(rest)) for item in await _reply(reader)]]
    return [line]
