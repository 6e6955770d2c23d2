from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source import own
from proxy.source.model import Frame, Repository, Service
from tests.source.test_paths import HOSTILE
from tests.source.transcript import assert_clean

ROOT = Service(Repository("acme", "shop"), "main")
CART = Service(Repository("acme", "shop"), "main", "cart")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/b.py", ["cart/a/b.py root_path", "a/b.py repository_root", "cart/b.py suffix", "b.py suffix"]),
        ("cart/b.py", ["cart/cart/b.py root_path", "cart/b.py repository_root", "b.py suffix"]),
        (
            "a/C:/b.py",
            ["cart/a/C:/b.py root_path", "a/C:/b.py repository_root", "cart/b.py suffix", "b.py suffix"],
        ),
        ("../b.py", []),
        ("", []),
    ],
)
def test_any_suffix(path: str, expected: list[str]) -> None:
    assert [f"{each.path} {each.rule}" for each in own.any_suffix(path, CART)] == expected


def test_of_a_deep_path_the_short_ends_are_tried() -> None:
    found = own.any_suffix("/".join(f"d{number}" for number in range(100)), ROOT)
    assert len(found) == own.MAX_CANDIDATES
    assert found[-1].path == "d99"


def test_whole_path() -> None:
    assert [each.path for each in own.whole_path("a/b.rb", CART)] == ["cart/a/b.rb", "a/b.rb"]
    assert [each.path for each in own.whole_path("a/b.rb", ROOT)] == ["a/b.rb"]


def test_below_tries_the_root_path_first() -> None:
    found = own.below(["src", ""], ["A.java"], CART, "rule")
    assert [each.path for each in found] == ["cart/src/A.java", "cart/A.java", "src/A.java", "A.java"]


@pytest.mark.parametrize(("cut", "expected"), [(0, ("app/x.py",)), (4, ("x.py",)), (9, ()), (99, ())])
def test_rest_of_path(cut: int, expected: tuple[str, ...]) -> None:
    assert own.rest_of_path(Frame("/app/x.py"), cut) == expected


def test_a_long_path_is_shown_by_its_end() -> None:
    assert own.shown(Frame("a/" * 200 + "x.py")).endswith("a/x.py")
    assert len(own.shown(Frame("a/" * 200 + "x.py"))) == 121
    assert own.shown(Frame("", "main")) == "main"


@given(HOSTILE)
def test_every_candidate_is_clean(path: str) -> None:
    for service in (ROOT, CART):
        for candidate in (*own.any_suffix(path, service), *own.whole_path(path, service)):
            assert_clean(candidate.path)
