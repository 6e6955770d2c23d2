from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.github import graphql, stopgap
from proxy.github.model import RemoteDirectory, RemoteFile, RemoteLink, RemoteSubmodule, git_blob_oid

SHA = "c" * 40


def blob(text: str, **changed: Any) -> dict[str, Any]:
    content = text.encode()
    told = {"oid": git_blob_oid(content), "byteSize": len(content), "isBinary": False, "isTruncated": False}
    return {"__typename": "Blob", "text": text, **told, **changed}


def at(entry: Any) -> dict[str, Any]:
    return {"at": {"__typename": "Commit", "file": entry}}


def entry(kind: str, mode: int, told: Any = None, submodule: Any = None) -> dict[str, Any]:
    return {"type": kind, "mode": mode, "object": told, "submodule": submodule}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (at(None), None),
        ({"at": None}, None),
        (at(entry("blob", 0o100644, blob("x"))), RemoteFile(git_blob_oid(b"x"), b"x", "a/b")),
        (at(entry("blob", 0o100755, blob(""))), RemoteFile(git_blob_oid(b""), b"", "a/b")),
        (at(entry("blob", 0o120000, blob("../x"))), RemoteLink("a/b", "../x")),
        (at(entry("tree", 0o040000)), RemoteDirectory("a/b")),
        (
            at(entry("commit", 0o160000, None, {"gitUrl": "https://x/y", "subprojectCommitOid": SHA})),
            RemoteSubmodule("a/b", "https://x/y", SHA),
        ),
    ],
)
def test_what_is_at_a_path(found: Any, expected: Any) -> None:
    assert stopgap.read_place(found, "a/b") == expected


@pytest.mark.parametrize(
    "found",
    [
        {}, {"at": 5}, {"at": {}}, {"at": {"__typename": "Tag"}}, at(5), at({}), at({"type": 5}),
        at(entry("blob", 0o100644)), at(entry("blob", 0o100644, {"__typename": "Tree"})),
        at(entry("blob", 0o100644, blob("x", isBinary=True))),
        at(entry("blob", 0o100644, blob("x", isTruncated=True))),
        at(entry("blob", 0o100644, blob("x", byteSize=2))),
        at(entry("commit", 0o160000)), at(entry("commit", 0o160000, None, {"gitUrl": "x"})),
    ],
)  # fmt: skip
def test_what_is_not_known_for_sure_is_unusable(found: Any) -> None:
    with pytest.raises(graphql.Unusable):
        stopgap.read_place(found, "a/b")


@pytest.mark.parametrize(
    ("found", "content"), [({"blob": None}, None), ({"blob": blob("x")}, b"x"), ({"blob": blob("")}, b"")]
)
def test_a_blob(found: Any, content: bytes | None) -> None:
    assert stopgap.read_blob(found) == content


@pytest.mark.parametrize(
    "told", [5, {}, {"__typename": "Tree"}, {**blob("x"), "text": None}, blob("x", oid="y")]
)
def test_a_blob_that_did_not_come_along(told: Any) -> None:
    with pytest.raises(graphql.Unusable):
        stopgap.read_blob({"blob": told})
    with pytest.raises(graphql.Unusable):
        stopgap.read_blob({})


@pytest.mark.parametrize(
    ("private", "visibility", "hidden"),
    [
        (False, "PUBLIC", False), (True, "PRIVATE", True), (False, "INTERNAL", True),
        (True, "PUBLIC", True), (False, None, True), (None, "PUBLIC", True),
    ],
)  # fmt: skip
def test_a_repository_is_public_only_when_all_says_so(private: Any, visibility: Any, *, hidden: bool) -> None:
    told = {"nameWithOwner": "o/n", "isPrivate": private, "visibility": visibility, "defaultBranchRef": None}
    found = stopgap.read_repository(told)
    assert (found.private, found.default_branch) == (hidden, "")


def test_a_repository_without_a_name() -> None:
    with pytest.raises(graphql.Unusable):
        stopgap.read_repository({"nameWithOwner": "../x"})


KEYS = st.sampled_from(["at", "file", "type", "mode", "object", "submodule", "blob", "oid", "text", "gitUrl"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["blob", "tree", "commit"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


@given(st.dictionaries(KEYS, JSON))
def test_any_answer_is_read_or_unusable(found: dict[str, Any]) -> None:
    for read in (lambda: stopgap.read_place(found, "a"), lambda: stopgap.read_blob(found)):
        with contextlib.suppress(graphql.Unusable):
            read()
