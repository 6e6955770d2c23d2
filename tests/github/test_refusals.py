from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from proxy.errors import Code
from proxy.github import refusals
from proxy.github.wire import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "ghu_0123456789abcdefghij"
ASKED = refusals.Asked(1_000_000.0, URL("https://github.com"), TOKEN)
NOT_ACCESSIBLE = "Resource not accessible by integration"
SPENT = {"x-ratelimit-remaining": "0"}
ELSEWHERE = (
    "https://evil.example/sso",
    "http://github.com/x",
    "https://github.com@evil.example",
    "https://[x",
)
SSO = "https://github.com/orgs/acme/sso?authorization_request=AAA"


def response(
    status: int, message: Any = "no", headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    body = json.dumps({"message": message, **more}).encode()
    return Response(status, CIMultiDict(headers or {}), body)


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (response(401, "Bad credentials"), Code.UNAUTHENTICATED, "connect to GitHub again"),
        (response(403, NOT_ACCESSIBLE), Code.PERMISSION_DENIED, "install the GitHub App"),
        (response(403, "Repository access blocked"), Code.PERMISSION_DENIED, "Repository access blocked"),
        (response(403, "x", {"x-github-sso": f"required; url={SSO}"}), Code.PERMISSION_DENIED, SSO),
        (response(403, "x", {"X-GitHub-SSO": "required"}), Code.PERMISSION_DENIED, "single sign-on"),
        (response(403, NOT_ACCESSIBLE, SPENT), Code.PERMISSION_DENIED, "install the GitHub App"),
        (response(403, "large", errors=[{"code": "too_large"}]), Code.FAILED_PRECONDITION, "100 MB"),
        (response(403, "API rate limit exceeded", SPENT), Code.RESOURCE_EXHAUSTED, "primary"),
        (response(429, "slow down"), Code.RESOURCE_EXHAUSTED, "secondary"),
        (response(451, "DMCA"), Code.PERMISSION_DENIED, "legal reasons"),
        (response(500, "boom"), Code.UNAVAILABLE, "500"),
        (response(502, "x"), Code.UNAVAILABLE, "502"),
        (Response(503, CIMultiDict(), b"<html>"), Code.UNAVAILABLE, "503"),
        (Response(404, CIMultiDict(), b"<html>"), Code.UNAVAILABLE, "github.api_url"),
        (Response(302, CIMultiDict(), b""), Code.UNAVAILABLE, "github.api_url"),
        (response(422, "Validation failed"), Code.UNKNOWN, "Validation failed"),
        (response(409, "Conflict"), Code.UNKNOWN, "409"),
        (response(418, 7), Code.UNAVAILABLE, "418"),
    ],
)  # fmt: skip
def test_a_refusal_keeps_its_meaning(answer: Response, code: Code, words: str) -> None:
    error = refusals.refusal(answer, ASKED)
    assert error.code is code
    assert words in error.message
    assert "evil" not in error.message


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (response(429, "x", {"retry-after": "17"}), 17),
        (response(403, "x", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000030"}), 30),
        (response(429, "x"), 60),
        (response(503, "x", {"retry-after": "9"}), 9),
        (response(503, "x"), None),
        (response(401, "x"), None),
    ],
)
def test_when_to_try_again(answer: Response, expected: int | None) -> None:
    assert refusals.refusal(answer, ASKED).retry_after == expected


@pytest.mark.parametrize(
    ("answer", "absent"),
    [
        (response(404, "Not Found"), True),
        (response(404, "This repository is empty."), True),
        (response(404, "No commit found for the ref x"), True),
        (response(409, "Git Repository is empty."), True),
        (response(422, "No commit found for SHA: x"), True),
        (response(409, "Conflict"), False),
        (response(422, "Validation Failed"), False),
        (Response(404, CIMultiDict(), b"<html>not found</html>"), False),
        (Response(404, CIMultiDict(), b""), False),
        (response(403, "Not Found"), False),
        (response(401, "Not Found"), False),
        (response(200, "Not Found"), False),
    ],
)
def test_only_three_answers_mean_not_there(answer: Response, absent: bool) -> None:
    assert refusals.is_absent(answer) is absent


@pytest.mark.parametrize("page", ELSEWHERE)
def test_only_a_page_of_the_configured_github_is_shown(page: str) -> None:
    error = refusals.refusal(response(403, "x", {"X-GitHub-SSO": f"required; url={page}"}), ASKED)
    assert error.code is Code.PERMISSION_DENIED
    assert page not in error.message
    assert "at GitHub," in error.message


@pytest.mark.parametrize("word", [TOKEN, TOKEN.replace("o", "%6F", 1), "gho_otherotherother"])
def test_a_page_that_holds_a_token_is_not_shown(word: str) -> None:
    page = f"https://github.com/orgs/a/sso?authorization_request={word}"
    error = refusals.refusal(response(403, "x", {"X-GitHub-SSO": f"required; url={page}"}), ASKED)
    assert error.code is Code.PERMISSION_DENIED
    assert word not in error.message
    assert TOKEN not in error.message
    assert "at GitHub," in error.message


def test_github_s_words_are_shown_short_clean_and_without_a_token() -> None:
    shown = refusals.printable(
        f"bad\r\nX-Evil: 1\x1b[31m {TOKEN} gho_otherotherother Bearer abcdefghijklmnopqrstuv \u202e"
        + "x" * 500,
        TOKEN,
    )
    assert len(shown) <= 201
    assert shown.isprintable()
    for secret in (TOKEN, "gho_other", "abcdefghijklmnop"):
        assert secret not in shown


@given(
    st.integers(300, 599),
    st.binary(max_size=300),
    st.dictionaries(st.sampled_from(["retry-after", "X-GitHub-SSO"]), st.text()),
)
def test_any_refusal_ends_in_a_clean_error(status: int, body: bytes, headers: dict[str, str]) -> None:
    answer = Response(status, CIMultiDict(headers), body)
    refusals.is_absent(answer)
    error = refusals.refusal(answer, ASKED)
    assert error.code is not Code.NOT_FOUND
    assert len(error.message) < 1000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_any_json_in_a_refusal_ends_in_a_clean_error(value: Any) -> None:
    for status in (403, 404, 422):
        answer = Response(status, CIMultiDict(), json.dumps({"message": "m", "errors": value}).encode())
        assert refusals.refusal(answer, ASKED).code is not Code.NOT_FOUND


def test_what_was_asked_does_not_print_its_token() -> None:
    assert TOKEN not in repr(ASKED)
