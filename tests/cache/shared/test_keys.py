from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cache.shared.keys import encode_key

KEYS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.binary(max_size=9) | st.text(st.characters(), max_size=9),
    lambda keys: st.lists(keys, max_size=4).map(tuple),
)


@given(KEYS, KEYS)
def test_keys_are_written_alike_exactly_when_they_are_equal(one: object, other: object) -> None:
    assert (encode_key(one) == encode_key(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "bc"), ("ab", "c")),
        (("a", ("b",)), (("a", "b"),)),
        ("1", 1),
        (b"a", "a"),
        (None, ()),
        ("s1:a", "a"),
        (("s1:a",), (("a",),)),
        ("\udc80", b"\xed\xb2\x80"),
    ],
)
def test_what_looks_alike_is_told_apart(one: object, other: object) -> None:
    assert encode_key(one) != encode_key(other)


class Colour(StrEnum):
    RED = "red"


class Pair(NamedTuple):
    one: int


@pytest.mark.parametrize("key", [1.0, [], {}, object(), Colour.RED, Pair(1), ("a", ["b"]), frozenset("a")])
def test_other_kinds_are_refused(key: object) -> None:
    with pytest.raises(TypeError, match="cannot hold a"):
        encode_key(key)
