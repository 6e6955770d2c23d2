from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.github import names
from proxy.source.model import Repository


@pytest.mark.parametrize(
    "ref",
    [
        "HEAD", "main", "v1.2.3", "feature/x", "refs/heads/main", "a" * 40, "abc1234", "v1.2.3-4-gabc1234",
        "übung", "a@b", "user@host", "x{y}", "sub/dir/v1.0.0", "1.0+build", "a" * 255, "go1.21.3", 'quo"te',
    ],
)  # fmt: skip
def test_what_git_allows_as_a_ref_is_asked(ref: str) -> None:
    assert names.is_ref(ref)


@pytest.mark.parametrize(
    "ref",
    [
        "", "@", "main:secret", "a..b", "HEAD^", "HEAD~3", "main@{1}", "@{u}", "a\0b", "a" * 256, "é" * 128,
        "-x", "--upload-pack=x", "/main", "main/", "a//b", ".hidden", "a/.b", "a.lock", "a.lock/b", "end.",
        "a b", "a\tb", "a\nb", "a?b", "a*b", "a[b", "a\\b", "a\x7fb", "\ud800", ":/message", "^main",
    ],
)  # fmt: skip
def test_what_git_forbids_in_a_ref_is_never_sent(ref: str) -> None:
    assert not names.is_ref(ref)


@given(st.text())
def test_no_ref_that_is_sent_is_a_revision_expression(ref: str) -> None:
    if names.is_ref(ref):
        assert not set(ref) & set("~^: ?*[\\\0\n\r\t\x7f")
        assert ".." not in ref
        assert "@{" not in ref
        assert len(ref.encode()) <= 255


@pytest.mark.parametrize(
    "path", ["a", "a/b.go", ".pyroscope.yaml", "a b/ü.py", "a..b/c", "new\nline", "a%2e", "...", "a:b"]
)
def test_a_relative_path_is_asked(path: str) -> None:
    assert names.is_path(path)


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../b", "a/..", "./a", "a//b", "a/", "a\0b", "\udfff", "x" * 4096]
)
def test_a_path_that_leads_elsewhere_is_never_sent(path: str) -> None:
    assert not names.is_path(path)


@pytest.mark.parametrize(
    ("owner", "name", "is_one"),
    [
        ("grafana", "pyroscope", True), ("a-b_c", ".github", True), ("o", "n.git", True), ("", "n", False),
        ("o", "", False), ("o", "..", False), ("o", ".", False), ("o/x", "n", False), ("o", "n?x", False),
        ("o", 'n"', False), ("o", "n\n", False), ("ö", "n", False), ("o" * 101, "n", False),
    ],
)  # fmt: skip
def test_a_repository_has_an_owner_and_a_name(owner: str, name: str, is_one: bool) -> None:
    assert names.is_repository(Repository(owner, name)) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a" * 40, True),
        ("0" * 64, True),
        ("A" * 40, False),
        ("a" * 39, False),
        ("g" * 40, False),
        ("a" * 40 + "\n", False),
    ],
)
def test_a_sha_is_full_and_lower_case(text: str, is_one: bool) -> None:
    assert names.is_sha(text) is is_one


def test_encoding_keeps_slashes_in_paths_only() -> None:
    assert names.encode("a/b c?#%2F+ü") == "a/b%20c%3F%23%252F%2B%C3%BC"
    assert names.encode_value("feature/a&b=c") == "feature%2Fa%26b%3Dc"
