from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.demo.github.conftest import ELSEWHERE

if TYPE_CHECKING:
    from proxy.demo.github import StandIn
    from tests.demo.github.conftest import Caller
    from tests.fakes.github import GitRepository

_OBJECT = """
query ($owner: String!, $name: String!, $expression: String) {
  repository(owner: $owner, name: $name) {
    object(expression: $expression) {
      __typename oid abbreviatedOid commitUrl
      ... on Blob { byteSize isBinary isTruncated text }
      ... on Tree { entries { name path mode type oid size object { __typename oid } } }
      ... on Commit { message }
      ... on Tag { name message target { __typename oid } tagger { name } }
    }
  }
}
"""


async def test_repository(ada: Caller, repository: GitRepository) -> None:
    query = """{
      shop: repository(owner: "ACME", name: "shop") {
        id databaseId name nameWithOwner isPrivate isEmpty visibility url owner { __typename login }
        defaultBranchRef { name prefix target { oid } }
      }
      secret: repository(owner: "acme", name: "secret") { isPrivate visibility }
      viewer { login name url }
    }"""
    body = await ada.graphql(query)
    web = ada.github.web_url
    shop = body["data"]["shop"]
    assert shop.pop("id")
    assert shop == {
        "databaseId": 1,
        "name": "shop",
        "nameWithOwner": "acme/shop",
        "isPrivate": False,
        "isEmpty": False,
        "visibility": "PUBLIC",
        "url": f"{web}/acme/shop",
        "owner": {"__typename": "Organization", "login": "acme"},
        "defaultBranchRef": {
            "name": "main",
            "prefix": "refs/heads/",
            "target": {"oid": repository.sha("main")},
        },
    }
    assert body["data"]["secret"] == {"isPrivate": True, "visibility": "PRIVATE"}
    assert body["data"]["viewer"] == {"login": "ada", "name": "Ada Lovelace", "url": f"{web}/ada"}
    assert "errors" not in body


@pytest.mark.parametrize("path", ["README.md", "cmd/main.go", "ä b/#1?.txt", "long"])
async def test_text(ada: Caller, repository: GitRepository, path: str) -> None:
    body = await ada.graphql(_OBJECT, owner="acme", name="shop", expression=f"v2:{path}")
    found = body["data"]["repository"]["object"]
    content = (repository.path / path).read_bytes()
    assert found["text"] == content.decode()
    assert found["oid"] == repository.sha(f"v2:{path}")
    assert found["oid"].startswith(found["abbreviatedOid"])
    assert (found["__typename"], found["byteSize"]) == ("Blob", len(content))
    assert (found["isBinary"], found["isTruncated"]) == (False, False)


@pytest.mark.parametrize(
    ("path", "text", "binary"),
    [("binary", None, True), ("latin1", "caf\ufffd\n", False), ("cmd/link.go", "main.go", False)],
)
async def test_text_of_what_is_no_plain_file(ada: Caller, path: str, text: str | None, binary: bool) -> None:
    body = await ada.graphql(_OBJECT, owner="acme", name="shop", expression=f"main:{path}")
    found = body["data"]["repository"]["object"]
    assert (found["text"], found["isBinary"]) == (text, binary)


@pytest.mark.parametrize(
    ("limit", "length", "cut"), [(2_000, 1_000, False), (1_999, 999, True), (1, 0, True)]
)
async def test_text_is_cut(ada: Caller, github: StandIn, limit: int, length: int, cut: bool) -> None:
    github.sizes.text = limit
    body = await ada.graphql(_OBJECT, owner="acme", name="shop", expression="main:long")
    found = body["data"]["repository"]["object"]
    assert (found["text"], found["isTruncated"], found["byteSize"]) == ("é" * length, cut, 2_000)


async def test_tree(ada: Caller, repository: GitRepository) -> None:
    body = await ada.graphql(_OBJECT, owner="acme", name="shop", expression="main:")
    entries = body["data"]["repository"]["object"]["entries"]
    listed = repository.git("ls-tree", "-l", "-z", "main").rstrip("\0").split("\0")
    written = [
        f"{e['mode']:06o} {e['type']} {e['oid']} {e['size'] if e['type'] == 'blob' else '-':>7}\t{e['name']}"
        for e in entries
    ]
    assert written == listed
    by_name = {entry["name"]: entry for entry in entries}
    assert by_name["lib"]["object"] is None
    assert by_name["cmd"]["object"] == {"__typename": "Tree", "oid": repository.sha("main:cmd")}


async def test_tag(ada: Caller, repository: GitRepository) -> None:
    body = await ada.graphql(_OBJECT, owner="acme", name="shop", expression="v2")
    found = body["data"]["repository"]["object"]
    assert found["__typename"] == "Tag"
    assert (found["name"], found["message"]) == ("v2", "Second")
    assert found["target"] == {"__typename": "Commit", "oid": repository.sha("v2^{commit}")}
    assert found["tagger"] == {"name": "Ada Lovelace"}


@pytest.mark.parametrize(
    "expression", ["nothing", "main:nothing", "main:cmd/main.go/x", "main:lib", "", ":", "\0", "0" * 40, None]
)
async def test_no_object_is_null_without_an_error(ada: Caller, expression: str | None) -> None:
    body = await ada.graphql(_OBJECT, owner="acme", name="shop", expression=expression)
    assert body == {"data": {"repository": {"object": None}}}


