"""A real redis-server of one's own, that can be killed, stopped, filled and garbled."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

INSTALL = "redis-server is not installed: apt-get install redis-server"
_TRIES, _STEP = 1000, 0.01
_GARBAGE = b"\x00garbled\xff" * 7
# In the server itself: as many commands as there are keys would take minutes.
_GARBLE = b"""local found = redis.call('SCAN', ARGV[1], 'COUNT', 1000)
for _, key in ipairs(found[2]) do redis.call('SET', key, ARGV[2], 'KEEPTTL') end
return {found[1], #found[2]}"""


class RedisMissingError(Exception):
    """There is no redis-server; the message says how to get it."""


def program() -> str:
    """The program, also where Valkey has taken its place.

    Raises:
        RedisMissingError: it is not installed.
    """
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise RedisMissingError(INSTALL)
    return found


class RedisServer:
    """One server on a unix socket; ``url`` is where it is, also while it is not running.

    Args:
        options: of its command line.
        password: that it asks for.
        port: of loopback, where it listens as well; 0: nowhere.

    Raises:
        RedisMissingError: it is not installed.
    """

    def __init__(self, *options: str, password: str = "", port: int = 0) -> None:
        self._program = program()
        self._options = options
        self._password = password
        self.port = port
        # Not the folder of a test or run: a socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.socket = self._folder / "s"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the proxy's configuration takes it."""
        user = f":{self._password}@" if self._password else ""
        return f"unix://{user}{self.socket}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.remove()

    async def start(self) -> None:
        """Start it, with nothing in it, and wait until it answers.

        Raises:
            RedisMissingError: it does not answer.
        """
        command = [self._program, "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--unixsocket", str(self.socket), "--save", "", *self._options]
        if self._password:
            command += ["--requirepass", self._password]
        self._process = await asyncio.to_thread(
            subprocess.Popen, command, cwd=self._folder, stdout=subprocess.DEVNULL
        )
        for _ in range(_TRIES):
            try:
                await self.ask("PING")
            except (OSError, EOFError):
                if self._process.poll() is not None:
                    raise RedisMissingError("redis-server did not start") from None
                await asyncio.sleep(_STEP)
            else:
                return
        raise RedisMissingError("redis-server does not answer")

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """End it for good, with what it has written."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def hang(self) -> None:
        """Have it take connections and commands and answer none."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    async def garble(self) -> int:
        """Put other bytes in the place of everything it holds; how many values those were."""
        cursor, garbled = b"0", 0
        while True:
            _, cursor, number = await self.ask("EVAL", _GARBLE, "0", cursor, _GARBAGE)
            garbled += int(number.removeprefix(b":"))
            if cursor == b"0":
                return garbled

    async def keys(self) -> list[bytes]:
        """The names of all that it holds."""
        return (await self.ask("KEYS", "*"))[1:]

    async def value(self, key: bytes) -> bytes:
        """What it holds under a name; empty when nothing."""
        return (await self.ask("GET", key))[-1]

    async def ask(self, *words: str | bytes) -> list[bytes]:
        """The answer to a command as the lines of the protocol, an error among them; no client in between.

        Raises:
            OSError: nobody listens.
            EOFError: the connection was closed instead.
        """
        reader, writer = await asyncio.open_unix_connection(self.socket)
        try:
            if self._password:
                writer.write(_packed("AUTH", self._password))
                await reader.readuntil(b"\r\n")
            writer.write(_packed(*words))
            return await _reply(reader)
        finally:
            writer.transport.abort()

    def _signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)


def _packed(*words: str | bytes) -> bytes:
    encoded = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)


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
