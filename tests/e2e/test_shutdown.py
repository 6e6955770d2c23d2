"""SIGTERM on the real process: no request is lost, and nobody waits for nothing."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.e2e import process
from tests.e2e.process import PIECE, Process, Upstream, ask, running_proxy

if TYPE_CHECKING:
    from pathlib import Path

upstream, proxy = process.upstream, process.proxy


def test_what_runs_is_finished_and_what_comes_is_answered(proxy: Process, upstream: Upstream) -> None:
    idle = proxy.connect()
    assert ask(idle, "/idle")[0] == 200
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(ask, proxy.connect(), "/wait") for _ in range(5)]
        for _ in range(6):
            assert upstream.asked.acquire(timeout=20)
        proxy.process.send_signal(signal.SIGTERM)
        while proxy.admin("/-/ready")[0] == 200:
            assert proxy.process.poll() is None
        assert proxy.admin("/-/ready")[0] == 503
        assert proxy.admin("/-/healthy")[0] == 200
        for connection in (idle, proxy.connect()):
            connection.request("GET", "/late")
            answer = connection.getresponse()
            assert (answer.status, answer.getheader("Connection")) == (200, "close")
            assert json.loads(answer.read())["path"] == "/late"
        upstream.go_on.set()
        assert [future.result()[0] for future in running] == [200] * 5
    assert proxy.end() == 0
    with pytest.raises(ConnectionRefusedError):
        proxy.connect().connect()


def test_a_slow_reader_gets_all_of_its_answer(proxy: Process) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        client.sendall(b"GET /down/sized?40 HTTP/1.1\r\nHost: h\r\n\r\n")
        got = client.recv(100)
        proxy.process.send_signal(signal.SIGTERM)
        while proxy.admin("/-/ready")[0] == 200:
            assert proxy.process.poll() is None
        while data := client.recv(65536):
            got += data
    assert got.partition(b"\r\n\r\n")[2] == PIECE * 40
    assert proxy.end() == 0


def test_no_request_is_lost_while_clients_keep_asking(proxy: Process) -> None:
    """Clients that go elsewhere when they are told to close, as load balancers do, see no failure."""
    stop = threading.Event()
    answered = threading.Semaphore(0)

    def keep_asking() -> tuple[int, list[str]]:
        count, failures = 0, []
        connection = proxy.connect()
        while not stop.is_set():
            try:
                connection.request("GET", "/again")
                answer = connection.getresponse()
                answer.read()
                count += 1
                answered.release()
                if answer.getheader("Connection") == "close":
                    break
            except OSError as error:
                failures.append(repr(error))
                break
        connection.close()
        return count, failures

    with ThreadPoolExecutor() as pool:
        clients = [pool.submit(keep_asking) for _ in range(4)]
        for _ in range(50):
            assert answered.acquire(timeout=20)
        proxy.process.send_signal(signal.SIGTERM)
        results = [client.result(20) for client in clients]
        stop.set()
    assert [failures for _, failures in results] == [[]] * 4
    assert proxy.end() == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets the last ones in")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_connections_that_never_cease_to_come_are_answered_or_refused(
    upstream: Upstream, tmp_path: Path, workers: str
) -> None:
    """Never cut off, though the listener closes while they come."""
    config = tmp_path / "config.yaml"
    config.write_text("shutdown_grace: 1s\n")
    arguments = ("--config", str(config), "--workers", workers)
    with running_proxy(*arguments, upstream=upstream, environ=os.environ) as proxy:
        answered = threading.Semaphore(0)

        def keep_coming() -> int:
            count = 0
            while True:
                connection = proxy.connect()
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    return count
                connection.request("GET", "/new", headers={"Connection": "close"})
                assert connection.getresponse().status == 200
                connection.close()
                answered.release()
                count += 1

        with ThreadPoolExecutor(16) as pool:
            clients = [pool.submit(keep_coming) for _ in range(16)]
            for _ in range(50):
                assert answered.acquire(timeout=60)
            proxy.process.send_signal(signal.SIGTERM)
            assert sum(client.result(60) for client in clients) >= 50
        assert proxy.end() == 0


def test_nothing_to_do_ends_it_at_once_idle_clients_or_not(proxy: Process) -> None:
    idle = proxy.connect()
    assert ask(idle, "/")[0] == 200
    half = socket.create_connection(("127.0.0.1", proxy.port))
    proxy.process.send_signal(signal.SIGTERM)
    assert proxy.process.wait(10) == 0  # far less than the shutdown grace
    assert idle.sock.recv(1) == b""
    assert half.recv(1) == b""
    idle.close()
    half.close()


def test_with_a_delay_who_comes_late_is_answered(upstream: Upstream, tmp_path: Path) -> None:
    """A load balancer that asks seldom whether this is still there sends requests for a while."""
    config = tmp_path / "config.yaml"
    config.write_text("shutdown_delay: 1h\n")
    arguments = ("--config", str(config))
    with running_proxy(*arguments, upstream=upstream, environ=os.environ) as proxy:
        proxy.process.send_signal(signal.SIGTERM)
        while proxy.admin("/-/ready")[0] == 200:
            assert proxy.process.poll() is None
        # Without the delay it would end in that time: nothing comes.
        with pytest.raises(subprocess.TimeoutExpired):
            proxy.process.wait(0.6)
        connection = proxy.connect()
        connection.request("GET", "/late")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (200, "close")
        answer.read()
        proxy.process.kill()


def test_the_grace_is_kept(upstream: Upstream, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("shutdown_grace: 200ms\n")
    arguments = ("--config", str(config))
    with running_proxy(*arguments, upstream=upstream, environ=os.environ) as proxy:
        connection = proxy.connect()
        connection.request("GET", "/wait")
        assert upstream.asked.acquire(timeout=20)
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.end() == 0
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            connection.getresponse()
        connection.close()
    assert any("1 requests were still running" in line for line in proxy.lines)
