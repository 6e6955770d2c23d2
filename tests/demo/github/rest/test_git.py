from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.github import GitRepository

if TYPE_CHECKING:
    from pathlib import Path

    from proxy.demo.github import StandIn
    from tests.demo.github.conftest import Caller

_GIT = "/repos/acme/shop/git"


def _line(entry: dict[str, Any]) -> str:
    return f"{entry['mode']} {entry['type']} {entry['sha']} {entry.get('size', '-'):>7}\t{entry['path']}"


@pytest.mark.parametrize("name", ["main", "v2", "feature/a-b", "heads%2Fmain", "COMMIT", "TREE"])
async def test_tree_is_what_git_lists(nobody: Caller, repository: GitRepository, name: str) -> None:
    known = {"COMMIT": repository.sha("main"), "TREE": repository.sha("main^{tree}")}
    name = known.get(name, name)
    for query, flags in (
        ("", ["-l"]),
        ("?recursive=1", ["-l", "-r", "-t"]),
        ("?recursive=0", ["-l", "-r", "-t"]),
    ):
        got = await nobody.get(f"{_GIT}/trees/{name}{query}")
        listed = repository.git("ls-tree", "-z", *flags, name.replace("%2F", "/")).rstrip("\0").split("\0")
        assert [_line(entry) for entry in got.json["tree"]] == listed
        assert got.json["truncated"] is False
        assert got.json["sha"] == repository.sha(f"{name.replace('%2F', '/')}^{{tree}}")


async def test_tree_links_lead_to_what_they_name(nobody: Caller) -> None:
    entries = (await nobody.get(f"{_GIT}/trees/main")).json["tree"]
    for entry in entries:
        if entry["type"] == "commit":
            assert "url" not in entry
        else:
            assert (await nobody.get(entry["url"])).json["sha"] == entry["sha"]


async def test_tree_of_too_many_entries(nobody: Caller, github: StandIn) -> None:
    github.sizes.tree_entries = 5
    body = (await nobody.get(f"{_GIT}/trees/main?recursive=1")).json
    assert (len(body["tree"]), body["truncated"]) == (5, True)


async def test_tree_of_too_many_bytes(nobody: Caller, github: StandIn) -> None:
    github.sizes.tree_bytes = 700
    body = (await nobody.get(f"{_GIT}/trees/main?recursive=1")).json
    assert body["truncated"] is True
    assert 0 < len(body["tree"]) < 5


@pytest.mark.parametrize("name", ["nothing", "0" * 40])
async def test_no_tree(nobody: Caller, name: str) -> None:
    assert (await nobody.get(f"{_GIT}/trees/{name}")).status == 404


async def test_a_blob_is_no_tree(nobody: Caller, repository: GitRepository) -> None:
    assert (await nobody.get(f"{_GIT}/trees/{repository.sha('main:README.md')}")).status == 404


@pytest.mark.parametrize("path", ["README.md", "binary", "latin1", "long"])
async def test_blob(nobody: Caller, repository: GitRepository, path: str) -> None:
    content = (repository.path / path).read_bytes()
    sha = repository.sha(f"main:{path}")
    body = (await nobody.get(f"{_GIT}/blobs/{sha}")).json
    assert (body["sha"], body["size"], body["encoding"]) == (sha, len(content), "base64")
    assert base64.b64decode(body["content"]) == content
    raw = await nobody.get(f"{_GIT}/blobs/{sha}", accept="application/vnd.github.raw+json")
    assert raw.body == content


async def test_blob_that_is_too_large(nobody: Caller, github: StandIn, repository: GitRepository) -> None:
    github.sizes.raw = 1_000
    got = await nobody.get(f"{_GIT}/blobs/{repository.sha('main:long')}")
    assert (got.status, got.json["errors"][0]["code"]) == (403, "too_large")


async def test_no_blob(nobody: Caller, repository: GitRepository) -> None:
    assert (await nobody.get(f"{_GIT}/blobs/{'0' * 40}")).status == 404
    assert (await nobody.get(f"{_GIT}/blobs/{repository.sha('main')}")).status == 404
    assert (await nobody.get(f"{_GIT}/blobs/main")).status == 422


async def test_repository_without_commits(nobody: Caller, github: StandIn, tmp_path: Path) -> None:
    github.add_repository("acme", "empty", GitRepository(tmp_path / "empty").path)
    statuses = {
        end: (await nobody.get(f"/repos/acme/empty{end}")).status
        for end in ("", "/commits/main", "/git/trees/main", f"/git/blobs/{'0' * 40}", "/contents/a")
    }
    assert statuses == {
        "": 200,
        "/commits/main": 409,
        "/git/trees/main": 409,
        f"/git/blobs/{'0' * 40}": 409,
        "/contents/a": 404,
    }
    got = await nobody.get("/repos/acme/empty/commits/main")
    assert got.json["message"] == "Git Repository is empty."
