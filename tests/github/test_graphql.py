from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from proxy.errors import Code, RpcError
from proxy.github import api, graphql, limits, refusals
from proxy.github.model import Blob, Commit, git_blob_oid
from proxy.github.wire import Response
from proxy.source.model import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping

WHERE = api.Api(URL("https://github.com"), URL("https://api.github.com"))
ASKED = refusals.Asked(1_000_000.0, URL("https://github.com"), "ghu_token")
SHA = "b" * 40
COMMIT = {
    "__typename": "Commit",
    "oid": SHA,
    "message": "Fix",
    "authoredDate": "2026-01-02T03:04:05Z",
    "author": {"user": {"login": "ann", "avatarUrl": "https://avatars.example/1"}},
}
EXPECTED = Commit(
    SHA,
    "Fix",
    "2026-01-02T03:04:05Z",
    "ann",
    "https://avatars.example/1",
    f"https://github.com/o/n/commit/{SHA}",
)


def tag(target: Any) -> dict[str, Any]:
    return {"__typename": "Tag", "oid": "c" * 40, "target": target}


def found(**objects: Any) -> dict[str, Any]:
    return {"nameWithOwner": "o/n", "isPrivate": False, **objects}


def blob(text: str | None, **changed: Any) -> dict[str, Any]:
    content = (text or "").encode("utf-8", "surrogatepass")
    told = {"oid": git_blob_oid(content), "byteSize": len(content), "isBinary": False, "isTruncated": False}
    return {"__typename": "Blob", "text": text, **told, **changed}


