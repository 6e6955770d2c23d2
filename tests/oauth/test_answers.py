from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from proxy.errors import Code, RpcError
from proxy.github.wire import Response
from proxy.oauth import (
    Grant,
    read_token_answer,
)
from proxy.session import Token
from tests.oauth.trying import attempt

NOW = datetime(2026, 11, 19, 10, tzinfo=UTC).timestamp()
FULL = {
    "access_token": "ghu_new",
    "expires_in": 28800,
    "refresh_token": "ghr_new",
    "refresh_token_expires_in": 15897600,
    "scope": "",
    "token_type": "bearer",
}
IN_8_HOURS = datetime(2026, 11, 19, 18, tzinfo=UTC)


def answer(body: object, status: int = 200, **headers: str) -> Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, CIMultiDictProxy(CIMultiDict(named)), data)


def refusal(response: Response) -> RpcError:
    with pytest.raises(RpcError) as caught:
        read_token_answer(response, NOW)
    return caught.value


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (FULL, Grant(Token("ghu_new", "bearer", "ghr_new", IN_8_HOURS), 15897600)),
        (FULL | {"expires_in": "28800"}, Grant(Token("ghu_new", "bearer", "ghr_new", IN_8_HOURS), 15897600)),
        (FULL | {"expires_in": 28800.0}, Grant(Token("ghu_new", "bearer", "ghr_new", IN_8_HOURS), 15897600)),
        ({"access_token": "ghu_new", "token_type": "bearer", "scope": ""}, Grant(Token("ghu_new", "bearer"))),
        ({"access_token": "ghu_new", "expires_in": None, "refresh_token": None}, Grant(Token("ghu_new"))),
        ({"access_token": "ghu_new", "expires_in": 0, "refresh_token": ""}, Grant(Token("ghu_new"))),
        ({"access_token": "ghu_new", "error": None}, Grant(Token("ghu_new"))),
        ({"access_token": "ghu_new", "scope": ["repo"], "x": {}}, Grant(Token("ghu_new"))),
        (
            {"access_token": "ghu_new", "expires_in": 10**30, "refresh_token_expires_in": "9" * 5000},
            Grant(
                Token("ghu_new", expiry=datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=2**31 - 1)),
                2**31 - 1,
            ),
        ),
    ],
)
def test_a_grant_is_read(fields: dict[str, Any], expected: Grant) -> None:
    assert read_token_answer(answer(fields), NOW) == expected


def test_a_form_says_the_same() -> None:
    body = urlencode(FULL).encode()
    assert read_token_answer(answer(body), NOW) == read_token_answer(answer(FULL), NOW)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("bad_verification_code", "log in with GitHub again"),
        ("bad_refresh_token", "log in with GitHub again"),
        ("access_denied", "authorize the App"),
        ("unverified_user_email", "verify it in GitHub's settings"),
        ("incorrect_client_credentials", r"operator .* github\.client_id and github\.client_secret"),
        ("redirect_uri_mismatch", r"operator .*github\.callback_url"),
        ("application_suspended", "suspended"),
        ("something_new", "operator"),
    ],
)
@pytest.mark.parametrize("as_form", [False, True])
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_refusal_says_what_to_do(error: str, advice: str, as_form: bool, status: int) -> None:
    fields = {"error": error, "error_description": "the token ghr_old is bad", "error_uri": "https://x"}
    told = refusal(answer(urlencode(fields).encode() if as_form else fields, status))
    assert told.code is Code.UNAUTHENTICATED
    assert told.message.startswith(f"GitHub refused to give a token ({error}): ")
    assert "ghr_old" not in told.message
    with pytest.raises(RpcError, match=advice):
        raise told


def test_an_unknown_app_is_the_operators_to_correct() -> None:
    told = refusal(answer({"error": "Not Found"}, 404))
    assert told.code is Code.UNAUTHENTICATED
    assert "github.client_id" in told.message


