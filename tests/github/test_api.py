from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from proxy.errors import Code, RpcError
from proxy.github import api
from proxy.github.jsonvalue import Malformed
from proxy.github.model import (
    Blob,
    Commit,
    RemoteDirectory,
    RemoteFile,
    RemoteLink,
    RemoteRepository,
    RemoteSubmodule,
    TreeEntry,
    git_blob_oid,
)
from proxy.source.model import Repository

if TYPE_CHECKING:
    from collections.abc import Callable

API = api.Api(URL("https://ghe.example/"), URL("https://ghe.example/api/v3"))
REPOSITORY = Repository("o", "n")
SHA = "a" * 40
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def test_requests_name_the_route_not_the_repository() -> None:
    requests = [
        API.repository("t", REPOSITORY),
        API.commit("t", REPOSITORY, "feature/a b#c"),
        API.contents("t", REPOSITORY, "feature/x&y", "dir/ä b?.go"),
        API.contents("t", REPOSITORY, SHA, "a%2e", raw=True),
        API.blob("t", REPOSITORY, SHA),
        API.tree("t", REPOSITORY, SHA),
    ]
    base = "https://ghe.example/api/v3/repos/o/n"
    assert [request.url for request in requests] == [
        base,
        f"{base}/commits/feature/a%20b%23c?per_page=1",
        f"{base}/contents/dir/%C3%A4%20b%3F.go?ref=feature%2Fx%26y",
        f"{base}/contents/a%252e?ref={SHA}",
        f"{base}/git/blobs/{SHA}",
        f"{base}/git/trees/{SHA}?recursive=1",
    ]
    for request in requests:
        assert request.method == "GET"
        assert request.route.startswith("/repos/{owner}/{repo}")
        assert request.headers["Authorization"] == "Bearer t"
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert [r.headers["Accept"] for r in requests if "raw" in r.headers["Accept"]] == [api.RAW, api.RAW]


@pytest.mark.parametrize("token", ["", "a b", "a\r\nHost: evil", "tökén", "\0", "a\x7f"])
def test_a_token_that_is_no_header_is_no_token(token: str) -> None:
    with pytest.raises(RpcError) as caught:
        API.repository(token, REPOSITORY)
    assert caught.value.code is Code.UNAUTHENTICATED
    assert not token or token not in caught.value.message


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("told", "private"),
    [
        ({"private": False, "visibility": "public"}, False),
        ({"private": False}, False),
        ({"private": True, "visibility": "private"}, True),
        ({"private": False, "visibility": "internal"}, True),
        ({"private": None}, True),
        ({"private": "false"}, True),
        ({}, True),
    ],
)
def test_a_repository_is_public_only_when_github_says_so(told: dict[str, Any], private: bool) -> None:
    body = dump({"full_name": "New/name", "default_branch": "main", **told})
    assert api.read_repository(body) == RemoteRepository(Repository("New", "name"), private, "main")


COMMIT = {
    "sha": SHA,
    "commit": {"message": "Fix\n\nall", "author": {"date": "2026-01-02T03:04:05Z", "name": "A"}},
    "author": {"login": "ann", "avatar_url": "https://avatars.example/1"},
}


@pytest.mark.parametrize(
    ("author", "login", "avatar"),
    [
        (COMMIT["author"], "ann", "https://avatars.example/1"),
        (None, "", ""),
        ({}, "", ""),
        ({"login": 5, "avatar_url": "javascript:alert(1)"}, "", ""),
    ],
)
def test_a_commit(author: Any, login: str, avatar: str) -> None:
    assert api.read_commit(dump({**COMMIT, "author": author}), API, REPOSITORY) == Commit(
        SHA, "Fix\n\nall", "2026-01-02T03:04:05Z", login, avatar, f"https://ghe.example/o/n/commit/{SHA}"
    )


def entry(plain: bytes, /, **changed: Any) -> dict[str, Any]:
    encoded = base64.encodebytes(plain).decode()
    return {
        "type": "file", "path": "a/b", "encoding": "base64", "sha": SHA, "size": len(plain),
        "content": encoded, **changed,
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"package main\n", bytes(range(256)) * 10, b"\xff\xfe\r\n"])
def test_a_file_s_bytes_and_git_s_own_id_of_them(content: bytes) -> None:
    assert api.read_contents(dump(entry(content)), "asked") == RemoteFile(
        git_blob_oid(content), content, "a/b"
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([{"type": "file", "name": "b"}], RemoteDirectory("asked")),
        (entry(b"", encoding="none", size=2_000_000), api.Large("a/b")),
        (entry(b"", size=2_000_000), api.Large("a/b")),
        ({"type": "dir", "path": "a"}, RemoteDirectory("a")),
        ({"type": "symlink", "path": "l", "target": "../x"}, RemoteLink("l", "../x")),
        (
            {"type": "submodule", "path": "s", "sha": SHA, "submodule_git_url": "../other.git"},
            RemoteSubmodule("s", "../other.git", SHA),
        ),
        ({"type": "dir", "path": "../../etc"}, RemoteDirectory("asked")),
    ],
)
def test_what_else_is_at_a_path(told: Any, expected: object) -> None:
    assert api.read_contents(dump(told), "asked") == expected


