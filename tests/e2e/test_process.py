"""The real process: large bodies in little memory, stock clients, an upstream that is gone."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.e2e import process
from tests.e2e.process import PIECE, Process, ask, digest_of, running_proxy

PIECES = 3200  # 200 MiB
MEMORY = 32 * 2**20
"""What bodies of any size may add to the memory of the process at rest: buffers are bounded."""


upstream, proxy = process.upstream, process.proxy


def read_all(answer: http.client.HTTPResponse, *, slowly: bool) -> str:
    """The digest of a body; ``slowly``: in small reads, with the work of a thousand hashes in between."""
    digest = hashlib.sha256()
    while data := answer.read(4096 if slowly else 2**20):
        digest.update(data)
        if slowly:
            hashlib.pbkdf2_hmac("sha256", data, b"", 50)
    return digest.hexdigest()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
class TestMemory:
    @pytest.mark.parametrize(
        ("kind", "slowly"), [("sized", False), ("chunked", False), ("sized", True), ("chunked", True)]
    )
    def test_a_large_answer_takes_little_memory(self, proxy: Process, kind: str, slowly: bool) -> None:
        connection = proxy.connect()
        assert ask(connection, "/")[0] == 200
        rest = proxy.memory("VmHWM")
        connection.request("GET", f"/down/{kind}?{PIECES}")
        assert read_all(connection.getresponse(), slowly=slowly) == digest_of(PIECES)
        assert proxy.memory("VmHWM") - rest < MEMORY
        connection.close()

    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_large_request_takes_little_memory(self, proxy: Process, chunked: bool) -> None:
        connection = proxy.connect()
        assert ask(connection, "/")[0] == 200
        rest = proxy.memory("VmHWM")
        headers = {} if chunked else {"Content-Length": str(PIECES * len(PIECE))}
        body = (PIECE for _ in range(PIECES))
        connection.request("POST", "/up", body, headers, encode_chunked=chunked)
        answer = json.load(connection.getresponse())
        assert answer["digest"] == digest_of(PIECES)
        names = {name for name, _ in answer["headers"]}
        assert ("Transfer-Encoding" if chunked else "Content-Length") in names
        assert proxy.memory("VmHWM") - rest < MEMORY
        connection.close()

    def test_readers_that_stall_take_little_memory(self, proxy: Process) -> None:
        connections = [proxy.connect() for _ in range(16)]
        for connection in connections:
            ask(connection, "/")
        rest = proxy.memory("VmHWM")
        for connection in connections:
            connection.request("GET", f"/down/sized?{PIECES}")
        answers = [connection.getresponse() for connection in connections]
        # One reader that goes on to the end shows that the proxy had time for all that it would take.
        assert read_all(answers[0], slowly=False) == digest_of(PIECES)
        assert proxy.memory("VmHWM") - rest < MEMORY
        for connection in connections:
            connection.close()


def test_a_client_that_keeps_its_connection(proxy: Process) -> None:
    connection = proxy.connect()
    connection.connect()
    address = connection.sock.getsockname()
    for number in range(20):
        status, body = ask(connection, f"/x%2F{number}?a=b&a=c")
        assert status == 200
        assert json.loads(body)["path"] == f"/x%2F{number}?a=b&a=c"
        assert ask(connection, "/", "HEAD") == (200, b"")
        assert connection.sock.getsockname() == address
    connection.close()


def test_a_length_that_lies_is_visible(proxy: Process) -> None:
    connection = proxy.connect()
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        ask(connection, "/lie")
    connection.close()


def test_an_upstream_that_is_gone_is_an_error_of_connect() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with running_proxy("--upstream-url", url, environ=os.environ) as proxy:
            connection = proxy.connect()
            status, body = ask(connection, "/querier.v1.QuerierService/Series", "POST")
            assert (status, json.loads(body)["code"]) == (502, "unavailable")
            assert ask(connection, "/", "HEAD") == (502, b"")
            assert ask(connection, "/")[0] == 502
            connection.close()
            assert proxy.admin("/-/ready")[0] == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
class TestCurl:
    def curl(self, *arguments: str) -> list[str]:
        command = ["curl", "-sS", "--max-time", "20", *arguments]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        return done.stdout.splitlines()

    def test_several_requests_over_one_connection(self, proxy: Process) -> None:
        base = f"http://127.0.0.1:{proxy.port}"
        form = "%{http_code} %{num_connects}\n"
        lines = self.curl("-o", "/dev/null", "-o", "/dev/null", "-w", form, f"{base}/a", f"{base}/b")
        assert lines == ["200 1", "200 0"]

    def test_a_body_that_waits_for_100_continue(self, proxy: Process, tmp_path: Path) -> None:
        (tmp_path / "body").write_bytes(PIECE * 20)
        (line,) = self.curl(
            *("-H", "Expect: 100-continue", "--expect100-timeout", "15"),
            *("-T", str(tmp_path / "body"), "-X", "POST", f"http://127.0.0.1:{proxy.port}/up"),
        )
        assert json.loads(line)["digest"] == digest_of(20)

    def test_http_1_0(self, proxy: Process) -> None:
        (line,) = self.curl("--http1.0", f"http://127.0.0.1:{proxy.port}/old")
        assert json.loads(line)["path"] == "/old"
