from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cache.shared.codecs import (
    BYTES,
    DATA,
    FLAG,
    NUMBER,
    TEXT,
    WHEN,
    Codec,
    Shape,
    UndecodableError,
    either,
    json_codec,
    mapping,
    optional,
    optional_codec,
    record,
    sequence,
)


@dataclass(frozen=True)
class Author:
    name: str
    admin: bool


@dataclass(frozen=True)
class Commit:
    sha: str
    size: int
    when: datetime
    data: bytes
    author: Author | None
    parents: tuple[str, ...]
    labels: dict[str, int]

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("a size is not negative")


AUTHOR = record(Author, name=TEXT, admin=FLAG)
COMMIT = record(
    Commit,
    sha=TEXT,
    size=NUMBER,
    when=WHEN,
    data=DATA,
    author=optional(AUTHOR),
    parents=sequence(TEXT),
    labels=mapping(NUMBER),
)
WHAT = either(author=(Author, AUTHOR), commit=(Commit, COMMIT))
TEXTS = st.text(st.characters())
AUTHORS = st.builds(Author, TEXTS, st.booleans())
COMMITS = st.builds(
    Commit,
    TEXTS,
    st.integers(0),
    st.datetimes(timezones=st.just(UTC)),
    st.binary(),
    st.none() | AUTHORS,
    st.lists(TEXTS).map(tuple),
    st.dictionaries(TEXTS, st.integers()),
)
CODECS: list[Codec[Any]] = [
    optional_codec(BYTES),
    json_codec(1, COMMIT),
    json_codec(1, WHAT),
    json_codec(1, optional(sequence(optional(TEXT)))),
    optional_codec(json_codec(1, sequence(WHEN))),
    json_codec(1, DATA),
]


@given(COMMITS | AUTHORS)
def test_what_was_written_is_read(value: object) -> None:
    codec = json_codec(3, WHAT)
    assert codec.decode(codec.encode(value)) == value


@given(st.none() | st.binary())
def test_bytes_or_nothing(value: bytes | None) -> None:
    codec = optional_codec(BYTES)
    assert codec.decode(codec.encode(value)) == value


def test_none_and_what_holds_none_are_told_apart() -> None:
    codec = json_codec(1, optional(sequence(optional(TEXT))))
    for value in (None, (), (None,), ("text", None)):
        assert codec.decode(codec.encode(value)) == value


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["author", "commit"]),
    lambda values: st.lists(values, max_size=7) | st.dictionaries(st.text(max_size=3), values, max_size=3),
)


@pytest.mark.parametrize("codec", CODECS)
@given(st.binary() | st.text().map(str.encode) | JSON.map(lambda value: json.dumps(value).encode()))
def test_rubbish_is_one_error_or_a_value_that_is_written_alike(codec: Codec[Any], data: bytes) -> None:
    try:
        value = codec.decode(data)
    except UndecodableError:
        return
    assert codec.decode(codec.encode(value)) == value


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        (TEXT, b"1"),
        (TEXT, b"null"),
        (TEXT, b"\xff"),
        (NUMBER, b"true"),
        (NUMBER, b"1.0"),
        (NUMBER, b"NaN"),
        (NUMBER, b"1" * 5000),
        (FLAG, b"0"),
        (DATA, b'"*"'),
        (DATA, b'"\\u00e9"'),
        (WHEN, b'"yesterday"'),
        (WHEN, b'"2026-13-01"'),
        (sequence(TEXT), b'"abc"'),
        (sequence(TEXT), b"{}"),
        (mapping(TEXT), b"[]"),
        (optional(TEXT), b"[]"),
        (optional(TEXT), b'["a","b"]'),
        (AUTHOR, b'["name"]'),
        (AUTHOR, b'["name",true,1]'),
        (AUTHOR, b'{"name":"a","admin":true}'),
        (WHAT, b'["repository",[]]'),
        (WHAT, b'[["author"],[]]'),
        (COMMIT, b'["a",-1,"2026-01-01","",null,[],{}]'),
        (TEXT, b"[" * 100_000),
        (TEXT, b""),
    ],
)
def test_what_is_no_such_value(shape: Shape[Any], data: bytes) -> None:
    with pytest.raises(UndecodableError):
        json_codec(1, shape).decode(data)


@pytest.mark.parametrize("data", [b"", b"\2", b"\0x", b"x"])
def test_what_is_neither_a_value_nor_none(data: bytes) -> None:
    with pytest.raises(UndecodableError):
        optional_codec(BYTES).decode(data)


@pytest.mark.parametrize(("shape", "value"), [(TEXT, 1), (NUMBER, "1"), (WHAT, "x"), (FLAG, None)])
def test_what_cannot_be_written_says_so(shape: Shape[Any], value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        json_codec(1, shape).encode(value)
