"""Thousands of connections that wait, and file descriptors that run out."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import resource
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e import process
from tests.e2e.process import WAIT_SECONDS, Process, Upstream, ask, running_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")
upstream = process.upstream
MANY = 10_000
EACH = 8 * 1024
"""Bytes that a waiting connection may take of the process."""
GET = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[int]:
    """As many descriptors for the test itself as the system lets it have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def connected(proxy: Process, count: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port), WAIT_SECONDS))
            for _ in range(count)
        ]


def answered(*socks: socket.socket) -> set[int]:
    """Ask over connections that are there already, over all at once; the statuses."""
    found = set()
    for sock in socks:
        sock.sendall(GET)
    for sock in socks:
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        answer.read()
        found.add(answer.status)
    return found


def descriptors_of(proxy: Process) -> int:
    return sum(1 for _ in Path(f"/proc/{proxy.process.pid}/fd").iterdir())


def served(proxy: Process) -> bool:
    """Whether somebody who comes now is; the door may be about to find out that there is room again."""
    connection = proxy.connect()
    try:
        return ask(connection, "/")[0] == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def cpu_of(proxy: Process) -> float:
    fields = Path(f"/proc/{proxy.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_limit_of_descriptors_is_raised_to_what_is_allowed() -> None:
    with running_proxy(environ=os.environ, descriptors="100:400") as proxy:
        limits = Path(f"/proc/{proxy.process.pid}/limits").read_text()
        assert re.search(r"^Max open files +400 +400 ", limits, re.MULTILINE)


def test_ten_thousand_connections_wait(upstream: Upstream, descriptors: int) -> None:
    count = min(MANY, descriptors - 2000)  # some machines allow fewer
    with running_proxy(upstream=upstream, environ=os.environ) as proxy:
        connection = proxy.connect()
        assert ask(connection, "/")[0] == 200
        rest = proxy.memory("VmRSS")
        with connected(proxy, count) as waiting:
            assert answered(waiting[-1]) == {200}  # so all before it are accepted
            assert answered(*waiting[:: count // 100]) == {200}
            assert descriptors_of(proxy) > count
            each = (proxy.memory("VmRSS") - rest) / count
            assert each < EACH
            print(f"{count} connections, {each:.0f} bytes each")  # noqa: T201 - shown with -s
            assert ask(connection, "/")[0] == 200
            connection.close()
            proxy.process.terminate()
            assert proxy.end() == 0
            for sock in waiting:
                assert sock.recv(1) == b""


def test_who_waits_makes_room_before_descriptors_run_out(upstream: Upstream) -> None:
    with running_proxy(upstream=upstream, environ=os.environ, descriptors="128:128") as proxy:
        with connected(proxy, 60) as half:
            for sock in half:
                sock.sendall(b"GET / HTTP/1.1\r\nHos")
            with connected(proxy, 300) as waiting:
                assert answered(waiting[-1]) == {200}
                assert descriptors_of(proxy) < 128
                assert half[0].recv(1) == b""  # who waited longest has gone
            for _ in range(3):
                connection = proxy.connect()
                assert ask(connection, "/")[0] == 200
                connection.close()
        proxy.process.terminate()
        assert proxy.end() == 0
        (warning,) = [line for line in proxy.lines if "file descriptors" in line]
        assert "level=warning" in warning
        assert "96 connections are all that" in warning


def test_the_door_recovers_when_descriptors_did_run_out(upstream: Upstream) -> None:
    with running_proxy(upstream=upstream, environ=os.environ) as proxy:
        open_now = descriptors_of(proxy)
        resource.prlimit(proxy.process.pid, resource.RLIMIT_NOFILE, (open_now + 20, open_now + 20))
        with connected(proxy, 100) as waiting:
            with contextlib.suppress(OSError, http.client.HTTPException):
                assert answered(waiting[0]) <= {200, 502}  # perhaps nothing is left to ask the upstream with
            before = cpu_of(proxy)
            assert proxy.process.poll() is None
        while not served(proxy):
            assert proxy.process.poll() is None
        assert cpu_of(proxy) - before < 1
        proxy.process.terminate()
        assert proxy.end() == 0
