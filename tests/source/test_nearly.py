"""A mapping whose prefix nearly matches is named, with the prefix that would match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.mapping import Mappings, parse
from proxy.source.model import Absent, Asking, Frame, Note, Open, Repository, Resolution, Service
from proxy.source.nearly import MAX_NOTES, near_misses
from proxy.source.resolve import resolve


def mappings_of(*prefixes: str, key: str = "path") -> Mappings:
    lines = ["source_code:", "  mappings:"]
    for prefix in prefixes:
        lines += [
            f"    - {key}: [{{prefix: '{prefix}'}}]",
            "      language: go",
            "      source: {local: {path: src}}",
        ]
    return parse("\n".join(lines).encode())


NEAR = [
    ("app/src", "/app/src/cart.go", "/app/src"),
    ("/App/Src", "/app/src/cart.go", "/app/src"),
    ("/src/shop", "/build/src/shop/cart.go", "/build/src/shop"),
    ("/app/src/", "app/src/cart.go", "app/src"),
    ("C:/app/src", "C:\\app\\src\\cart.go", "C:\\app\\src"),
]
FAR = [
    ("/app/src", "/app/src/cart.go"),
    ("/srv", "/app/src/cart.go"),
    ("/app/sr", "/x/app/src/cart.go"),
    ("go", "/x/go/cart.go"),
    ("", "/x/go/cart.go"),
    ("/app/src", ""),
]


@pytest.mark.parametrize(("prefix", "path", "meant"), NEAR)
def test_a_near_miss(prefix: str, path: str, meant: str) -> None:
    (text,) = near_misses(mappings_of(prefix), [Frame(path)], ".pyroscope.yaml")
    assert text.startswith("mapping[0] of .pyroscope.yaml nearly matches: its path prefix")
    assert text.endswith(f"{meant!r} would be.")


@pytest.mark.parametrize(("prefix", "path"), FAR)
def test_no_near_miss(prefix: str, path: str) -> None:
    assert list(near_misses(mappings_of(prefix), [Frame(path)], ".pyroscope.yaml")) == []


def test_dots_for_slashes_in_a_function_name() -> None:
    (text,) = near_misses(
        mappings_of("org.example.shop", key="function_name"), [Frame("", "org/example/shop/App.main")], "x"
    )
    assert "its function_name prefix 'org.example.shop'" in text
    assert text.endswith("'org/example/shop' would be.")


def test_there_are_only_a_few() -> None:
    many = mappings_of(*(f"/x{number}/app/src/" for number in range(10)), *["app/src"] * 10)
    assert len(list(near_misses(many, [Frame("/app/src/a.go")], "x"))) == MAX_NOTES


def notes_of(asking: Asking[Resolution]) -> list[str]:
    """The remarks of a resolution in which nothing is there."""
    notes: list[str] = []
    answer: object = None
    while True:
        try:
            question = asking.send(answer)
        except StopIteration:
            return notes
        answer = Absent.REF if isinstance(question, Open) else None
        if isinstance(question, Note):
            notes.append(question.text)


def test_a_resolution_that_finds_nothing_names_the_near_miss() -> None:
    service = Service(Repository("acme", "shop"))
    notes = notes_of(resolve(Frame("/app/src/cart.go"), service, mappings_of("app/src")))
    assert [text for text in notes if "nearly matches" in text]


@given(st.text(max_size=60), st.text(max_size=200))
def test_the_prefix_that_is_offered_is_how_the_path_begins(prefix: str, path: str) -> None:
    clean = "".join(letter for letter in prefix if letter.isprintable() and letter not in "'\\")
    for text in near_misses(mappings_of(clean), [Frame(path)], "x"):
        assert "would be" in text
