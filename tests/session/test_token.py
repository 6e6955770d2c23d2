from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.session import BrokenSession, Token, unix_ms
from proxy.session.token import dump_token, is_visible, load_token, read_object, read_time

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
tokens = st.builds(
    Token,
    access_token=visible.filter(bool),
    token_type=visible,
    refresh_token=visible,
    expiry=st.none() | st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given beside it
)


def sealed_with(**fields: object) -> bytes:
    return json.dumps({"access_token": "a", **fields}).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-19T12:00:00Z", NOON),
        ("2026-11-19t12:00:00z", NOON),
        ("2026-11-19T12:00:00+00:00", NOON),
        ("2026-11-19T12:00:00-00:00", NOON),
        ("2026-11-19T14:30:00+02:30", NOON),
        ("2026-11-18T23:00:00-13:00", NOON),
        ("2026-11-20T11:59:00+23:59", NOON),
        ("2026-11-19T12:00:00.1Z", NOON + timedelta(microseconds=100_000)),
        ("2026-11-19T12:00:00.123456789Z", NOON + timedelta(microseconds=123_456)),
        ("2026-11-19T12:00:00.000000999Z", NOON),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T01:00:00+01:00", None),
        ("0001-01-01T00:00:00.000Z", None),
    ],
)
def test_times_are_read_as_rfc_3339_has_them(text: str, expected: datetime | None) -> None:
    assert read_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-19",
        "2026-11-19 12:00:00Z",
        "2026-11-19T12:00:00",
        "2026-11-19T12:00:00,5Z",
        "2026-11-19T12:00:00.Z",
        "2026-11-19T12:00Z",
        "2026-11-19T12:00:00+0200",
        "2026-11-19T12:00:00+24:00",
        "2026-11-19T12:00:00+02:60",
        "2026-13-19T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-11-19T24:00:00Z",
        "2026-11-19T12:00:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٦-11-19T12:00:00Z",
        "2026-11-19T12:00:00Z\n",
    ],
)
def test_other_times_are_broken(text: str) -> None:
    with pytest.raises(BrokenSession):
        read_time(text)


@pytest.mark.parametrize("expiry", [None, "0001-01-01T00:00:00Z"])
def test_no_time_and_the_zero_time_say_does_not_expire(expiry: str | None) -> None:
    assert load_token(sealed_with(expiry=expiry)).expiry is None
    assert load_token(sealed_with()).expiry is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b'"a"',
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"access_token":"a","n":' + b"9" * 10_000 + b"}",
        '{"access_token":"a"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"access_token":"a"}',
        sealed_with(access_token=""),
        sealed_with(access_token=None),
        sealed_with(access_token=7),
        sealed_with(access_token=["a"]),
        sealed_with(access_token="a\nb"),
        sealed_with(access_token="é"),
        sealed_with(access_token="\ud800"),
        sealed_with(refresh_token=1),
        sealed_with(refresh_token="\0"),
        sealed_with(token_type=False),
        sealed_with(expiry=1_795_082_400),
        sealed_with(expiry={}),
        sealed_with(expiry=True),
        sealed_with(expiry=""),
    ],
)
def test_what_is_no_token_is_broken(data: bytes) -> None:
    with pytest.raises(BrokenSession):
        load_token(data)


def test_unknown_fields_are_ignored_and_the_last_of_two_counts() -> None:
    data = b'{"access_token":"a","expires_in":28800,"x":{"y":[]},"access_token":"b"}'
    assert load_token(data) == Token("b")


@pytest.mark.parametrize(
    ("expiry", "written"),
    [
        (NOON, "2026-11-19T12:00:00Z"),
        (NOON.replace(microsecond=120_000), "2026-11-19T12:00:00.12Z"),
        (NOON.replace(microsecond=1), "2026-11-19T12:00:00.000001Z"),
        (datetime.fromisoformat("2026-11-19T14:00:00+02:00"), "2026-11-19T12:00:00Z"),
        (datetime(812, 1, 1, tzinfo=UTC), "0812-01-01T00:00:00Z"),
        (None, "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_written_as_go_writes_them(expiry: datetime | None, written: str) -> None:
    assert json.loads(dump_token(Token("a", expiry=expiry)))["expiry"] == written


def test_the_json_is_gos_byte_for_byte() -> None:
    token = Token("a<b>&c", "bearer", "r", NOON)
    assert dump_token(token) == (
        rb'{"access_token":"a\u003cb\u003e\u0026c","token_type":"bearer","refresh_token":"r",'
        rb'"expiry":"2026-11-19T12:00:00Z"}'
    )


@given(tokens)
def test_what_is_written_is_read_again(token: Token) -> None:
    assert load_token(dump_token(token)) == token


@given(st.binary())
def test_any_bytes_are_an_object_or_none(data: bytes) -> None:
    value = read_object(data)
    assert value is None or isinstance(value, dict)


@given(st.text())
def test_visible_text_can_go_into_a_header(text: str) -> None:
    assert is_visible(text) == all(" " <= character <= "~" for character in text)


@pytest.mark.parametrize(("seconds", "expired"), [(-1, False), (0, True), (1, True)])
def test_a_token_ends_at_its_expiry(seconds: int, expired: bool) -> None:
    assert Token("a", expiry=NOON).is_expired(NOON.timestamp() + seconds) is expired


def test_a_token_without_expiry_never_ends() -> None:
    assert not Token("a").is_expired(1e11)


def test_the_secret_parts_never_show() -> None:
    shown = f"{Token('ghu_abc', 'bearer', 'ghr_def', NOON)!r} {Token('ghu_abc')}"
    assert "ghu_abc" not in shown
    assert "ghr_def" not in shown


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 11, 19, 10, tzinfo=UTC), 1_795_082_400_000),
        (datetime(2026, 11, 19, 10, 0, 0, 1999, tzinfo=UTC), 1_795_082_400_001),
        (datetime(1, 1, 1, tzinfo=UTC), -62_135_596_800_000),
    ],
)
def test_moments_in_milliseconds(moment: datetime, expected: int) -> None:
    assert unix_ms(moment) == expected