@pytest.mark.parametrize(
    "told",
    [
        entry(b"abc", size=4), entry(b"abc", size=-1), entry(b"abc", size="3"), entry(b"abc", content="%%%%"),
        entry(b"abc", size=True),
        {"type": "fifo"}, {}, None, "x", {"type": "submodule", "submodule_git_url": "x", "sha": "no"},
    ],
)  # fmt: skip
def test_contents_that_are_not_what_github_documents(told: Any) -> None:
    with pytest.raises(Malformed):
        api.read_contents(dump(told), "asked")


def test_a_tree() -> None:
    entries = [
        {"path": "a.go", "mode": "100644", "type": "blob", "sha": SHA, "size": 7},
        {"path": "sub", "mode": "160000", "type": "commit", "sha": SHA},
        {"path": "dir", "mode": "040000", "type": "tree", "sha": SHA},
    ]
    tree = api.read_tree(dump({"sha": SHA, "tree": entries, "truncated": False}))
    assert tree.entries == (
        TreeEntry("a.go", "100644", "blob", SHA, 7),
        TreeEntry("sub", "160000", "commit", SHA, 0),
        TreeEntry("dir", "040000", "tree", SHA, 0),
    )
    assert not tree.truncated
    assert api.read_tree(dump({"sha": SHA, "tree": []})).truncated, "what is not said is unknown"


@pytest.mark.parametrize("truncated", [7, "other", {}, [], None])
def test_a_tree_says_plainly_whether_it_is_whole(truncated: Any) -> None:
    with pytest.raises(Malformed):
        api.read_tree(dump({"sha": SHA, "tree": [], "truncated": truncated}))


@pytest.mark.parametrize("found", [[], [None], [7], [{}], [{"a": 1}], [{"type": "file"}, "x"]])
def test_a_list_of_anything_is_no_folder(found: Any) -> None:
    with pytest.raises(Malformed):
        api.read_contents(dump(found), "a")


@pytest.mark.parametrize(
    "told",
    [
        {"path": "/etc/passwd"}, {"path": "a/../../b"}, {"type": "x"}, {"sha": "x"},
        {"size": None}, {"path": None},
    ],
)  # fmt: skip
def test_a_tree_with_an_entry_that_cannot_be(told: dict[str, Any]) -> None:
    one = {"path": "a", "mode": "100644", "type": "blob", "sha": SHA, "size": 7, **told}
    with pytest.raises(Malformed):
        api.read_tree(dump({"sha": SHA, "tree": [one]}))


HOSTILE = [
    b"",
    b"\xff",
    b"[" * 100_000,
    b"1" * 10_000,
    b'{"a":' * 50_000,
    b"null",
    b"[]",
    b'"x"',
    b"{}",
    b"NaN",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_garbage_is_malformed(body: bytes) -> None:
    for read in (api.read_repository, api.read_tree, lambda raw: api.read_commit(raw, API, REPOSITORY)):
        with pytest.raises(Malformed):
            read(body)
    if body != b"[]":
        with pytest.raises(Malformed):
            api.read_contents(body, "asked")


READERS: list[Callable[[bytes], object]] = [
    lambda raw: api.read_contents(raw, "p"),
    api.read_tree,
    lambda raw: api.read_commit(raw, API, REPOSITORY),
]
KEYS = st.sampled_from(["type", "path", "sha", "size", "content", "encoding", "tree", "commit"])


@given(st.dictionaries(KEYS, JSON))
def test_any_json_is_read_or_malformed(value: dict[str, Any]) -> None:
    for read in READERS:
        try:
            read(dump(value))
        except Malformed as error:
            assert api.unreadable(error).code is Code.UNAVAILABLE  # noqa: PT017 - either outcome is right


def test_git_s_own_id_of_a_blob() -> None:
    assert git_blob_oid(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert git_blob_oid(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


@pytest.mark.parametrize(
    ("content", "maybe"),
    [
        (b"../lib/real.py", True), (b"1.2.3", True), (b"a\n", False), (b"a\nb", False), (b"", False),
        (None, False), (b"x" * 4096, False), (b"a\0b", False),
    ],
)  # fmt: skip
def test_what_may_be_a_symbolic_link(content: bytes | None, maybe: bool) -> None:
    assert Blob(SHA, 1, content).maybe_link is maybe


def test_source_is_not_printed() -> None:
    assert "secret" not in repr(Blob(SHA, 6, b"secret")) + repr(RemoteFile(SHA, b"secret", "a"))
