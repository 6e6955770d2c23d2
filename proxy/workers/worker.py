"""A worker: the proxy without its admin listener, told by the process that started it what to do.

``python -m proxy.workers.worker FD``, where FD is its end of the channel. It ends with SIGTERM, or with the
process that started it: after the requests in flight.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from typing import TYPE_CHECKING

from proxy import logs
from proxy.app import Proxy
from proxy.loops import loop_factory
from proxy.workers import families
from proxy.workers.channel import SETTLED, TURN, Channel, Kind, read_frame
from proxy.workers.start import load_settings, load_start

if TYPE_CHECKING:
    from proxy.workers.start import Start


def main() -> int:
    """Serve until told to stop; the exit code."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_main(socket.socket(fileno=int(sys.argv[1]))))


async def _main(sock: socket.socket) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # A terminal sends these to the whole group; the process that started this one sees to them.
    for number in (signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, _nothing)
    # It was handed down to this process, and goes no further.
    sock.set_inheritable(False)
    reader, writer = await asyncio.open_unix_connection(sock=sock)
    first = await read_frame(reader)
    if first is None or first.kind is not Kind.START:
        return 1
    return await _Worker(load_start(first.body), reader, writer, stop).run()


class _Worker:
    """One worker."""

    def __init__(
        self, start: Start, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stop: asyncio.Event
    ) -> None:
        self._stop = stop
        self._open = asyncio.Event()
        handlers = {Kind.SETTINGS: self._settings, Kind.METRICS: self._metrics}
        self._channel = Channel(reader, writer, handlers)
        logs.configure(start.settings.config.log, sys.stderr)
        turnstile = _Turnstile(self._channel, start.secret)
        self._proxy = Proxy(start.settings, revision=start.revision, turnstile=turnstile)
        log = self._proxy.live.derive(lambda settings: settings.config.log)
        log.follow(lambda log: logs.configure(log, sys.stderr))

    async def run(self) -> int:
        """Serve until told to stop; the exit code."""
        listening = asyncio.create_task(self._listen())
        try:
            async with self._proxy:
                self._open.set()
                self._channel.tell(Kind.LISTENING)
                await self._stop.wait()
                await self._proxy.drain()
            self._channel.tell(Kind.LAST_METRICS, await self._metrics(b""))
        except OSError as error:
            self._channel.tell(Kind.FAILED, str(error).encode("utf-8", "replace"))
            return 1
        finally:
            listening.cancel()
            await self._channel.close()
        return 0

    async def _listen(self) -> None:
        await self._channel.run()
        self._stop.set()

    async def _settings(self, body: bytes) -> bytes:
        await self._open.wait()
        self._proxy.replace(load_settings(body))
        return b""

    async def _metrics(self, _: bytes) -> bytes:
        return families.encode(families.families_of(self._proxy.metrics.registry))


class _Turnstile:
    """Whose turn it is to refresh, as the process that started this one says."""

    def __init__(self, channel: Channel, secret: bytes) -> None:
        self._channel = channel
        self.secret = secret

    async def claim(self, key: bytes) -> bytes | None:
        """See ``Turnstile``."""
        answer = await self._channel.call(Kind.CLAIM, key)
        return None if answer == TURN else answer.removeprefix(SETTLED)

    def settle(self, key: bytes, outcome: bytes | None) -> None:
        """See ``Turnstile``."""
        self._channel.tell(Kind.SETTLE, len(key).to_bytes(2) + key + (outcome or b""))


def _nothing() -> None:
    """A signal that is not for us."""


if __name__ == "__main__":
    sys.exit(main())
