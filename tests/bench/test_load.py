from __future__ import annotations

import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from bench import load, nginx, targets
from bench.client import Tally, request_bytes
from bench.getfile import NotAnsweredError, Target, warm
from bench.processes import Program, free_port

if TYPE_CHECKING:
    from pathlib import Path

REPORT = {"requests": 3, "seconds": 1.5, "errors": 0, "received": 30, "p50": 10.0, "p99": 20.0}
CPUS = frozenset(os.sched_getaffinity(0))


def test_the_last_line_is_the_report() -> None:
    assert load.parse(f"Running 1s test\n\n{json.dumps(REPORT)}\n") == load.Run(3, 1.5, 0, 30, 10.0, 20.0)


@pytest.mark.parametrize("output", ["", "unable to connect", "{}", "[1]", '{"requests": 1}'])
def test_no_report_is_an_error(output: str) -> None:
    with pytest.raises(load.LoadFailedError, match="did not report"):
        load.parse(output)


@pytest.mark.parametrize("without_wrk", [True, False])
def test_a_run_asks_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_wrk: bool) -> None:
    if without_wrk:
        monkeypatch.setattr("shutil.which", lambda _name: None)
    port = free_port()
    files = tmp_path / "files"
    files.mkdir()
    (files / "here").write_bytes(b"x" * 1000)
    command = [sys.executable, "-m", "bench.upstream", str(port), str(files)]
    with Program("upstream", command, port, tmp_path / "log", CPUS) as upstream:
        found = load.run(load.Request(f"{upstream.url}/here"), 2, 0.2, CPUS)
        missing = load.run(load.Request(f"{upstream.url}/missing"), 2, 0.2, CPUS)
    assert found.requests > 0
    assert found.received >= 1000 * found.requests
    assert found.errors == 0
    assert 0 < found.p50 <= found.p99
    assert 0 < missing.requests == missing.errors


@pytest.mark.parametrize("without_wrk", [True, False])
def test_a_counted_header_is_another_one_in_each_request(
    monkeypatch: pytest.MonkeyPatch, without_wrk: bool
) -> None:
    if without_wrk:
        monkeypatch.setattr("shutil.which", lambda _name: None)
    seen: list[str] = []

    class Counted(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.append(self.headers["traceparent"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """No line a request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Counted) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        found = load.run(load.Request(url, headers={"traceparent": "00-{n}-01"}), 1, 0.2, CPUS)
        server.shutdown()
    assert found.requests > 1
    assert len(set(seen)) == len(seen) >= found.requests
    assert all(re.fullmatch(r"00-[0-9a-f]{16}-01", value) for value in seen)


def test_the_request_on_the_wire() -> None:
    sent = request_bytes("http://h:1/p/a?q=1", "POST", "A: b\nCookie: c", "ü")
    assert (
        sent
        == b"POST /p/a?q=1 HTTP/1.1\r\nHost: h:1\r\nA: b\r\nCookie: c\r\nContent-Length: 2\r\n\r\n\xc3\xbc"
    )
    assert request_bytes("http://h:1", "GET", "", "") == b"GET / HTTP/1.1\r\nHost: h:1\r\n\r\n"


def test_percentiles_of_the_own_client() -> None:
    tally = Tally()
    tally.latencies = [number / 1e6 for number in range(1, 101)]
    report = tally.report(2.0)
    assert (report["requests"], round(report["p50"]), round(report["p99"])) == (100, 51, 100)
    assert Tally().report(2.0)["p99"] == 0


def test_the_cookie_is_not_shown() -> None:
    target = Target("http://127.0.0.1:1", 1, "s3cret", {"ref": "main"})
    assert "s3cret" not in repr(target) + repr(target.request())
    assert target.request().headers["Cookie"] == "pyroscope_git_session=s3cret"
    assert json.loads(target.request().body) == {"ref": "main"}


def test_a_proxy_that_does_not_answer_is_said() -> None:
    with pytest.raises(NotAnsweredError, match="refused"):
        warm(Target(f"http://127.0.0.1:{free_port()}", 1, "", {}))


@pytest.mark.parametrize(
    ("cpus", "measured", "around"), [({0}, {0}, {0}), ({0, 1}, {0}, {1}), ({2, 5, 7}, {2}, {5, 7})]
)
def test_what_is_measured_has_a_processor_to_itself(
    cpus: set[int], measured: set[int], around: set[int]
) -> None:
    assert targets.places(cpus) == targets.Places(frozenset(measured), frozenset(around))


def test_the_baseline_keeps_its_upstream_connections() -> None:
    config = nginx.proxy_config(1, 2)
    before, server = config.split("server {\n        listen", 1)
    location = server.split("location / {", 1)[1]
    # A set of headers in an inner block replaces the outer one as a whole.
    assert "proxy_set_header" not in before
    assert server.count("proxy_set_header") == location.count("proxy_set_header")
    assert 'proxy_set_header Connection "";' in location
    assert "proxy_http_version 1.1;" in location
    assert "keepalive 64;" in before
    assert "proxy_buffers 16 16k;" in location
    assert "proxy_max_temp_file_size 0;" in location