@pytest.mark.parametrize("error", [7, {}, "", "x" * 65, "ghu_1234", "a\nb", "<b>"])
def test_an_error_that_is_no_name_is_not_repeated(error: object) -> None:
    told = refusal(answer({"error": error}))
    assert told.code is Code.UNAUTHENTICATED
    assert "(an unknown error)" in told.message


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_github_down_is_no_refusal(status: int) -> None:
    told = refusal(answer({"error": "bad_refresh_token"}, status, Retry_After="7"))
    assert told.code is Code.UNAVAILABLE
    assert told.retry_after == 7
    assert str(status) in told.message


@pytest.mark.parametrize(
    ("response", "retry_after"),
    [
        (answer(b"", 429), 60),
        (answer(b"", 429, Retry_After="17"), 17),
        (answer(b"", 429, Retry_After="soon"), 60),
        (answer(b"", 429, Retry_After="9" * 5000), 24 * 3600),
        (answer(b"", 403, Retry_After="0"), 0),
        (answer(b"", 403, X_RateLimit_Remaining="0", X_RateLimit_Reset=f"{NOW + 90:.0f}"), 90),
        (answer(b"", 403, X_RateLimit_Remaining="0", X_RateLimit_Reset="12"), 1),
        (answer(b"", 403, X_RateLimit_Remaining="0", X_RateLimit_Reset="later"), 60),
        (answer({"message": "You have exceeded a secondary rate limit"}, 403), 60),
    ],
)
def test_being_limited_says_when_to_try_again(response: Response, retry_after: int) -> None:
    told = refusal(response)
    assert told.code is Code.RESOURCE_EXHAUSTED
    assert told.retry_after == retry_after


def test_a_plain_403_is_a_permission() -> None:
    assert refusal(answer(b"<html>no</html>", 403)).code is Code.PERMISSION_DENIED


@pytest.mark.parametrize(
    "response",
    [
        answer(b""),
        answer(b"\xff\xfe"),
        answer(b"<html>Sign in</html>"),
        answer(b"OK"),
        answer(b"a=b&c=d"),
        answer(b"&".join(b"access_token=a" for _ in range(40))),
        answer(b"[" * 50_000),
        answer(b'{"a":' * 10_000),
        answer([FULL]),
        answer({}),
        answer({"token_type": "bearer"}),
        answer(FULL | {"access_token": ""}),
        answer(FULL | {"access_token": 7}),
        answer(FULL | {"access_token": "a\r\nX: y"}),
        answer(FULL | {"access_token": "x" * 2049}),
        answer(FULL | {"refresh_token": ["ghr"]}),
        answer(FULL | {"token_type": {}}),
        answer(FULL | {"expires_in": "soon"}),
        answer(FULL | {"expires_in": "²"}),
        answer(FULL | {"expires_in": -1}),
        answer(FULL | {"expires_in": 1.5}),
        answer(FULL | {"expires_in": True}),
        answer(FULL | {"expires_in": [1]}),
        answer(FULL | {"expires_in": float("nan")}),
        answer(FULL | {"refresh_token_expires_in": float("inf")}),
        answer(FULL | {"padding": "x" * 70_000}),
        answer(FULL, 201),
        answer(b"", 302, Location="https://login.example.org"),
        answer(b"", 404),
        answer(b"Cannot POST", 405),
    ],
)
def test_what_does_not_speak_as_github_does_is_unavailable(response: Response) -> None:
    told = refusal(response)
    assert told.code is Code.UNAVAILABLE
    assert "github.url" in told.message
    assert "ghu_new" not in told.message


json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)


@given(st.dictionaries(st.sampled_from([*FULL, "error"]), json_values), st.integers(200, 599))
def test_any_answer_is_a_grant_or_a_clean_error(fields: dict[str, Any], status: int) -> None:
    got = attempt(lambda: read_token_answer(answer(fields, status), NOW))
    if isinstance(got, RpcError):
        assert got.code is not Code.NOT_FOUND
    else:
        assert status == 200
        assert got.token.access_token == fields["access_token"]


@given(st.binary(), st.integers(200, 599))
def test_any_bytes_are_a_clean_error(body: bytes, status: int) -> None:
    assert refusal(answer(body, status)).message


def test_a_grant_shows_no_token() -> None:
    assert "ghu_new" not in repr(read_token_answer(answer(FULL), NOW))
