"""What replicas tell each other is what was known, and whatever else comes in is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cache.shared.codecs import Codec, UndecodableError
from proxy.github.client import Commit
from proxy.library.codecs import BLOBS, COMMITS, MOST_SHARED_ENTRIES, PLACES, PROOFS, REFS, TREES
from proxy.library.place import Place
from proxy.library.proof import Proof
from proxy.source.model import Repository
from proxy.source.tree import Entry, TreeIndex

OID = "0123456789abcdef0123456789abcdef01234567"
ALL: dict[str, Codec[Any]] = {
    "proofs": PROOFS,
    "refs": REFS,
    "commits": COMMITS,
    "places": PLACES,
    "trees": TREES,
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(owner=TEXT, name=TEXT, identity=TEXT, told=TEXT, private=st.booleans())
def test_proofs(owner: str, name: str, identity: str, told: str, *, private: bool) -> None:
    proof = Proof(Repository(owner, name), identity, private, told)
    assert PROOFS.decode(PROOFS.encode(proof)) == proof


@given(st.builds(Commit, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT))
def test_commits(commit: Commit) -> None:
    assert COMMITS.decode(COMMITS.encode(commit)) == commit


@given(st.none() | st.builds(Place, TEXT, TEXT, settled=st.booleans()))
def test_places(place: Place | None) -> None:
    assert PLACES.decode(PLACES.encode(place)) == place


@given(st.none() | TEXT)
def test_refs(ref: str | None) -> None:
    assert REFS.decode(REFS.encode(ref)) == ref


@given(st.binary())
def test_blobs(content: bytes) -> None:
    assert BLOBS.decode(BLOBS.encode(content)) == content


def test_trees() -> None:
    entries = [
        Entry("a b/c.go", "100644", "blob", OID),
        Entry("link", "120000", "blob", OID),
        Entry("\u00e4\n", "100755", "blob", OID),
        Entry("sub", "160000", "commit", OID),
    ]
    tree = TreeIndex(entries)
    again = TREES.decode(TREES.encode(tree))
    assert again is not None
    assert sorted(again.entries()) == sorted(tree.entries()) == sorted(entries)
    assert TREES.decode(TREES.encode(None)) is None
    empty = TREES.decode(TREES.encode(TreeIndex([])))
    assert empty is not None
    assert len(empty) == 0


def test_a_tree_that_would_hold_up_everybody_is_not_written() -> None:
    entries = (Entry(f"f{number}", "100644", "blob", OID) for number in range(MOST_SHARED_ENTRIES + 1))
    with pytest.raises(ValueError, match="too large"):
        TREES.encode(TreeIndex(entries))


@pytest.mark.parametrize("codec", ALL.values(), ids=ALL.keys())
@given(data=st.binary())
def test_whatever_else_comes_in_is_refused_or_right(codec: Codec[Any], data: bytes) -> None:
    try:
        value = codec.decode(data)
    except UndecodableError:
        return
    if isinstance(value, TreeIndex):
        assert len(value) >= 0
    else:
        assert codec.decode(codec.encode(value)) == value


@pytest.mark.parametrize("data", [b"\1120000", b"\1100644 zz a\0", b"\1100644 00 a\0", b"\1\xff\0", b"\1a b"])
def test_broken_trees_are_refused(data: bytes) -> None:
    with pytest.raises(UndecodableError):
        TREES.decode(data)
