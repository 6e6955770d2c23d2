from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from proxy.config.model import GitHub, Secret
from proxy.errors import Code, RpcError
from proxy.oauth import (
    authorize_url,
    code_challenge,
    exchange_request,
    refresh_request,
)
from tests.oauth.trying import attempt

if TYPE_CHECKING:
    from proxy.github.wire import Request

GITHUB = GitHub(client_id="Iv1.abc", client_secret=Secret("the client's secret & more"))


def form(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.body.decode(), strict_parsing=True)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com", "https://github.com/login/oauth/access_token"),
        ("https://github.example.org/", "https://github.example.org/login/oauth/access_token"),
        ("http://127.0.0.1:8080/git", "http://127.0.0.1:8080/git/login/oauth/access_token"),
    ],
)
@pytest.mark.parametrize("kind", ["exchange", "refresh"])
def test_secrets_go_to_the_configured_github_in_the_body_only(url: str, expected: str, kind: str) -> None:
    github = GitHub(url=URL(url), client_id=GITHUB.client_id, client_secret=GITHUB.client_secret)
    request = exchange_request(github, "c0de") if kind == "exchange" else refresh_request(github, "ghr_old")
    assert (request.method, request.url) == ("POST", expected)
    assert request.route == "/login/oauth/access_token"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "secret" not in repr(request)
    assert "ghr_old" not in repr(request)


def test_an_exchange_sends_the_code_and_the_credentials() -> None:
    assert form(exchange_request(GITHUB, "c0de")) == {
        "client_id": ["Iv1.abc"],
        "client_secret": ["the client's secret & more"],
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
    }


def test_an_exchange_sends_what_the_login_was_started_with() -> None:
    request = exchange_request(GITHUB, "c0de", redirect_uri="https://p/cb?a=b", code_verifier="v" * 43)
    assert form(request)["redirect_uri"] == ["https://p/cb?a=b"]
    assert form(request)["code_verifier"] == ["v" * 43]


def test_a_refresh_sends_the_refresh_token() -> None:
    assert form(refresh_request(GITHUB, "ghr_old+/=&")) == {
        "client_id": ["Iv1.abc"],
        "client_secret": ["the client's secret & more"],
        "grant_type": ["refresh_token"],
        "refresh_token": ["ghr_old+/=&"],
    }


@pytest.mark.parametrize("code", ["a\nb", "\0", "é", "\ud800", "x" * 2049])
def test_a_code_that_is_none_is_the_callers_fault(code: str) -> None:
    with pytest.raises(RpcError, match="the code is longer") as caught:
        exchange_request(GITHUB, code)
    assert caught.value.code is Code.INVALID_ARGUMENT


@given(st.text())
def test_any_code_is_sent_or_refused(code: str) -> None:
    got = attempt(lambda: exchange_request(GITHUB, code))
    if isinstance(got, RpcError):
        assert got.code is Code.INVALID_ARGUMENT
    else:
        assert parse_qs(got.body.decode(), keep_blank_values=True)["code"] == [code]


def test_the_authorize_page_of_a_login_with_a_challenge() -> None:
    url = authorize_url(GITHUB, redirect_uri="https://p/cb?x=1&y", state="s t", code_challenge="ch")
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "github.com", "/login/oauth/authorize")
    assert parse_qs(parts.query) == {
        "client_id": ["Iv1.abc"],
        "redirect_uri": ["https://p/cb?x=1&y"],
        "state": ["s t"],
        "code_challenge": ["ch"],
        "code_challenge_method": ["S256"],
    }


def test_the_authorize_page_leaves_out_what_is_not_set() -> None:
    url = authorize_url(GITHUB, redirect_uri="", state="s")
    assert parse_qs(urlsplit(url).query) == {"client_id": ["Iv1.abc"], "state": ["s"]}


def test_the_challenge_is_that_of_the_rfc() -> None:
    # https://www.rfc-editor.org/rfc/rfc7636#appendix-B
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
