"""One line a request that nobody can forge, and metrics of what happened."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from proxy import logs
from proxy.config.model import Log
from proxy.door.record import Recorder
from proxy.metrics import Metrics
from tests.door.conftest import Setup, running_door, say_ok

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    stream = io.StringIO()
    logs.configure(Log("info", "json"), stream)
    yield stream
    root.setLevel(before[0])
    root.handlers[:] = before[1]


def lines_of(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/a%2Fb?code=hush", "/a%2Fb"),
        (b"/a#hush", "/a"),
        (b"/?hush", "/"),
        (b"http://user:hush@h/a?hush", "/a"),
        (b"/%0d%0alevel=error", "/%0d%0alevel=error"),
        (b'/"}{"msg":"x', '/"}{"msg":"x'),
        (b"/" + b"y" * 5000, "/" + "y" * 511),
    ],
)
async def test_a_line_has_the_path_and_no_more(
    echoing: Setup, log: io.StringIO, target: bytes, path: str
) -> None:
    await echoing.ask(
        b"GET " + target + b" HTTP/1.1\r\nHost: h\r\nCookie: pyroscope_git_session=hush\r\n"
        b"Authorization: Bearer hush\r\nX-Request-Id: id-7\r\nConnection: close\r\n\r\n"
    )
    (line,) = lines_of(log)
    expected = {"msg": "request", "request_id": "id-7", "method": "GET", "path": path, "route": "other"}
    assert {key: line[key] for key in expected} == expected
    assert (line["status"], line["client"]) == (200, "127.0.0.1")
    assert isinstance(line["duration_ms"], float)
    assert "hush" not in log.getvalue()


@pytest.mark.parametrize("given", [b"a b", b'x"y', b"caf\xc3\xa9", b"x" * 129, b""])
async def test_a_request_id_that_is_no_id_is_replaced(echoing: Setup, log: io.StringIO, given: bytes) -> None:
    for _ in range(2):
        await echoing.ask(
            b"GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: " + given + b"\r\nConnection: close\r\n\r\n"
        )
    first, second = [str(line["request_id"]) for line in lines_of(log)]
    assert first != second
    assert first.partition("-")[0] == second.partition("-")[0]
    assert first.replace("-", "").isalnum()


async def test_the_size_is_that_of_the_answers_body(echoing: Setup, log: io.StringIO) -> None:
    _, body = await echoing.ask(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert lines_of(log)[0]["size"] == len(body)


async def test_what_is_not_http_has_a_line_without_its_bytes(echoing: Setup, log: io.StringIO) -> None:
    await echoing.ask(b"HUSH / HTTP/1.1\r\n\r\n")
    (line,) = lines_of(log)
    assert (line["msg"], line["status"]) == ("request refused", 501)
    assert "HUSH" not in log.getvalue()
    assert echoing.sample("sourceproxy_request_duration_seconds_count", route="other", status_code="501") == 1


async def test_no_line_below_the_level(echoing: Setup, log: io.StringIO) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    await echoing.ask(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert log.getvalue() == ""


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://does-not-exist.invalid"])
async def test_a_line_tells_why_the_upstream_was_not_reached(log: io.StringIO, url: str) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    async with running_door(say_ok, upstream_url=url) as setup:
        _, body = await setup.ask(b"GET /?hush HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    (line,) = lines_of(log)
    assert (line["level"], line["msg"], line["status"]) == ("warning", "request", 502)
    assert "Errno" in str(line["error"])
    assert "Errno" not in body.decode()
    assert "hush" not in log.getvalue()


async def test_errors_of_the_upstream_are_counted_by_their_kind() -> None:
    async with running_door(say_ok, upstream_url="http://127.0.0.1:1") as setup:
        for _ in range(2):
            await setup.ask(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert setup.sample("sourceproxy_upstream_errors_total", reason="connect") == 2
        assert setup.sample("sourceproxy_inflight_requests", route="other") == 0


def test_a_recorder_makes_no_series_but_the_known_ones() -> None:
    metrics = Metrics(CollectorRegistry(), version="0", revision="")
    recorder = Recorder(metrics)
    for reason in ("connect", "timeout", "reset", "reset"):
        recorder.upstream_error(reason)
    (family,) = metrics.upstream_errors.collect()
    values = {s.labels["reason"]: s.value for s in family.samples if s.name.endswith("_total")}
    assert values == {"connect": 1, "timeout": 1, "reset": 2}
