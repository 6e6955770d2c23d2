from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from proxy.errors import Code, RpcError
from proxy.github import api
from proxy.github.client import (
    Blob,
    GitHub,
    RemoteDirectory,
    RemoteFile,
    RemoteLink,
    RemoteRepository,
    RemoteSubmodule,
)
from proxy.github.model import git_blob_oid
from proxy.source.model import Repository
from tests.github.server import Server, answer, refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TOKEN = "ghu_token"
REPOSITORY = Repository("o", "n")
SHA = "a" * 40
ROOT = "/repos/o/n"
MAIN_GO = f"{ROOT}/contents/main.go?ref={SHA}"
CODE = b"package main\n"
COMMIT = {
    "sha": SHA,
    "commit": {"message": "Fix", "author": {"date": "2026-01-02T03:04:05Z"}},
    "author": None,
}
GRAPHQL_COMMIT = {
    "__typename": "Commit",
    "oid": SHA,
    "message": "Fix",
    "authoredDate": "2026-01-02T03:04:05Z",
}
BLOB = {
    "__typename": "Blob", "oid": git_blob_oid(CODE), "byteSize": len(CODE),
    "isBinary": False, "isTruncated": False, "text": CODE.decode(),
}  # fmt: skip


def told(**objects: Any) -> dict[str, Any]:
    return {"data": {"repository": {"nameWithOwner": "New/n", "isPrivate": False, **objects}}}


def file(content: bytes, **changed: Any) -> dict[str, Any]:
    encoded = base64.b64encode(content).decode()
    return {
        "type": "file",
        "path": "main.go",
        "size": len(content),
        "encoding": "base64",
        "content": encoded,
        **changed,
    }


async def test_a_look_is_one_call_and_follows_renames(github: GitHub, server: Server) -> None:
    server.on("POST", "/graphql", answer(told(ref=GRAPHQL_COMMIT, p0=BLOB, p1=None)))
    look = await github.look(TOKEN, REPOSITORY, "main", ["main.go", "../up", "go.mod", "main.go"])
    assert look is not None
    assert look.repository == Repository("New", "n")
    assert not look.private
    assert look.commit is not None
    assert look.commit.page_url == f"{server.url}/New/n/commit/{SHA}"
    assert look.blobs == {"main.go": Blob(git_blob_oid(CODE), len(CODE), CODE), "../up": None, "go.mod": None}
    assert server.targets == ["POST /graphql"]
    assert server.seen[0].headers["User-Agent"] == api.USER_AGENT
    assert server.seen[0].headers["Content-Type"] == "application/json"


async def test_names_that_cannot_be_cost_no_call(github: GitHub, server: Server) -> None:
    nowhere = Repository("o", "..")
    look = await github.look(TOKEN, REPOSITORY, "main:secret", ["a"])
    assert look is not None
    assert (look.commit, look.private, look.blobs) == (None, True, {"a": None})
    assert await github.look(TOKEN, nowhere, "main", []) is None
    assert await github.commits(TOKEN, REPOSITORY, ["a..b", "HEAD^"]) == {"a..b": None, "HEAD^": None}
    assert await github.commits(TOKEN, nowhere, ["main"]) is None
    assert await github.contents(TOKEN, REPOSITORY, SHA, "a/../b") is None
    assert await github.read_file(TOKEN, REPOSITORY, "a b", "a") is None
    assert await github.read_blob(TOKEN, REPOSITORY, "main") is None
    assert await github.tree(TOKEN, REPOSITORY, "@") is None
    assert await github.repository(TOKEN, nowhere) is None
    assert server.targets == []


async def test_many_commits_are_one_call_per_hundred(github: GitHub, server: Server) -> None:
    refs = [f"{number:040x}" for number in range(130)]
    server.on(
        "POST",
        "/graphql",
        answer(told(**{f"r{n}x0": GRAPHQL_COMMIT for n in range(100)})),
        answer(told(**{f"r{n}x0": None for n in range(30)})),
    )
    found = await github.commits(TOKEN, REPOSITORY, [*refs, "x^"])
    assert found is not None
    assert [ref for ref in found if found[ref]] == refs[:100]
    assert len(found) == 131
    assert server.targets == ["POST /graphql"] * 2