@pytest.mark.parametrize(
    ("base", "endpoint"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.github.com/", "https://api.github.com/graphql"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql"),
        ("https://ghe.example/api/v3/", "https://ghe.example/api/graphql"),
        ("https://ghe.example/prefix/api/v3", "https://ghe.example/prefix/api/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
    ],
)
def test_where_graphql_is(base: str, endpoint: str) -> None:
    assert graphql.endpoint(base) == endpoint


@pytest.mark.parametrize(
    ("pointed_at", "expected"),
    [
        (COMMIT, EXPECTED),
        (tag(COMMIT), EXPECTED),
        (tag(tag(COMMIT)), EXPECTED),
        (None, None),
        ({"__typename": "Tree", "oid": SHA}, None),
        (tag({"__typename": "Blob"}), None),
    ],
)
def test_what_a_ref_points_to(pointed_at: Any, expected: Commit | None) -> None:
    look = graphql.read_look(found(ref=pointed_at, p0=blob("x")), ["a"], WHERE)
    assert look.commit == expected
    assert (look.blobs["a"] is None) is (expected is None)


@pytest.mark.parametrize("author", [None, {}, {"user": None}, {"user": {"login": None}}, 5])
def test_an_author_without_a_login(author: Any) -> None:
    commit = graphql.read_look(found(ref={**COMMIT, "author": author}), [], WHERE).commit
    assert commit is not None
    assert (commit.login, commit.avatar_url) == ("", "")


@pytest.mark.parametrize(
    ("told", "content"),
    [
        (blob("päckage\r\n"), "päckage\r\n".encode()),
        (blob(""), b""),
        (blob("abc", isTruncated=True), None),
        (blob("abc", isBinary=True), None),
        (blob("abc", byteSize=4), None),
        (blob("abc", oid="d" * 40), None),
        (blob("abc", isTruncated=None), None),
        (blob("abc", isBinary=None), b"abc"),
        (blob(None), None),
        (blob("\ud800"), None),
    ],
)
def test_a_text_counts_only_when_it_is_the_file_byte_for_byte(
    told: dict[str, Any], content: bytes | None
) -> None:
    seen = graphql.read_look(found(ref=COMMIT, p0=told), ["a"], WHERE).blobs["a"]
    assert seen == Blob(told["oid"], told["byteSize"], content)


@pytest.mark.parametrize("told", [None, {"__typename": "Tree"}, {"__typename": "Commit"}])
def test_what_is_no_file_is_not_there(told: Any) -> None:
    assert graphql.read_look(found(ref=COMMIT, p0=told), ["a"], WHERE).blobs == {"a": None}


@pytest.mark.parametrize("told", [{}, {"__typename": 7}, {"__typename": None}])
def test_what_does_not_say_what_it_is_is_not_believed(told: Any) -> None:
    for answer_ in (found(ref=COMMIT, p0=told), found(ref=told, p0=None)):
        with pytest.raises(graphql.Unusable):
            graphql.read_look(answer_, ["a"], WHERE)


@pytest.mark.parametrize("key", ["message", "authoredDate"])
@pytest.mark.parametrize("value", [None, 7, ["Fix"], {"text": "Fix"}, False])
def test_a_commit_without_its_words_is_not_believed(key: str, value: Any) -> None:
    with pytest.raises(graphql.Unusable):
        graphql.read_look(found(ref=COMMIT | {key: value}), [], WHERE)


@pytest.mark.parametrize(
    ("told", "private"), [(False, False), (True, True), (None, True), ("false", True), (0, True)]
)
def test_what_is_not_said_to_be_public_is_private(told: Any, private: bool) -> None:
    assert graphql.read_look(found(ref=None) | {"isPrivate": told}, [], WHERE).private is private


@pytest.mark.parametrize(
    "told",
    [
        {}, found(), found(ref=5), found(ref=[]), found(ref=COMMIT),
        found(ref={"__typename": "Commit"}, p0=None),
        found(ref=tag(None), p0=None), found(ref=COMMIT, p0=blob("x", oid="short")),
        found(ref=COMMIT, p0=blob("x", byteSize=-1)), {**found(ref=None, p0=None), "nameWithOwner": "../x"},
    ],
)  # fmt: skip
def test_what_github_does_not_document_is_unusable(told: Any) -> None:
    with pytest.raises(graphql.Unusable):
        graphql.read_look(told, ["a"], WHERE)


def test_a_ref_is_itself_else_a_branch_else_a_tag() -> None:
    refs = ["x", SHA, "y", "z"]
    other = {**COMMIT, "oid": "d" * 40}
    told = found(
        r0x0=other, r0x1=COMMIT, r0x2=None, r1x0=COMMIT,
        r2x0=None, r2x1=None, r2x2=tag(COMMIT), r3x0=None, r3x1=None, r3x2=None,
    )  # fmt: skip
    commits = graphql.read_commits(told, refs, WHERE)
    assert {ref: commit and commit.sha for ref, commit in commits.items()} == {
        "x": "d" * 40, SHA: SHA, "y": SHA, "z": None
    }  # fmt: skip


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Response(status, CIMultiDict(headers or {}), body)


def error(kind: str | None, message: str = "m", **more: Any) -> dict[str, Any]:
    return {"message": message, **({"type": kind} if kind else {}), **more}


NOT_ACCESSIBLE = "Resource not accessible by integration"
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000042"}


def failed(*errors: dict[str, Any]) -> Response:
    return answer({"data": {"repository": None}, "errors": errors})


def test_a_repository_that_is_not_there() -> None:
    told = {"data": {"repository": None}, "errors": [error("NOT_FOUND", path=["repository"])]}
    assert graphql.read_answer(answer(told), ASKED) is None


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        (failed(error("FORBIDDEN", "SAML enforcement")), Code.PERMISSION_DENIED, "single sign-on"),
        (failed(error("NOT_FOUND"), error("FORBIDDEN", NOT_ACCESSIBLE)), Code.PERMISSION_DENIED, "install"),
        (failed(error("INSUFFICIENT_SCOPES", "needs repo")), Code.PERMISSION_DENIED, "needs repo"),
        (answer({"message": "Bad credentials"}, 401), Code.UNAUTHENTICATED, "connect to GitHub again"),
        (answer({"message": "x"}, 403, {"retry-after": "3"}), Code.RESOURCE_EXHAUSTED, "3 s"),
        (answer(b"<html>", 502), Code.UNAVAILABLE, "502"),
        (answer(b"", 301), Code.UNAVAILABLE, "github.api_url"),
    ],
)  # fmt: skip
def test_refusals_are_raised_and_not_asked_again_elsewhere(told: Response, code: Code, words: str) -> None:
    with pytest.raises(RpcError) as caught:
        graphql.read_answer(told, ASKED)
    assert caught.value.code is code
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("kind", "message", "headers", "expected"),
    [
        ("RATE_LIMITED", "API rate limit exceeded", SPENT, limits.Limited("primary", 42)),
        ("RATE_LIMIT", "API rate limit already exceeded", {}, limits.Limited("primary", 60, told=False)),
        ("RATE_LIMITED", "x", {"retry-after": "8"}, limits.Limited("primary", 8)),
        (None, "exceeded a secondary rate limit", {"retry-after": "8"}, limits.Limited("secondary", 8)),
    ],
)  # fmt: skip
def test_a_rate_limit_that_comes_with_200(
    kind: str | None, message: str, headers: dict[str, str], expected: limits.Limited
) -> None:
    told = answer({"errors": [error(kind, message)]}, headers=headers)
    assert graphql.read_limited(told, ASKED.now) == expected
    with pytest.raises(RpcError) as caught:
        graphql.read_answer(told, ASKED)
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
    assert caught.value.retry_after == expected.retry_after


