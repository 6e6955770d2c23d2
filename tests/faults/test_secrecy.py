from __future__ import annotations

import pytest

from faults.judging.secrecy import told

LINE = b"ts=2026-01-01T00:00:00.000Z level=info msg=request path=/vcs.v1.VCSService/GetFile status=200\n"
SECRETS = {"a cookie": b"eyJtZXRhZGF0YSI6", "nothing": b""}


def test_a_usual_log_tells_nothing() -> None:
    assert told(LINE * 100, SECRETS) == []


@pytest.mark.parametrize(
    "more",
    [b"ghu_0123456789abcdef0123", b"gho_0123456789abcdef0123", b"Cookie: a=eyJtZXRhZGF0YSI6IngifQ"],
)
def test_secrets_are_found_and_not_repeated(more: bytes) -> None:
    (found,) = told(LINE + more + b"\n" + LINE, SECRETS)
    assert more.decode() not in found


@pytest.mark.parametrize(
    "more",
    [
        b'exception="Traceback (most recent call last):\\n  File',
        b"Task exception was never retrieved",
        b"Unclosed client session",
        b"coroutine 'x' was never awaited",
        b"--- Logging error ---",
    ],
)
def test_what_nobody_foresaw_is_found_unless_it_is_borne(more: bytes) -> None:
    (found,) = told(LINE + more + b"\n", SECRETS)
    assert "not foreseen" in found
    assert told(LINE + more + b"\n", SECRETS, unforeseen=False) == []
