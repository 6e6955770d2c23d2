"""Every input that fuzzing has kept, through its harness: what was found once is never there again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fuzz import corpora
from fuzz.corpora import CORPUS, MOST_BYTES, inputs
from fuzz.targets import TARGETS
from fuzz.work import LINES_AT_LEAST, assert_in_bounds, observed, stretched
from proxy.door.requests import RequestReader
from proxy.source.go import gomod

if TYPE_CHECKING:
    from pathlib import Path

STRETCHED = 16 * 1024


@pytest.mark.parametrize("target", TARGETS)
def test_every_rule_holds_for_what_is_kept(target: str) -> None:
    found = inputs(target)
    assert found
    for path in found:
        try:
            assert_in_bounds(TARGETS[target].check, path.read_bytes())
            assert_in_bounds(TARGETS[target].check, stretched(path.read_bytes(), STRETCHED))
        except Exception as error:
            error.add_note(f"with the input {path}")
            raise


def test_the_corpora_are_small_and_all_of_them_are_used() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    assert {path.parent.name for path in files} == set(TARGETS)
    for path in files:
        assert path.stat().st_size <= TARGETS[path.parent.name].largest, path


def test_the_targets_are_in_alphabetical_order() -> None:
    assert list(TARGETS) == sorted(TARGETS)


def test_a_reader_that_fails_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(content: bytes, folder: str = "") -> None:
        raise KeyError(content, folder)

    monkeypatch.setattr("fuzz.targets.gomod.parse", broken)
    with pytest.raises(KeyError):
        TARGETS["gomod"].check(b"module a\n")


def test_a_reader_that_reads_something_else_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(content: bytes, folder: str = "") -> gomod.GoMod:
        return gomod.GoMod(folder, "a" if b'"' in content else "b")

    monkeypatch.setattr("fuzz.targets.gomod.parse", forgetful)
    with pytest.raises(AssertionError):
        TARGETS["gomod"].check(b"module b\n")


def check_all(target: str) -> None:
    for path in inputs(target):
        TARGETS[target].check(path.read_bytes())


@pytest.mark.parametrize("target", ["requests", "answers"])
def test_a_head_that_is_sent_on_as_it_came_is_noticed(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.door.heads.HOP_BY_HOP", frozenset())
    with pytest.raises(AssertionError):
        check_all(target)


def test_a_reader_that_minds_how_bytes_are_cut_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(reader: RequestReader, url: bytes) -> None:
        reader._target = url

    monkeypatch.setattr(RequestReader, "on_url", forgetful)
    with pytest.raises(AssertionError):
        TARGETS["requests"].check(b"GET /where/to HTTP/1.1\r\nHost: a\r\n\r\n")


def test_work_is_counted_and_too_much_of_it_noticed() -> None:
    def read(times: int) -> None:
        for _ in range(times):
            gomod.parse(b"require a v1\n" * 10)

    few, many = observed(lambda: read(1)).lines, observed(lambda: read(10)).lines
    assert few > 10
    assert many == 10 * few
    with pytest.raises(AssertionError, match="lines of work for 3 bytes"):
        assert_in_bounds(lambda _: read(1 + LINES_AT_LEAST // few * 2), b"abc")


def test_what_takes_a_new_way_is_kept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "CORPUS", tmp_path)
    corpora.keep("gomod", [b"module a\n"], name="seed")
    assert corpora.merge("gomod", [b"module b\n", b"module c // longer\n"]) == 0
    assert corpora.merge("gomod", [b"go 1.21 // longer\n", b"go 1.21\n", b"module d\n"]) == 1
    assert {path.read_bytes() for path in inputs("gomod")} == {b"module a\n", b"go 1.21\n"}


@pytest.mark.parametrize(
    ("data", "size", "long"),
    [
        (b"abcd", 10, b"abcdcdcdcd"),
        (b"abc", 6, b"abcbc"),
        (b"", 9, b""),
        (b"abcd", 5, b"abcd"),
        (b"abcd", 1, b"abcd"),
    ],
)
def test_inputs_are_stretched(data: bytes, size: int, long: bytes) -> None:
    assert stretched(data, size) == long