@pytest.mark.parametrize(
    "told",
    [
        answer({"data": {"repository": found(p0=blob("RATE_LIMITED secondary rate limit"))}}),
        answer({"errors": "RATE_LIMITED"}),
        answer({"errors": ["RATE_LIMITED", {"type": 5, "message": "x"}]}),
        answer(b"RATE_LIMITED"),
        answer(b""),
    ],
)
def test_the_words_alone_do_not_limit(told: Response) -> None:
    assert graphql.read_limited(told, ASKED.now) is None


@pytest.mark.parametrize(
    "told",
    [
        answer({"message": "Not Found"}, 404), answer(b"", 405), answer(b"<html>"),
        answer(b"[" * 100_000), answer([]),
        answer({}), answer({"data": None}), answer({"data": {"repository": 5}}), answer({"errors": "x"}),
        answer({"errors": ["x"]}), answer({"errors": [error(None, "Parse error")]}),
        answer({"data": {"repository": {}}, "errors": [error(None, "Something went wrong")]}),
        answer({"data": {}, "errors": [error("NOT_FOUND")]}), answer({"data": {"repository": None}}),
    ],
)  # fmt: skip
def test_what_rest_may_still_answer(told: Response) -> None:
    with pytest.raises(graphql.Unusable):
        graphql.read_answer(told, ASKED)


KEYS = st.sampled_from(["type", "oid", "text", "target", "p0"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "oid", "text", "target", "p0"]), inner)
    ),
)


@given(JSON, JSON, JSON)
def test_any_answer_is_read_or_unusable(ref: Any, file: Any, errors: Any) -> None:
    told = answer({"data": {"repository": found(ref=ref, p0=file)}, "errors": errors})
    try:
        repository = graphql.read_answer(told, ASKED)
        assert repository is not None
        graphql.read_look(repository, ["a"], WHERE)
    except graphql.Unusable:
        pass
    except RpcError as refusal:
        assert refusal.code in (Code.RESOURCE_EXHAUSTED, Code.PERMISSION_DENIED)  # noqa: PT017 - any of three is right


def test_the_token_is_in_the_header_only() -> None:
    request = graphql.request(
        "https://api.github.com", "ghu_t", graphql.look_query(Repository("o", "n"), "main", ["a"])
    )
    assert request.headers["Authorization"] == "Bearer ghu_t"
    assert request.route == "graphql"
    assert b"ghu_t" not in request.body
    assert "ghu_t" not in repr(request)