async def test_a_repository_that_is_not_there(github: GitHub, server: Server) -> None:
    absent = answer({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "x"}]})
    server.on("POST", "/graphql", absent)
    assert await github.look(TOKEN, REPOSITORY, "main", ["a"]) is None
    assert await github.commits(TOKEN, REPOSITORY, ["main"]) is None
    assert server.targets == ["POST /graphql"] * 2


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (refuse(401), Code.UNAUTHENTICATED),
        (refuse(403, "Resource not accessible by integration"), Code.PERMISSION_DENIED),
        (refuse(500), Code.UNAVAILABLE),
        (answer({"errors": [{"type": "FORBIDDEN", "message": "SAML"}]}), Code.PERMISSION_DENIED),
    ],
)
async def test_a_refused_query_is_not_asked_again_by_rest(
    github: GitHub, server: Server, refused: Any, code: Code
) -> None:
    server.on("POST", "/graphql", refused)
    for ask in (github.look(TOKEN, REPOSITORY, "main", ["a"]), github.commits(TOKEN, REPOSITORY, ["main"])):
        with pytest.raises(RpcError) as caught:
            await ask
        assert caught.value.code is code
    assert server.targets == ["POST /graphql"] * 2


UNUSABLE = [
    refuse(404),
    refuse(405),
    answer(b"<html>"),
    answer({"errors": [{"message": "Parse error"}]}),
    answer(told()),
]


@pytest.mark.parametrize("unusable", UNUSABLE)
async def test_without_graphql_a_look_asks_rest(github: GitHub, server: Server, unusable: Any) -> None:
    server.on("POST", "/graphql", unusable)
    server.on("GET", ROOT, answer({"full_name": "New/n", "private": False, "visibility": "public"}))
    server.on("GET", "/repos/New/n/commits/main?per_page=1", answer(COMMIT))
    server.on("GET", f"/repos/New/n/contents/main.go?ref={SHA}", answer(file(CODE)))
    server.on("GET", f"/repos/New/n/contents/go.mod?ref={SHA}", refuse(404, "Not Found"))
    look = await github.look(TOKEN, REPOSITORY, "main", ["main.go", "go.mod"])
    assert look is not None
    assert look.commit is not None
    assert look.commit.sha == SHA
    assert not look.private
    assert look.blobs == {"main.go": Blob(git_blob_oid(CODE), len(CODE), CODE), "go.mod": None}
    assert len(server.targets) == 5


async def test_rest_stops_where_nothing_can_be(github: GitHub, server: Server) -> None:
    server.on("POST", "/graphql", refuse(404))
    server.on("GET", ROOT, refuse(404, "Not Found"))
    assert await github.look(TOKEN, REPOSITORY, "main", ["a", "b"]) is None
    assert await github.commits(TOKEN, REPOSITORY, ["main", "x"]) is None
    assert server.targets == ["POST /graphql", f"GET {ROOT}", f"GET {ROOT}"]
    server.on("GET", ROOT, answer({"full_name": "o/n", "private": True}))
    server.on("GET", f"{ROOT}/commits/main?per_page=1", refuse(422, "No commit found for SHA: main"))
    look = await github.look(TOKEN, REPOSITORY, "main", ["a", "b"])
    assert look is not None
    assert (look.commit, look.private, look.blobs) == (None, True, {"a": None, "b": None})
    assert server.targets[3:] == [f"GET {ROOT}", f"GET {ROOT}/commits/main?per_page=1"]


async def test_rest_ends_with_the_first_refusal(github: GitHub, server: Server) -> None:
    server.on("POST", "/graphql", refuse(404))
    server.on("GET", ROOT, answer({"full_name": "o/n", "private": True}))
    server.on("GET", f"{ROOT}/commits/main?per_page=1", refuse(429))
    with pytest.raises(RpcError) as caught:
        await github.commits(TOKEN, REPOSITORY, ["main", "next"])
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
    assert len(server.targets) == 3


async def test_without_graphql_a_ref_is_itself_else_a_branch_else_a_tag(
    github: GitHub, server: Server
) -> None:
    server.on("POST", "/graphql", refuse(404))
    server.on("GET", ROOT, answer({"full_name": "o/n", "private": True}))
    for ref in ("v1", "heads/v1", "no", "heads/no", "tags/no", SHA):
        server.on("GET", f"{ROOT}/commits/{ref}?per_page=1", refuse(422, "No commit found"))
    server.on("GET", f"{ROOT}/commits/tags/v1?per_page=1", answer(COMMIT))
    found = await github.commits(TOKEN, REPOSITORY, ["v1", "no", SHA])
    assert found is not None
    assert [ref for ref, commit in found.items() if commit] == ["v1"]
    assert len(server.targets) == 2 + 3 + 3 + 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (file(CODE), RemoteFile(git_blob_oid(CODE), CODE, "main.go")),
        (file(b"\0\xff", path="real.bin"), RemoteFile(git_blob_oid(b"\0\xff"), b"\0\xff", "real.bin")),
        ([{"type": "file", "name": "b"}], RemoteDirectory("main.go")),
        ({"type": "symlink", "path": "main.go", "target": "/x"}, RemoteLink("main.go", "/x")),
        (
            {"type": "submodule", "path": "main.go", "sha": SHA, "submodule_git_url": "https://x/y"},
            RemoteSubmodule("main.go", "https://x/y", SHA),
        ),
    ],
)
async def test_what_is_at_a_path(github: GitHub, server: Server, value: Any, expected: Any) -> None:
    server.on("GET", MAIN_GO, answer(value))
    assert await github.contents(TOKEN, REPOSITORY, SHA, "main.go") == expected
    is_file = isinstance(expected, RemoteFile)
    assert await github.read_file(TOKEN, REPOSITORY, SHA, "main.go") == (expected if is_file else None)


