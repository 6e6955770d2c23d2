"""Every step of a resolution has words, and words say what was answered."""

from __future__ import annotations

import pytest

from proxy.errors import Code, RpcError
from proxy.source.explain import Kind, failure_words, question_text, words_of
from proxy.source.model import (
    Absent,
    Fetch,
    Fetched,
    File,
    Link,
    Lookup,
    Note,
    Open,
    Question,
    Read,
    Repository,
    Snapshot,
    Tree,
    Unreachable,
)
from proxy.source.tree import Entry, TreeIndex

SHA = "0123456789abcdef0123456789abcdef01234567"
SHOP = Repository("acme", "shop")
SNAPSHOT = Snapshot(SHOP, "v1.0", SHA)
OPEN = Open("ref", SHOP, "v1.0")
READ = Read("root_path", SNAPSHOT, "a/b.go")
TREE = Tree("suffix", SNAPSHOT)
LINK = Link("link", SNAPSHOT, "a/l", SHA)
FETCH = Fetch("module", Lookup.GO_MODULE_PROXY, "example.com/a/@v/v1.info", "application/json")
NOTE = Note("ref", "-dirty was dropped")
STEPS = [
    (OPEN, SNAPSHOT, "Which commit is v1.0 of acme/shop?", Kind.FOUND, f"{SHA} of acme/shop"),
    (OPEN, Absent.REF, "Which commit", Kind.ABSENT, "no such commit, branch or tag"),
    (OPEN, Absent.REPOSITORY, "Which commit", Kind.ABSENT, "no such repository, or you may not see it"),
    (
        READ,
        File(SNAPSHOT, "a/b.go", SHA, b"secret source"),
        "Is there a/b.go in acme/shop at v1.0 (0123456789)?",
        Kind.FOUND,
        "a/b.go in acme/shop at v1.0 (0123456789), 13 bytes",
    ),
    (READ, None, "Is there", Kind.ABSENT, "no"),
    (TREE, TreeIndex([Entry("a", "100644", "blob", SHA)]), "What files are in", Kind.FOUND, "1 entries"),
    (TREE, None, "What files are in", Kind.UNKNOWN, "not known"),
    (LINK, "../b", "Where does the link a/l", Kind.FOUND, "../b"),
    (LINK, None, "Where does the link", Kind.ABSENT, "no"),
    (
        FETCH,
        Fetched(b"{}", "https://example.com/x?token=1"),
        "What does the Go module proxy say of example.com/a/@v/v1.info?",
        Kind.FOUND,
        "2 bytes from https://example.com/x",
    ),
    (FETCH, Unreachable("it did not answer in time"), "What does", Kind.UNKNOWN, "it did not answer in time"),
    (FETCH, None, "What does", Kind.ABSENT, "turned off"),
    (NOTE, None, "-dirty was dropped", Kind.NOTE, ""),
]


@pytest.mark.parametrize(("question", "answer", "asked", "kind", "told"), STEPS)
def test_a_step_in_words(
    question: Question[object], answer: object, asked: str, kind: Kind, told: str
) -> None:
    assert asked in question_text(question)
    words = words_of(question, answer)
    assert words.kind is kind
    assert told in words.text


def test_source_is_never_among_the_words() -> None:
    assert "secret" not in words_of(READ, File(SNAPSHOT, "a/b.go", SHA, b"secret source")).text


def test_failures_have_words() -> None:
    words = failure_words(RpcError(Code.PERMISSION_DENIED, "ask for access"))
    assert words == (Kind.FAILED, "ask for access")


def test_words_are_bounded_and_printable() -> None:
    text = question_text(Read("own", SNAPSHOT, "a\x1b[31m\n" + "x" * 5000))
    assert "\x1b" not in text
    assert "\n" not in text
    assert len(text) < 400
