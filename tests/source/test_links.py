from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source.gitmodules import MAX_SIZE, repository_of, url_of
from proxy.source.model import Frame, Open, Repository, Service
from proxy.source.resolve import resolve
from tests.source.test_paths import HOSTILE
from tests.source.transcript import Files, Submodule, Symlink, World, run

SHA = "1" * 40
MODULES = '[submodule "common"]\n\tpath = libs/common\n\turl = ../common.git\n'


def shop(files: Files) -> World:
    return {"acme/shop": {"main": files}}


@pytest.mark.parametrize(
    ("links", "path", "file"),
    [
        ({"current": Symlink("v2")}, "current/a.py", "v2/a.py"),
        ({"current": Symlink("./v2/")}, "/build/current/a.py", "v2/a.py"),
        ({"x/current": Symlink("../v2")}, "x/current/a.py", "v2/a.py"),
        ({"one": Symlink("two"), "two": Symlink("v2")}, "one/a.py", "v2/a.py"),
        ({"one/b.py": Symlink("../v2/a.py")}, "one/b.py", "v2/a.py"),
        ({"one": Symlink("v2"), "v2/b.py": Symlink("a.py")}, "one/b.py", "v2/a.py"),
        ({"x": Symlink("v1"), "v1/y": Symlink("../v2")}, "x/y/a.py", "v2/a.py"),
    ],
)
def test_links_are_followed(links: Files, path: str, file: str) -> None:
    transcript = run(shop({"v2/a.py": "x", **links}), path)
    assert transcript.found[1:] == ("acme/shop", "main", file)


@pytest.mark.parametrize(
    ("links", "path", "note"),
    [
        (
            {"one": Symlink("two"), "two": Symlink("one")},
            "one/a.py",
            "leads from link to link without an end",
        ),
        ({"one": Symlink("one/one")}, "one/a.py", "leads from link to link without an end"),
        (
            {"one": Symlink("../../etc")},
            "one/passwd.py",
            "one is a symbolic link to ../../etc, which is not in the",
        ),
        ({"one": Symlink("/etc")}, "one/passwd.py", "one is a symbolic link to /etc"),
        ({"one": Symlink("\0")}, "one/a.py", "one is a symbolic link to"),
    ],
)
def test_links_that_lead_nowhere_are_said(links: Files, path: str, note: str) -> None:
    transcript = run(shop(links), path)
    assert transcript.reason
    assert any(note in text for text in transcript.notes)


def test_a_submodule_is_its_own_repository_at_its_commit() -> None:
    files: Files = {".gitmodules": MODULES, "libs/common": Submodule(SHA)}
    world: World = {**shop(files), "acme/common": {SHA: {"log/a.py": "x"}, "main": {"log/a.py": "wrong"}}}
    assert run(world, "libs/common/log/a.py").found == ("root_path", "acme/common", SHA, "log/a.py")


def test_a_link_into_a_submodule_and_one_in_it() -> None:
    files: Files = {
        ".gitmodules": MODULES,
        "libs/common": Submodule(SHA),
        "log": Symlink("libs/common/current"),
    }
    world: World = {**shop(files), "acme/common": {SHA: {"current": Symlink("v1"), "v1/a.py": "x"}}}
    assert run(world, "log/a.py").found == ("root_path", "acme/common", SHA, "v1/a.py")


def test_a_mapping_may_lead_through_a_submodule() -> None:
    configuration = (
        "source_code: {mappings: [{path: [{prefix: /c}], language: python, "
        "source: {local: {path: libs/common}}}]}"
    )
    files: Files = {".gitmodules": MODULES, "libs/common": Submodule(SHA), ".pyroscope.yaml": configuration}
    world: World = {**shop(files), "acme/common": {SHA: {"a.py": "x"}}}
    assert run(world, "/c/a.py").found == ("mapping_local", "acme/common", SHA, "a.py")


@pytest.mark.parametrize(
    ("files", "note"),
    [
        ({}, "The submodule libs/common has no url in .gitmodules"),
        ({".gitmodules": MODULES}, f"The submodule libs/common is acme/common at {SHA}, which is not there"),
        ({".gitmodules": MODULES.replace("..", "https://gitlab.com/x")}, "is in no repository on github.com"),
    ],
)
def test_submodules_that_cannot_be_shown_are_said(files: Files, note: str) -> None:
    transcript = run(shop({**files, "libs/common": Submodule(SHA)}), "libs/common/a.py")
    assert transcript.reason
    assert any(note in text for text in transcript.notes)


def test_where_the_tree_is_not_known_no_link_is_followed() -> None:
    assert run(shop({"one": Symlink("v2"), "v2/a.py": "x"}), "one/a.py", trees=False).reason


def test_a_pointer_of_git_lfs_is_named() -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    transcript = run(shop({"a.py": pointer}), "a.py")
    assert transcript.found[3] == "a.py"
    assert transcript.notes == ["a.py is stored in Git LFS: what the repository has of it is a pointer."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MODULES, "../common.git"),
        ('[submodule "a"]\npath=libs/common\nurl = https://x/o/r # why\n', "https://x/o/r"),
        ('[submodule "a"]\n  URL = "https://x/o/r"\n  Path = ./libs/common/\n', "https://x/o/r"),
        ("[core]\npath = libs/common\nurl = x\n", None),
        ('[submodule "a"]\npath = other\nurl = x\n[submodule "b"]\nurl = y\npath = libs/common', "y"),
        ("path = libs/common", None),
        ("", None),
    ],
)
def test_the_url_of_a_submodule(text: str, expected: str | None) -> None:
    assert url_of(text.encode(), "libs/common") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("../common.git", "acme/common"),
        ("../../other/common", "other/common"),
        ("./x", None),
        ("../../../x/y", None),
        ("https://github.com/o/r.git", "o/r"),
        ("git@github.com:o/r.git", "o/r"),
        ("https://gitlab.com/o/r", None),
        ("file:///etc", None),
        ("", None),
    ],
)
def test_the_repository_of_a_submodule(url: str, expected: str | None) -> None:
    found = repository_of(url, Repository("acme", "shop"), "github.com")
    assert (str(found) if found else None) == expected


@given(HOSTILE, HOSTILE)
def test_any_modules_are_read(one: str, other: str) -> None:
    text = f'[submodule "{one}"]\npath = {other}\nurl = {one}\n'
    url = url_of(text.encode("utf-8", "replace"), "a")
    if url is not None:
        repository_of(url, Repository("acme", "shop"), "github.com")


@pytest.mark.parametrize("unit", [b"[submodule ", b"[", b"path = a\n", b"url =", b' "', b"a" * 100])
def test_large_modules_end(unit: bytes) -> None:
    assert url_of(unit * (2 * MAX_SIZE // len(unit)), "x") is None


def test_the_host_is_the_one_that_is_configured() -> None:
    generator = resolve(
        Frame("libs/common/a.py"), Service(Repository("acme", "shop"), "main"), host="git.acme.example"
    )
    question = next(generator)
    assert isinstance(question, Open)
    assert question.tree
    assert repository_of(
        "https://git.acme.example/o/r", Repository("acme", "shop"), "git.acme.example"
    ) == Repository("o", "r")
    assert repository_of("https://github.com/o/r", Repository("acme", "shop"), "git.acme.example") is None