LARGE = bytes(range(256)) * 20_000


@pytest.mark.parametrize(
    "first",
    [
        answer(file(b"", encoding="none", size=len(LARGE))),
        answer({"message": "up to 1 MB", "errors": [{"code": "too_large"}]}, 403),
    ],
)
async def test_a_file_over_a_megabyte_is_read_raw(github: GitHub, server: Server, first: Any) -> None:
    server.on("GET", MAIN_GO, first, answer(LARGE))
    found = await github.read_file(TOKEN, REPOSITORY, SHA, "main.go")
    assert found == RemoteFile(git_blob_oid(LARGE), LARGE, "main.go")
    assert [seen.headers["Accept"] for seen in server.seen] == [api.JSON, api.RAW]


async def test_a_file_over_100_megabytes_is_said_to_be_so(github: GitHub, server: Server) -> None:
    server.on("GET", MAIN_GO, answer({"message": "too big", "errors": [{"code": "too_large"}]}, 403))
    with pytest.raises(RpcError, match="100 MB") as caught:
        await github.read_file(TOKEN, REPOSITORY, SHA, "main.go")
    assert caught.value.code is Code.FAILED_PRECONDITION


async def test_a_blob_a_tree_a_repository(github: GitHub, server: Server) -> None:
    server.on("GET", f"{ROOT}/git/blobs/{SHA}", answer(LARGE))
    entries = [
        {"path": f"d/{n}", "mode": "100644", "type": "blob", "sha": SHA, "size": 1} for n in range(20_000)
    ]
    server.on(
        "GET", f"{ROOT}/git/trees/{SHA}?recursive=1", answer({"sha": SHA, "tree": entries, "truncated": True})
    )
    server.on("GET", ROOT, answer({"full_name": "o/n", "private": False, "default_branch": "main"}))
    assert await github.read_blob(TOKEN, REPOSITORY, SHA) == LARGE
    tree = await github.tree(TOKEN, REPOSITORY, SHA)
    assert tree is not None
    assert len(tree.entries) == 20_000
    assert tree.truncated
    assert await github.repository(TOKEN, REPOSITORY) == RemoteRepository(REPOSITORY, False, "main")


ASKS: list[tuple[str, Callable[[GitHub], Awaitable[object]]]] = [
    (MAIN_GO, lambda github: github.read_file(TOKEN, REPOSITORY, SHA, "main.go")),
    (f"{ROOT}/git/blobs/{SHA}", lambda github: github.read_blob(TOKEN, REPOSITORY, SHA)),
    (f"{ROOT}/git/trees/{SHA}?recursive=1", lambda github: github.tree(TOKEN, REPOSITORY, SHA)),
    (ROOT, lambda github: github.repository(TOKEN, REPOSITORY)),
]


STATUSES = {
    401: Code.UNAUTHENTICATED, 403: Code.PERMISSION_DENIED, 451: Code.PERMISSION_DENIED,
    500: Code.UNAVAILABLE, 503: Code.UNAVAILABLE, 429: Code.RESOURCE_EXHAUSTED,
}  # fmt: skip


@pytest.mark.parametrize(("target", "ask"), ASKS)
async def test_every_call_keeps_not_there_and_refusals_apart(
    github: GitHub, server: Server, target: str, ask: Callable[[GitHub], Awaitable[object]]
) -> None:
    for absent in (refuse(404, "Not Found"), refuse(409, "Git Repository is empty.")):
        server.on("GET", target, absent)
        assert await ask(github) is None
    server.on("POST", "/graphql", refuse(404))
    for status, code in STATUSES.items():
        server.on("GET", target, refuse(status))
        with pytest.raises(RpcError) as caught:
            await ask(github)
        assert caught.value.code is code
        assert TOKEN not in caught.value.message


@pytest.mark.parametrize("garbage", [b"", b"<html>", b"null", b"[" * 100_000, b'{"sha":1}', b"\xff"])
@pytest.mark.parametrize(("target", "ask"), [row for row in ASKS if "blobs" not in row[0]])
async def test_garbage_ends_in_a_clear_error(
    github: GitHub, server: Server, target: str, ask: Callable[[GitHub], Awaitable[object]], garbage: bytes
) -> None:
    server.on("GET", target, answer(garbage))
    with pytest.raises(RpcError, match="cannot be read") as caught:
        await ask(github)
    assert caught.value.code is Code.UNAVAILABLE
