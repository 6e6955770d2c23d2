"""The proxy as a process of its own, and an upstream in threads that sends and takes bodies of any size."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PIECE = bytes(range(256)) * 256
"""What bodies are made of: 64 KiB, so that a byte in a wrong place changes the digest."""
WAIT_SECONDS = 30.0
SECRETS = {"GITHUB_CLIENT_SECRET": "client-hush", "GITHUB_SESSION_SECRET": "session-hush"}


def digest_of(pieces: int) -> str:
    """The digest of a body of so many pieces."""
    digest = hashlib.sha256()
    for _ in range(pieces):
        digest.update(PIECE)
    return digest.hexdigest()


class Upstream(ThreadingHTTPServer):
    """Answers ``/down``, ``/up``, ``/lie``, ``/wait`` and anything else, one thread a connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = threading.Semaphore(0)
        self.go_on = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A proxy that goes away is what some tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path in {"/down/sized", "/down/chunked"}:
            self._down(int(query), chunked=path.endswith("chunked"))
        elif path == "/lie":
            self._start({"Content-Length": "1000"})
            self.wfile.write(b"short")
            self.close_connection = True
        else:
            self.server.asked.release()
            if path == "/wait":
                self.server.go_on.wait(WAIT_SECONDS)
            self._say({"path": self.path, "headers": self.headers.items()})

    do_HEAD = do_GET  # noqa: N815 - the base class finds it by this name

    def do_POST(self) -> None:
        digest = hashlib.sha256()
        for data in self._body():
            digest.update(data)
        self._say({"digest": digest.hexdigest(), "headers": self.headers.items()})

    def _down(self, pieces: int, *, chunked: bool) -> None:
        if not chunked:
            self._start({"Content-Length": str(pieces * len(PIECE))})
            for _ in range(pieces):
                self.wfile.write(PIECE)
            return
        self._start({"Transfer-Encoding": "chunked"})
        for _ in range(pieces):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
        self.wfile.write(b"0\r\n\r\n")

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length", "0"))
        while left:
            data = self.rfile.read(min(left, len(PIECE)))
            left -= len(data)
            yield data

    def _say(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        self._start({"Content-Type": "application/json", "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _start(self, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    """An upstream on a free port."""
    with Upstream() as upstream:
        thread = threading.Thread(target=upstream.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield upstream
        finally:
            upstream.go_on.set()
            upstream.shutdown()
            thread.join()


class Process:
    """A running proxy: its addresses, its log, its memory."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        assert process.stderr is not None
        for line in process.stderr:
            self.lines.append(line)
            if "msg=listening" in line:
                break
        assert self.lines, "the proxy ended without a word"
        self.port = self._port_of("address")
        self.admin_port = self._port_of("admin_address")
        self._reading = threading.Thread(target=lambda: self.lines.extend(process.stderr or ()))
        self._reading.start()

    def _port_of(self, field: str) -> int:
        found = re.search(rf' {field}="?\S+?:(\d+)"? ', self.lines[-1])
        assert found, self.lines
        return int(found[1])

    def connect(self) -> http.client.HTTPConnection:
        """A stock client of the main listener."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)

    def admin(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Ask the admin listener."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=WAIT_SECONDS)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def end(self) -> int:
        """Wait for the end and for the last line of the log; the exit code."""
        code = self.process.wait(WAIT_SECONDS)
        self._reading.join()
        return code

    def memory(self, field: str) -> int:
        """Bytes, as ``/proc/PID/status`` says: ``VmHWM`` the peak, ``VmRSS`` now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
        assert found
        return int(found[1]) * 1024


@contextmanager
def running_proxy(
    *arguments: str,
    upstream: Upstream | None = None,
    environ: os._Environ[str] | Mapping[str, str],
    descriptors: str = "",
) -> Iterator[Process]:
    """A proxy on free ports, ended whatever happens; ``descriptors``: its limits of them, ``SOFT:HARD``."""
    command = ["prlimit", f"--nofile={descriptors}"] if descriptors else []
    command += [sys.executable, "-m", "proxy", "serve", "--listen", "127.0.0.1:0"]
    command += ["--admin-listen", "127.0.0.1:0", *arguments]
    if upstream is not None:
        command += ["--upstream-url", f"http://127.0.0.1:{upstream.server_address[1]}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(environ)) as popen:
        try:
            running = Process(popen)
            yield running
        finally:
            popen.terminate()
            try:
                popen.wait(WAIT_SECONDS)
            finally:
                popen.kill()


def ask(connection: http.client.HTTPConnection, path: str, method: str = "GET") -> tuple[int, bytes]:
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as server:
        yield server


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[Process]:
    environ = os.environ | SECRETS | {"GITHUB_CLIENT_ID": "id"}
    with running_proxy(upstream=upstream, environ=environ) as process:
        yield process
