from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.javascript import registry


@pytest.mark.parametrize(
    ("given_", "repository", "folder"),
    [
        ({"type": "git", "url": "git+https://github.com/o/r.git"}, "o/r", ""),
        ({"url": "git://github.com/o/r.git", "directory": "packages/x"}, "o/r", "packages/x"),
        ({"url": "git+ssh://git@github.com/o/r.git"}, "o/r", ""),
        ({"url": "https://github.com/o/r/tree/main/packages/x"}, "o/r", "packages/x"),
        ({"url": "git@github.com:o/r.git"}, "o/r", ""),
        ({"url": "o/r"}, "o/r", ""),
        ("github:o/r", "o/r", ""),
        ("o/r", "o/r", ""),
        ("gitlab:o/r", None, ""),
        ("https://gitlab.com/o/r", None, ""),
        ({"url": "https://github.com/o/r", "directory": "../../x"}, "o/r", ""),
        ({"url": 7, "directory": []}, None, ""),
        (7, None, ""),
        (None, None, ""),
    ],
)
def test_repository(given_: Any, repository: str | None, folder: str) -> None:
    published = registry.read(json.dumps({"version": "1.0.0", "repository": given_}).encode(), "github.com")
    assert published is not None
    assert (str(published.repository) if published.repository else None) == repository
    assert published.folder == folder


def test_the_commit_and_the_homepage() -> None:
    commit = "0" * 40
    body = json.dumps({"gitHead": commit, "homepage": "https://github.com/o/r#readme"}).encode()
    published = registry.read(body, "github.com")
    assert published is not None
    assert published.commit == commit
    assert str(published.repository) == "o/r"
    other = registry.read(b'{"gitHead": "main", "homepage": "o/r"}', "github.com")
    assert other is not None
    assert (other.commit, other.repository) == ("", None)


@pytest.mark.parametrize("body", [b"", b"[]", b"[" * 100_000, b"\xff"])
def test_what_is_no_answer(body: bytes) -> None:
    assert registry.read(body, "github.com") is None


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(max_size=40)),
        lambda inner: st.dictionaries(st.sampled_from(["url", "directory", "x"]), inner),
    )
)
def test_any_metadata_is_read(given_: Any) -> None:
    assert registry.read(
        json.dumps({"repository": given_, "homepage": given_, "gitHead": given_}).encode(), "github.com"
    )


def test_places() -> None:
    assert registry.path_of("express", "4.18.2") == "express/4.18.2"
    assert registry.path_of("@babel/core", "") == "@babel%2fcore/latest"
