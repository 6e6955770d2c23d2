"""Spans on their way to a collector that works, fails, hangs, or is not there."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from proxy.config.model import Tracing
from proxy.tracing import Parent, opening
from proxy.tracing.address import traces_url
from tests.tracing.collector import ERROR, SERVER

if TYPE_CHECKING:
    from tests.tracing.collector import Collector

PARENT = Parent(0x1234, 0x56, 1)


async def test_without_an_endpoint_there_is_no_tracer() -> None:
    async with opening.open_tracer(Tracing(), "1") as tracer:
        assert tracer is None


async def test_what_is_begun_arrives_at_the_latest_when_it_is_closed(collector: Collector) -> None:
    settings = Tracing(URL(collector.url), service_name="shop window")
    async with opening.open_tracer(settings, "1.2.3") as tracer:
        assert tracer is not None
        span = tracer.request("route", PARENT, {"a": 1, "b": "two", "c": True})
        traceparent = span.traceparent
        span.fail("503")
        span.end()
    (kept,) = collector.spans
    assert (kept.name, kept.kind, kept.status) == ("route", SERVER, ERROR)
    assert kept.trace_id == f"{PARENT.trace_id:032x}"
    assert kept.parent_id == f"{PARENT.span_id:016x}"
    assert traceparent == f"00-{kept.trace_id}-{kept.span_id}-01"
    assert kept.attributes == {"a": 1, "b": "two", "c": True, "error.type": "503"}
    assert kept.resource["service.name"] == "shop window"
    assert kept.resource["service.version"] == "1.2.3"
    assert kept.started <= kept.ended
    assert collector.paths == ["/v1/traces"]


@pytest.mark.parametrize(
    ("ratio", "parent", "kept"),
    [
        (1.0, None, True),
        (0.0, None, False),
        (0.0, PARENT, True),
        (1.0, Parent(1, 2, 0), False),
    ],
)
async def test_the_caller_decides_and_where_it_does_not_the_ratio(
    collector: Collector, ratio: float, parent: Parent | None, kept: bool
) -> None:
    async with opening.open_tracer(Tracing(URL(collector.url), ratio), "1") as tracer:
        assert tracer is not None
        span = tracer.request("route", parent, {})
        assert span.traceparent.endswith(("-01", "-03") if kept else ("-00", "-02"))
        if parent is not None:
            assert span.traceparent.split("-")[1] == f"{parent.trace_id:032x}"
        span.end()
    assert len(collector.spans) == kept


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_a_collector_that_refuses_is_logged_and_nobody_else_hears(
    collector: Collector, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = status
    with caplog.at_level(logging.WARNING):
        async with opening.open_tracer(Tracing(URL(collector.url)), "1") as tracer:
            assert tracer is not None
            tracer.request("route", None, {}).end()
    assert caplog.records


async def test_a_collector_that_hangs_does_not_hold_up_the_end(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.held.clear()
    async with opening.open_tracer(Tracing(URL(collector.url)), "1") as tracer:
        assert tracer is not None
        tracer.request("route", None, {}).end()
        # Far more than waits in line: what does not fit is lost, and nobody waits.
        await asyncio.to_thread(collector.arrived.acquire)
        for _ in range(10_000):
            tracer.request("route", None, {}).end()
    assert "could not be sent" in caplog.text


async def test_a_collector_that_is_not_there_does_not_hold_up_the_end(
    unused_tcp_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with opening.open_tracer(Tracing(URL(f"http://127.0.0.1:{unused_tcp_port}")), "1") as tracer:
        assert tracer is not None
        tracer.request("route", None, {}).end()
    assert caplog.records


async def test_without_the_extra_it_says_what_to_install(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("opentelemetry.exporter")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter", None)
    assert not opening.is_installed()
    with pytest.raises(OSError, match=r"pip install 'pyroscope-source-proxy\[otel\]'"):
        async with opening.open_tracer(Tracing(URL(collector.url)), "1"):
            pass


async def test_the_sdk_can_be_turned_off_by_its_own_variable(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    async with opening.open_tracer(Tracing(URL(collector.url)), "1") as tracer:
        assert tracer is not None
        span = tracer.request("route", None, {})
        assert span.traceparent == ""
        span.end()
    assert collector.spans == []


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("http://c:4318", "http://c:4318/v1/traces"),
        ("http://c:4318/", "http://c:4318/v1/traces"),
        ("http://c:4318/v1/traces", "http://c:4318/v1/traces"),
        ("https://gate/otlp", "https://gate/otlp/v1/traces"),
    ],
)
def test_where_spans_are_posted(endpoint: str, url: str) -> None:
    assert traces_url(endpoint) == url
