from __future__ import annotations

from contextlib import closing

import pytest

from proxy.loops import loop_factory

_CLOSED = "unable to perform operation on <TCPTransport closed=True 0x55>; the handler is closed"
_TLS = "Fatal error on SSL protocol"


def test_event_loops_are_made_anew() -> None:
    make = loop_factory()
    with closing(make()) as first, closing(make()) as second:
        assert first is not second


def test_what_is_written_to_a_tls_connection_that_is_closed_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pytest.importorskip("uvloop")
    with closing(loop_factory()()) as loop:
        loop.call_exception_handler({"message": _TLS, "exception": RuntimeError(_CLOSED)})
    assert caplog.records == []


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (_TLS, RuntimeError("something else")),
        (_TLS, ValueError(_CLOSED)),
        ("Exception in callback", RuntimeError(_CLOSED)),
        (_TLS, None),
    ],
)
def test_everything_else_that_nobody_catches_is_logged(
    message: str, error: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    context = {"message": message} | ({} if error is None else {"exception": error})
    with closing(loop_factory()()) as loop:
        loop.call_exception_handler(context)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
