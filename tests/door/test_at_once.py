"""A server behind that takes a connection and closes it, or speaks, before it was asked anything."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.door.conftest import running_door, say_ok

if TYPE_CHECKING:
    from collections.abc import Iterator

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
GET = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
COUNT = 20


@contextmanager
def hasty_server(word: bytes, how: str) -> Iterator[int]:
    """A server in a thread of its own, so that it is as fast as another process; its port."""
    accepted: list[socket.socket] = []

    def serve() -> None:
        for _ in range(COUNT):
            sock, _ = listening.accept()
            accepted.append(sock)
            sock.sendall(word)
            if how == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            if how != "keep":
                sock.close()

    with socket.create_server(("127.0.0.1", 0), backlog=COUNT) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()
    for sock in accepted:
        sock.close()


@pytest.mark.parametrize(
    ("word", "how"),
    [(b"", "close"), (b"", "reset"), (b"SSH-2.0-OpenSSH_9.2\r\n", "keep"), (b"noise", "close")],
)
async def test_it_is_found_out_at_once_and_not_by_waiting_for_an_answer(word: bytes, how: str) -> None:
    with hasty_server(word, how) as port:
        async with running_door(say_ok, upstream_url=f"http://127.0.0.1:{port}") as setup:
            asked = [asyncio.create_task(setup.ask(GET)) for _ in range(COUNT)]
            for head, body in await asyncio.gather(*asked):
                assert head.startswith(b"HTTP/1.1 502 ")
                assert b"unavailable" in body
            assert setup.sample("sourceproxy_upstream_errors_total", reason="timeout") == 0
