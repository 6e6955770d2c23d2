"""The sample service: it runs, is healthy, and sends profiles with the labels that lead to its source."""

from __future__ import annotations

import gzip
import http.client
import http.server
import os
import re
import subprocess
import sys
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest

from tests.compose.loading import FOLDER, services
from tests.e2e.process import WAIT_SECONDS
from tests.image.locks import SAMPLE_LOCK, locked

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN = [sys.executable, str(FOLDER / "sample/main.py")]
LABELS = {
    "SERVICE_REPOSITORY": "https://github.com/acme/sample",
    "SERVICE_GIT_REF": "v1.2.3",
    "SERVICE_ROOT_PATH": "services/sample",
}


ORDERS = 20
# What is sent to this machine goes through no forward proxy.
DIRECT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


class Store(http.server.ThreadingHTTPServer):
    """Keeps what is pushed to it, as Pyroscope would."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pushed: list[tuple[str, bytes]] = []


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Store

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        self.server.pushed.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def check(port: str) -> int:
    environ = os.environ | {"PORT": port}
    return subprocess.run([*MAIN, "--check"], env=environ, check=False, timeout=WAIT_SECONDS).returncode


def orders_done(port: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=WAIT_SECONDS)
    try:
        connection.request("GET", "/")
        return int(connection.getresponse().read())
    finally:
        connection.close()


def run_for_a_moment(store: Store, **labels: str) -> set[bytes]:
    """Start it, check it, end it; what it sent in one body."""
    address = f"http://127.0.0.1:{store.server_port}"
    environ = DIRECT | {"PORT": "0", "PYROSCOPE_SERVER_ADDRESS": address} | labels
    with subprocess.Popen(MAIN, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        port = re.search(r"port (\d+)", process.stderr.readline())
        assert port
        assert check(port[1]) == 0
        # So much work is seen, by whoever looks a hundred times a second.
        while orders_done(port[1]) < ORDERS:
            pass
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0
    assert check(port[1]) == 1
    assert {path for path, _ in store.pushed} == {"/push.v1.PusherService/Push"}
    return {body for _, body in store.pushed}


def test_profiles_with_the_labels_that_are_set(store: Store) -> None:
    (body, *_) = run_for_a_moment(store, **LABELS)
    for name, value in LABELS.items():
        pair = b"\n%c%b\x12%c%b" % (len(name), name.lower().encode(), len(value), value.encode())
        assert pair in body
    assert b"yaml/" in body


def test_left_alone_the_labels_lead_to_what_it_runs(store: Store) -> None:
    # As Compose passes on what nobody set.
    passed = {name: value for name, value in services()["sample"]["environment"].items() if name in LABELS}
    assert passed == dict.fromkeys(LABELS, "")
    (body, *_) = run_for_a_moment(store, **passed)
    for value in ("https://github.com/yaml/pyyaml", version("pyyaml"), "lib"):
        assert b"\x12%c%b" % (len(value), value.encode()) in body


def test_the_version_in_the_image_is_pinned() -> None:
    assert locked(SAMPLE_LOCK).keys() == {"pyroscope-io", "pyyaml"}
