from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.demo.github.gitstore.delta import apply_delta, read_varint
from proxy.demo.github.gitstore.errors import GitError
from proxy.demo.github.gitstore.modules import submodules
from proxy.demo.github.gitstore.objects import parse_commit, parse_person, parse_tag, parse_tree

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(
    ("line", "name", "email", "when"),
    [
        ("Ada <a@b.c> 1700000000 +0200", "Ada", "a@b.c", "2023-11-15T00:13:20+02:00"),
        ("Ada B <a@b.c> 0 -0330", "Ada B", "a@b.c", "1969-12-31T20:30:00-03:30"),
        ("<a@b.c> 0 +0000", "", "a@b.c", "1970-01-01T00:00:00+00:00"),
        ("Ada <> -60 +0000", "Ada", "", "1969-12-31T23:59:00+00:00"),
        ("Ada <a@b.c>", "Ada", "a@b.c", "1970-01-01T00:00:00+00:00"),
        ("Ada <a@b.c> 99999999999999 +0000", "Ada", "a@b.c", "5138-11-16T09:46:39+00:00"),
        ("nobody", "nobody", "", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_person(line: str, name: str, email: str, when: str) -> None:
    person = parse_person(line)
    assert (person.name, person.email, person.when.isoformat()) == (name, email, when)


@given(st.text())
def test_any_person_is_read(line: str) -> None:
    assert parse_person(line).when.tzinfo is not None


@given(st.binary())
def test_any_object_is_read_or_refused(data: bytes) -> None:
    for read in (lambda: parse_tree(data), lambda: parse_commit("0", data), lambda: parse_tag("0", data)):
        with suppress(GitError):
            read()


_HEADERS = b"tree 1\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_HEADERS + b"\nplain\n", "plain\n"),
        (_HEADERS + b"encoding ISO-8859-1\n\n\xfcber", "über"),
        (_HEADERS + b"encoding nonsense\n\nx", "x"),
        (_HEADERS + b"gpgsig -----BEGIN\n tree 2\n -----END\n\nsigned\n\nmore", "signed\n\nmore"),
        (_HEADERS + b"\n\xff", "\ufffd"),
        (_HEADERS, ""),
    ],
)
def test_message(data: bytes, message: str) -> None:
    commit = parse_commit("0", data)
    assert (commit.tree, commit.message) == ("1", message)


@pytest.mark.parametrize(
    "data", [b"100644", b"100644 a", b"100644 a\0short", b"abc a\0" + bytes(20), b" a\0" + bytes(20)]
)
def test_damaged_tree(data: bytes) -> None:
    with pytest.raises(GitError):
        parse_tree(data)


def _varint(number: int) -> bytes:
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


@given(st.integers(0, 2**60))
def test_varint(number: int) -> None:
    data = b"x" + _varint(number) + b"y"
    assert read_varint(data, 1) == (number, len(data) - 1)


def _delta(base: bytes, steps: Sequence[tuple[int, int] | bytes]) -> tuple[bytes, bytes]:
    """A delta of copies ``(offset, size)`` and insertions, and what it should give."""
    body, result = b"", b""
    for step in steps:
        if isinstance(step, bytes):
            body += bytes([len(step)]) + step
            result += step
            continue
        offset, size = step
        body += b"\xff" + offset.to_bytes(4, "little") + size.to_bytes(3, "little")
        result += base[offset : offset + size]
    return _varint(len(base)) + _varint(len(result)) + body, result


@given(st.data())
def test_delta_of_copies_and_insertions(data: st.DataObject) -> None:
    base = data.draw(st.binary(min_size=2, max_size=300))
    copy = st.integers(0, len(base) - 2).flatmap(
        lambda offset: st.tuples(st.just(offset), st.integers(1, len(base) - 1 - offset))
    )
    steps = data.draw(st.lists(st.one_of(copy, st.binary(min_size=1, max_size=127)), max_size=8))
    delta, result = _delta(base, steps)
    assert apply_delta(base, delta) == result


def test_copy_of_size_zero_means_64_kib() -> None:
    base = zlib.crc32(b"x").to_bytes(4, "big") * 20_000
    delta = _varint(len(base)) + _varint(0x10000) + b"\x80"
    assert apply_delta(base, delta) == base[:0x10000]


@pytest.mark.parametrize(
    "delta",
    [
        b"",
        b"\x03",
        b"\x80",
        b"\x04\x01\x01x",
        b"\x03\x05\x01x",
        b"\x03\x01\x00",
        b"\x03\x01\x91",
        b"\x03\x05\x91\x02\x05",
    ],
)
def test_damaged_delta(delta: bytes) -> None:
    with pytest.raises(GitError):
        apply_delta(b"abc", delta)


def test_gitmodules() -> None:
    text = """
# a comment
[submodule "lib"]
	path = vendor/lib
	url = ../lib.git
[submodule "odd name"]
	URL = "https://example.com/x.git"
	path = odd
	branch = stable
[submodule "without path"]
	url = https://example.com/y.git
"""
    assert submodules(text) == {
        "vendor/lib": {"name": "lib", "path": "vendor/lib", "url": "../lib.git"},
        "odd": {
            "name": "odd name",
            "path": "odd",
            "url": "https://example.com/x.git",
            "branch": "stable",
        },
    }
    assert submodules("path = nowhere") == {}
