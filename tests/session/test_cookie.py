from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Code
from proxy.session import (
    BrokenSession,
    InvalidSession,
    MissingSession,
    Token,
    current_cookie_value,
    derive_key,
    legacy_cookie_value,
    read_cookie_value,
    read_cookies,
    seal,
    set_cookie,
)

KEYS = [derive_key("secret", "anonymous"), derive_key("older", "anonymous")]
TOKEN = Token("ghu_abc", "bearer", "ghr_def", datetime(2026, 11, 19, 10, tzinfo=UTC))
VALUE = current_cookie_value(seal(TOKEN, KEYS[0], bytes(12)))
OTHER = current_cookie_value(seal(Token("other"), KEYS[1], bytes(12)))
FOREIGN = current_cookie_value(seal(TOKEN, derive_key("foreign", "anonymous"), bytes(12)))
NAME = "pyroscope_git_session"


@pytest.mark.parametrize(
    "headers",
    [
        [f"{NAME}={VALUE}"],
        [f"grafana_session=1; {NAME}={VALUE}; theme=dark"],
        [f"grafana_session=1;{NAME}={VALUE};theme=dark"],
        [f'  {NAME} = "{VALUE}" '],
        [f"grafana_session=1, {NAME}={VALUE}, theme=dark"],
        ["grafana_session=1", f"{NAME}={VALUE}"],
        [f"{NAME}=broken; {NAME}={VALUE}; {NAME}={OTHER}"],
        [f"{NAME}={FOREIGN}", f"{NAME}={VALUE}"],
        [f"{NAME}=; {NAME}={VALUE}"],
        [f"{NAME}={'x' * 20_000}; {NAME}={VALUE}"],
        [f"{NAME}={legacy_cookie_value(seal(TOKEN, KEYS[1], bytes(12)), datetime(2026, 1, 1, tzinfo=UTC))}"],
    ],
)
def test_the_first_cookie_that_opens_counts(headers: list[str]) -> None:
    assert read_cookies(headers, KEYS) == TOKEN


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        [";;,="],
        ["other=1"],
        [f"{NAME}="],
        [f"{NAME}"],
        [f"x{NAME}={VALUE}"],
        [f"{NAME.upper()}={VALUE}"],
        [VALUE],
    ],
)
def test_a_missing_session_is_told_from_a_broken_one(headers: list[str]) -> None:
    with pytest.raises(MissingSession, match=r"^invalid token: .*keepCookies") as caught:
        read_cookies(headers, KEYS)
    assert caught.value.code is Code.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ([f"{NAME}={FOREIGN}"], "does not open"),
        ([f"{NAME}={FOREIGN}; {NAME}=!"], "does not open"),
        ([f"{NAME}=!"], "is not base64"),
        ([f"{NAME}=e30="], "holds no sealed token"),
        ([f"{NAME}=" + "A" * 16_385], "is longer than"),
        ([f'{NAME}=""'], "is not a session"),
    ],
)
def test_a_broken_session_says_what_is_wrong_with_it(headers: list[str], why: str) -> None:
    with pytest.raises(BrokenSession, match=f"^invalid token: the cookie {NAME} {why}") as caught:
        read_cookies(headers, KEYS)
    assert caught.value.code is Code.UNAUTHENTICATED


def test_only_as_many_cookies_are_tried_as_browsers_send() -> None:
    def after(broken: int) -> list[str]:
        return [f"{NAME}=x; " * broken + f"{NAME}={VALUE}"]

    assert read_cookies(after(15), KEYS) == TOKEN
    with pytest.raises(BrokenSession):
        read_cookies(after(16), KEYS)


def test_a_cookie_of_16_kib_is_still_read() -> None:
    sealed = seal(Token("a" * 8_000), KEYS[0], bytes(12))
    value = current_cookie_value(sealed)
    assert 14_000 < len(value) <= 16_384
    assert read_cookie_value(value, KEYS).access_token == "a" * 8_000


def test_the_metadata_is_read_where_the_token_is_null() -> None:
    sealed = seal(TOKEN, KEYS[0], bytes(12))
    both = base64.b64encode(f'{{"token":null,"metadata":"{sealed}"}}'.encode()).decode()
    assert read_cookie_value(both, KEYS) == TOKEN


@given(st.lists(st.text(), max_size=3), st.booleans())
def test_any_header_is_a_session_or_its_own_error(headers: list[str], named: bool) -> None:
    with pytest.raises(InvalidSession):
        read_cookies([f"{NAME}={header}" if named else header for header in headers], KEYS)


@given(st.binary())
def test_any_bytes_as_a_cookie_end_in_its_own_error(data: bytes) -> None:
    for value in (base64.b64encode(data).decode(), data.decode("utf-8", "surrogateescape")):
        with pytest.raises(BrokenSession):
            read_cookie_value(value, KEYS)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_any_json_in_a_cookie_ends_in_its_own_error(value: object) -> None:
    for fields in ({"token": value}, {"metadata": value}, {"token": value, "metadata": value}):
        with pytest.raises(BrokenSession):
            read_cookie_value(_base64_json(fields), KEYS)


@pytest.mark.parametrize(
    ("expires", "written"),
    [
        (datetime(2026, 11, 19, 10, tzinfo=UTC), "Thu, 19 Nov 2026 10:00:00 GMT"),
        (datetime(2027, 2, 3, 4, 5, 6, 999_999, tzinfo=UTC), "Wed, 03 Feb 2027 04:05:06 GMT"),
        (datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "Thu, 31 Dec 2026 23:00:00 GMT"),
    ],
)
def test_the_line_is_gos(expires: datetime, written: str) -> None:
    assert set_cookie("VALUE", expires) == f"{NAME}=VALUE; Expires={written}; Secure; SameSite=Lax"


def _base64_json(fields: object) -> str:
    return base64.b64encode(json.dumps(fields).encode()).decode()
