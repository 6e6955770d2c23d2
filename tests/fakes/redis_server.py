"""A real redis-server of a test's own, on a unix socket, that can be killed, stopped and filled."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import pytest

_COMMAND = shutil.which("redis-server") or shutil.which("valkey-server")
_TRIES = 1000


def require_redis() -> str:
    """The program; skips the test where it is not installed, which the whole check never accepts."""
    if _COMMAND is None:
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server is not installed: apt-get install redis-server")
        pytest.skip("redis-server is not installed")
    return _COMMAND


class RedisServer:
    """One server; ``url`` is where it is, also while it is not running."""

    def __init__(self, *options: str, password: str = "") -> None:
        self._program = require_redis()
        self._options = options
        self._password = password
        # Not pytest's folder: a socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.socket = self._folder / "s"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        user = f":{self._password}@" if self._password else ""
        return f"unix://{user}{self.socket}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder)

    async def start(self) -> None:
        """Start it, with nothing in it, and wait until it answers."""
        command = [
            self._program,
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            *self._options,
        ]
        if self._password:
            command += ["--requirepass", self._password]
        self._process = await asyncio.to_thread(
            subprocess.Popen, command, cwd=self._folder, stdout=subprocess.DEVNULL
        )
        for _ in range(_TRIES):
            try:
                await self.ask("PING")
            except (OSError, EOFError):
                assert self._process.poll() is None, "redis-server did not start"
                await asyncio.sleep(0.01)
            else:
                return
        pytest.fail("redis-server does not answer")

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Have it take connections and commands and answer none."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    async def ask(self, *words: str | bytes) -> list[bytes]:
        """The answer to a command as the lines of the protocol, an error among them; no client in between."""
        reader, writer = await asyncio.open_unix_connection(self.socket)
        try:
            if self._password:
                writer.write(_packed("AUTH", self._password))
                await reader.readuntil(b"\r\n")
            writer.write(_packed(*words))
            return await _lines(reader)
        finally:
            writer.close()
            await writer.wait_closed()

    async def keys(self) -> list[bytes]:
        """The names of all that it holds."""
        return (await self.ask("KEYS", "*"))[1:]

    async def value(self, key: bytes) -> bytes:
        """What it holds under a name; empty when nothing."""
        return (await self.ask("GET", key))[-1]

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)


def _packed(*words: str | bytes) -> bytes:
    encoded = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)


async def _lines(reader: asyncio.StreamReader) -> list[bytes]:
    """One reply of RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/"""
    line = (await reader.readuntil(b"\r\n"))[:-2]
    kind, rest = line[:1], line[1:]
    if kind == b"$":
        length = int(rest)
        return [b"" if length < 0 else (await reader.readexactly(length + 2))[:-2]]
    if kind == b"*":
        return [line, *[item for _ in range(int(rest)) for item in await _lines(reader)]]
    return [line]
