"""Which ``traceparent`` is believed; the cases are those of the standard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from proxy.tracing import Parent, parse

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        (GOOD, 1),
        (f"00-{TRACE}-{SPAN}-00", 0),
        (f"00-{TRACE}-{SPAN}-03", 3),
        (f"00-{TRACE}-{SPAN}-ff", 3),
        (f"00-{TRACE}-{SPAN}-08", 0),
        (f"cc-{TRACE}-{SPAN}-01", 1),
        (f"cc-{TRACE}-{SPAN}-01-what-comes-next", 1),
    ],
)
def test_who_is_believed(header: str, flags: int) -> None:
    parent = parse(header)
    assert parent == Parent(int(TRACE, 16), int(SPAN, 16), flags)
    assert parent.sampled is bool(flags & 1)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        GOOD.upper(),
        f" {GOOD}",
        f"{GOOD}\n",
        f"{GOOD}-more",
        f"{GOOD}.",
        f"ff-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01.what-comes-next",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}",
        f"0\u0660-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01-{'x' * 500}",
        f"{GOOD}, {GOOD}",
    ],
)
def test_who_is_not(header: str) -> None:
    assert parse(header) is None


@given(st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-x)?", fullmatch=True) | st.text())
def test_opentelemetry_believes_whom_we_believe(header: str) -> None:
    parent = parse(header)
    context = TraceContextTextMapPropagator().extract({"traceparent": header})
    theirs = get_current_span(context).get_span_context()
    if parent is not None:
        assert (parent.trace_id, parent.span_id) == (theirs.trace_id, theirs.span_id)
        assert parent.sampled is theirs.trace_flags.sampled
