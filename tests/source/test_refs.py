from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import Code, RpcError
from proxy.source.refs import clean_ref, is_full_sha, ref_fault

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("ref", "name", "notes"),
    [
        ("main", "main", 0),
        ("  main\n", "main", 0),
        ("refs/heads/main", "refs/heads/main", 0),
        ("feature/x-1", "feature/x-1", 0),
        ("v1.2.3", "v1.2.3", 0),
        (SHA, SHA, 0),
        (SHA.upper(), SHA, 0),
        ("", "HEAD", 1),
        ("HEAD", "HEAD", 0),
        ("v1.2.3-dirty", "v1.2.3", 1),
        ("v1.2.3+dirty", "v1.2.3", 1),
        (f"{SHA}-dirty", SHA, 1),
        ("-dirty", "HEAD", 2),
        ("v1.2.3-4-gabc1234", "abc1234", 1),
        ("v1.2.3-4-gabc1234-dirty", "abc1234", 2),
        ("release/2024-1-0-gabc1234def", "abc1234def", 1),
        ("v1.2.3-4-gabc", "v1.2.3-4-gabc", 0),
        ("v1.2.3-rc.1", "v1.2.3-rc.1", 0),
        ("v0.0.0-20240102030405-abcdef123456", "abcdef123456", 1),
        ("v1.2.4-0.20240102030405-abcdef123456+dirty", "abcdef123456", 2),
        ("v1.2.4-pre.0.20240102030405-abcdef123456", "abcdef123456", 1),
    ],
)
def test_clean(ref: str, name: str, notes: int) -> None:
    cleaned = clean_ref(ref)
    assert cleaned.name == name
    assert len(cleaned.notes) == notes


REFUSED = [
    "a b",
    "a..b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[b",
    "a\\b",
    "/a",
    "a/",
    "a//b",
    "a.",
    ".a",
    "a/.b",
]
REFUSED += ["a.lock", "a.lock/b", "@", "a@{1}", "-a", "a\x01", "a\x7f", "a\0b"]


@pytest.mark.parametrize("ref", [*REFUSED, "a" * 1025, "\ud800"])
def test_refs_that_git_cannot_have_are_refused(ref: str) -> None:
    with pytest.raises(RpcError, match="service_git_ref") as caught:
        clean_ref(ref)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    ("ref", "full"),
    [(SHA, True), (SHA.upper(), True), (SHA[:-1], False), (SHA + "0", False), ("g" * 40, False)],
)
def test_is_full_sha(ref: str, *, full: bool) -> None:
    assert is_full_sha(ref) is full


@pytest.mark.skipif(shutil.which("git") is None, reason="git itself is the judge here")
@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="ab.@{}/~^:?*[\\ -lock", min_size=1, max_size=12).filter(
        lambda text: not text.startswith("-")
    )
)
def test_git_agrees(ref: str) -> None:
    judged = subprocess.run(["git", "check-ref-format", "--allow-onelevel", ref], check=False).returncode == 0
    assert (ref_fault(ref) is None) is judged


@given(st.text(max_size=80))
def test_any_text_gives_a_ref_or_a_refusal(ref: str) -> None:
    try:
        cleaned = clean_ref(ref)
    except RpcError as error:
        assert error.code is Code.INVALID_ARGUMENT  # noqa: PT017 - both ends are right, each is looked at
    else:
        assert ref_fault(cleaned.name) is None
        assert clean_ref(cleaned.name).name
