from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.demo.github.conftest import ELSEWHERE, Caller

if TYPE_CHECKING:
    from proxy.demo.github import StandIn
    from tests.fakes.github import GitRepository

_CONTENTS = "/repos/acme/shop/contents"


@pytest.mark.parametrize("path", ["README.md", "cmd/main.go", "ä b/#1?.txt", "binary", "latin1"])
@pytest.mark.parametrize("ref", ["", "main", "v2", "refs/heads/main", "feature/a-b"])
async def test_file(nobody: Caller, repository: GitRepository, path: str, ref: str) -> None:
    query = f"?ref={quote(ref, safe='')}" if ref else ""
    got = await nobody.get(f"{_CONTENTS}/{quote(path)}{query}")
    content = (repository.path / path).read_bytes()
    body = got.json
    assert (got.status, body["type"], body["encoding"], body["size"]) == (200, "file", "base64", len(content))
    assert base64.b64decode(body["content"]) == content
    assert (body["path"], body["name"]) == (path, path.rpartition("/")[2])
    assert body["sha"] == repository.sha(f"main:{path}")
    assert body["html_url"] == f"{nobody.github.web_url}/acme/shop/blob/{ref or 'main'}/{quote(path)}"
    page = await nobody.get(body["html_url"])
    assert (page.status, page.body) == (200, content)
    assert (await nobody.get(body["download_url"])).body == content
    assert base64.b64decode((await nobody.get(body["git_url"])).json["content"]) == content


async def test_base64_lines_are_sixty_characters(nobody: Caller) -> None:
    body = (await nobody.get(f"{_CONTENTS}/long")).json
    lines = body["content"].split("\n")
    assert {len(line) for line in lines[:-2]} == {60}
    assert lines[-1] == ""


async def test_raw(nobody: Caller, github: StandIn) -> None:
    for accept in ("application/vnd.github.raw+json", "application/vnd.github.raw"):
        got = await nobody.get(f"{_CONTENTS}/binary", accept=accept)
        assert (got.status, got.body) == (200, b"\0\1\2")
        assert got.headers["content-type"].startswith("application/vnd.github.raw")
    github.sizes.contents = 100
    got = await nobody.get(f"{_CONTENTS}/long", accept="application/vnd.github.raw+json")
    assert got.body == ("é" * 1_000).encode()


async def test_file_that_is_too_large_for_json(nobody: Caller, github: StandIn) -> None:
    github.sizes.contents = 2_000
    assert (await nobody.get(f"{_CONTENTS}/long")).json["encoding"] == "base64"
    github.sizes.contents = 1_999
    body = (await nobody.get(f"{_CONTENTS}/long")).json
    assert (body["content"], body["encoding"], body["size"]) == ("", "none", 2_000)


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.github.raw+json"])
async def test_file_that_is_too_large_at_all(nobody: Caller, github: StandIn, accept: str) -> None:
    github.sizes.raw = 1_999
    got = await nobody.get(f"{_CONTENTS}/long", accept=accept)
    assert got.status == 403
    assert got.json["errors"][0]["code"] == "too_large"


@pytest.mark.parametrize("path", ["", "/", "/cmd", "/cmd/"])
async def test_directory(nobody: Caller, repository: GitRepository, path: str) -> None:
    got = await nobody.get(_CONTENTS + path, accept="application/vnd.github.raw+json")
    listed = (
        repository.git("ls-tree", "-z", "--name-only", f"main:{path.strip('/')}").rstrip("\0").split("\0")
    )
    assert [item["name"] for item in got.json] == listed
    types = {item["path"]: item["type"] for item in got.json}
    if path.strip("/"):
        assert types == {"cmd/link.go": "symlink", "cmd/main.go": "file", "cmd/up": "symlink"}
    else:
        assert (types["cmd"], types["README.md"], types["lib"], types["chain"]) == (
            "dir",
            "file",
            "file",
            "symlink",
        )
    assert not any("content" in item for item in got.json)


async def test_directory_with_too_many_files(nobody: Caller, github: StandIn) -> None:
    github.sizes.directory = 2
    assert len((await nobody.get(_CONTENTS)).json) == 2


@pytest.mark.parametrize(("path", "target"), [("cmd/link.go", "cmd/main.go"), ("cmd/up", "README.md")])
async def test_link_to_a_file_gives_the_file(
    nobody: Caller, repository: GitRepository, path: str, target: str
) -> None:
    content = (repository.path / target).read_bytes()
    body = (await nobody.get(f"{_CONTENTS}/{path}")).json
    assert (body["type"], base64.b64decode(body["content"])) == ("file", content)
    assert body["sha"] == repository.sha(f"main:{target}")
    raw = await nobody.get(f"{_CONTENTS}/{path}", accept="application/vnd.github.raw+json")
    assert raw.body == content


@pytest.mark.parametrize(
    ("path", "target"),
    [("dangling", "nowhere"), ("outside", "../../etc/passwd"), ("folder", "cmd"), ("chain", "cmd/link.go")],
)
async def test_link_to_no_file_is_a_link(nobody: Caller, path: str, target: str) -> None:
    body = (await nobody.get(f"{_CONTENTS}/{path}")).json
    assert (body["type"], body["target"], body["path"]) == ("symlink", target, path)
    assert "content" not in body


@pytest.mark.parametrize(("path", "url"), [("lib", "https://github.com/acme/lib.git"), ("unlisted", None)])
async def test_submodule(nobody: Caller, path: str, url: str | None) -> None:
    body = (await nobody.get(f"{_CONTENTS}/{path}")).json
    assert (body["type"], body["submodule_git_url"], body["sha"]) == ("submodule", url, ELSEWHERE)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/nothing", "Not Found"),
        ("/README.md/x", "Not Found"),
        ("/folder/main.go", "Not Found"),
        ("/README.md?ref=nothing", "No commit found for the ref nothing"),
        ("/README.md?ref=" + "0" * 40, f"No commit found for the ref {'0' * 40}"),
        ("/..%2Fx", "Not Found"),
        ("/%00", "Not Found"),
    ],
)
async def test_not_there(nobody: Caller, path: str, message: str) -> None:
    got = await nobody.get(_CONTENTS + path)
    assert (got.status, got.json["message"], got.json["status"]) == (404, message, "404")
    assert got.json["documentation_url"].startswith("https://docs.github.com/")