async def test_commit(ada: Caller, repository: GitRepository) -> None:
    query = """{ repository(owner: "acme", name: "shop") {
      first: object(expression: "v1") { ...C }
      other: object(expression: "feature/a-b^{commit}") { ...C }
    } }
    fragment C on GitObject { ... on Commit {
      message messageHeadline messageBody authoredDate committedDate url tree { oid }
      author { name email date user { login url } }
    } }"""
    data = (await ada.graphql(query))["data"]["repository"]
    web = ada.github.web_url
    assert data["first"] == {
        "message": "Start\n\nThe body.",
        "messageHeadline": "Start",
        "messageBody": "The body.",
        "authoredDate": "2023-11-14T22:13:20Z",
        "committedDate": "2023-11-14T22:13:20Z",
        "url": f"{web}/acme/shop/commit/{repository.sha('v1')}",
        "tree": {"oid": repository.sha("v1^{tree}")},
        "author": {
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "date": "2023-11-15T00:13:20+02:00",
            "user": {"login": "ada", "url": f"{web}/ada"},
        },
    }
    assert data["other"]["author"]["user"] is None


async def test_file_of_a_commit(ada: Caller, repository: GitRepository) -> None:
    query = """{ repository(owner: "acme", name: "shop") { object(expression: "main") { ... on Commit {
      file: file(path: "cmd/main.go") { ...E } link: file(path: "cmd/up") { ...E }
      folder: file(path: "cmd") { ...E } lib: file(path: "lib") { ...E submodule { ...S } }
      unlisted: file(path: "unlisted") { submodule { ...S } } missing: file(path: "nope") { ...E }
    } } } }
    fragment E on TreeEntry { name path mode type oid size object { ... on Blob { text } } }
    fragment S on Submodule { name path gitUrl branch subprojectCommitOid }"""
    data = (await ada.graphql(query))["data"]["repository"]["object"]
    assert data["file"] == {
        "name": "main.go",
        "path": "cmd/main.go",
        "mode": 0o100644,
        "type": "blob",
        "oid": repository.sha("main:cmd/main.go"),
        "size": 13,
        "object": {"text": "package main\n"},
    }
    assert (data["link"]["mode"], data["link"]["object"]) == (0o120000, {"text": "../README.md"})
    assert (data["folder"]["type"], data["folder"]["object"]) == ("tree", {})
    assert data["lib"]["submodule"] == {
        "name": "lib",
        "path": "lib",
        "gitUrl": "https://github.com/acme/lib.git",
        "branch": None,
        "subprojectCommitOid": ELSEWHERE,
    }
    assert data["unlisted"] == {"submodule": None}
    assert data["missing"] is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("main", "main"),
        ("refs/heads/feature/a-b", "feature/a-b"),
        ("heads/main", "main"),
        ("v2", "v2"),
        ("refs/tags/v2", "v2"),
        ("nothing", None),
        ("refs/heads/../heads/main", None),
        ("", None),
    ],
)
async def test_ref(ada: Caller, repository: GitRepository, name: str, found: str | None) -> None:
    query = """query ($name: String!) { repository(owner: "acme", name: "shop") {
      ref(qualifiedName: $name) { name target { oid } } } }"""
    ref = (await ada.graphql(query, name=name))["data"]["repository"]["ref"]
    assert ref == ({"name": found, "target": {"oid": repository.sha(found)}} if found else None)


async def test_object_by_id(ada: Caller, repository: GitRepository) -> None:
    query = """query ($oid: GitObjectID) { repository(owner: "acme", name: "shop") {
      object(oid: $oid, expression: "v1") { __typename oid } } }"""
    for revision, kind in (("main", "Commit"), ("v2", "Tag"), ("main:cmd", "Tree"), ("main:long", "Blob")):
        oid = repository.sha(revision)
        assert (await ada.graphql(query, oid=oid))["data"]["repository"]["object"] == {
            "__typename": kind,
            "oid": oid,
        }
    assert (await ada.graphql(query, oid="0" * 40))["data"]["repository"]["object"] is None
    assert "GitObjectID" in (await ada.graphql(query, oid="main"))["errors"][0]["message"]


async def test_repository_that_is_not_there_or_not_allowed(bob: Caller) -> None:
    query = """{
      secret: repository(owner: "acme", name: "secret") { name }
      shop: repository(owner: "acme", name: "shop") { name }
    }"""
    assert await bob.graphql(query) == {
        "data": {"secret": None, "shop": {"name": "shop"}},
        "errors": [
            {
                "type": "NOT_FOUND",
                "path": ["secret"],
                "locations": [{"line": 2, "column": 7}],
                "message": "Could not resolve to a Repository with the name 'acme/secret'.",
            }
        ],
    }


async def test_renamed(ada: Caller, github: StandIn) -> None:
    github.rename("acme/shop", "acme/store")
    query = """query ($follow: Boolean = true) {
      repository(owner: "acme", name: "shop", followRenames: $follow) { nameWithOwner } }"""
    assert (await ada.graphql(query))["data"]["repository"] == {"nameWithOwner": "acme/store"}
    assert (await ada.graphql(query, follow=False))["errors"][0]["type"] == "NOT_FOUND"


async def test_refusals_keep_their_reason(ada: Caller, github: StandIn) -> None:
    query = '{ repository(owner: "acme", name: "shop") { name } }'
    github.world.require_single_sign_on("acme")
    error = (await ada.graphql(query))["errors"][0]
    assert (error["type"], error["extensions"]) == ("FORBIDDEN", {"saml_failure": True})
    github.world.require_single_sign_on("acme", authorised=["ada"])
    repository = github.world.repository("acme", "shop")
    assert repository is not None
    repository.app_allowed = False
    error = (await ada.graphql(query))["errors"][0]
    assert (error["type"], error["message"]) == ("FORBIDDEN", "Resource not accessible by integration")
    repository.blocked = True
    assert (await ada.graphql(query))["errors"][0]["message"] == "Repository access blocked"
