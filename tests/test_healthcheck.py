"""The health check of the image: ready or not, and why not, whatever answers."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from proxy import healthcheck

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Whoever asks gets these bytes; what was asked is kept."""
    asked: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(4096))
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", asked
        thread.join()


def test_ready(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nready\n") as (address, asked):
        assert healthcheck.main([address]) == 0
    assert asked[0].startswith(b"GET /-/ready HTTP/1.1\r\n")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\ndraining\n", "it answers 503"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "it answers 404"),
        (b"SSH-2.0-OpenSSH\r\n", "SSH-2.0-OpenSSH\r\n"),
        (b"", "Remote end closed connection without response"),
    ],
)
def test_not_ready(answer: bytes, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(answer) as (address, _):
        assert healthcheck.main([address]) == 1
    assert capsys.readouterr() == ("", f"{address} is not ready: {reason}\n")


@pytest.mark.parametrize("address", ["127.0.0.1:port", "127.0.0.1:99999", "a b:1", ""])
def test_what_is_no_address_is_not_ready(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert healthcheck.main([address]) == 1
    assert capsys.readouterr().err.startswith(f"{address} is not ready: ")


def test_a_port_that_nobody_listens_on(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert healthcheck.main([f"127.0.0.1:{taken.getsockname()[1]}"]) == 1
    assert "refused" in capsys.readouterr().err
