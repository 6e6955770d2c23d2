from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Code
from proxy.querier.refusals import refusal


@pytest.mark.parametrize("code", Code)
def test_an_error_of_connect_keeps_code_and_message(code: Code) -> None:
    error = refusal(500, f'{{"code":"{code.value}","message":"no such tenant"}}'.encode())
    assert (error.code, error.message) == (code, "no such tenant")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, Code.UNKNOWN),
        (400, Code.INTERNAL),
        (401, Code.UNAUTHENTICATED),
        (403, Code.PERMISSION_DENIED),
        (404, Code.UNIMPLEMENTED),
        (415, Code.UNIMPLEMENTED),
        (429, Code.UNAVAILABLE),
        (500, Code.UNKNOWN),
        (502, Code.UNAVAILABLE),
        (503, Code.UNAVAILABLE),
        (504, Code.UNAVAILABLE),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"code":"nonsense"}', b'{"code":5,"message":"m"}', b"[" * 9999, b"\xff"]
)
def test_any_other_answer_is_told_by_its_status(status: int, code: Code, body: bytes) -> None:
    error = refusal(status, body)
    assert error.code is code
    assert f"HTTP status {status}" in error.message
    assert "upstream.url" in error.message


@pytest.mark.parametrize("message", ["", ', "message": 5', ', "message": ""'])
def test_an_error_without_words_says_so(message: str) -> None:
    assert refusal(503, f'{{"code":"unavailable"{message}}}'.encode()).message == "Pyroscope gave no reason."


def test_a_message_without_end_is_cut() -> None:
    assert len(refusal(500, b'{"code":"internal","message":"' + b"m" * 60_000 + b'"}').message) == 4096


@given(st.integers(100, 599), st.binary(max_size=100))
def test_any_body_is_some_error(status: int, body: bytes) -> None:
    refusal(status, body).message.encode()
