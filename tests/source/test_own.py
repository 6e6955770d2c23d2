from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source import own
from proxy.source.model import Frame, Repository, Service
from tests.source.test_paths import HOSTILE
from tests.source.transcript import World, assert_clean, run

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


def shop(*names: str) -> World:
    return {"acme/shop": {"main": dict.fromkeys(names, "x")}}


@pytest.mark.parametrize(
    ("path", "names", "found"),
    [
        ("/app/shop/cart.py", ["services/a/src/shop/cart.py", "cart.py"], "services/a/src/shop/cart.py"),
        ("/app/shop/cart.py", ["a/shop/cart.py", "cart/shop/cart.py"], "cart/shop/cart.py"),
        ("/app/main.py", ["main.py", "other/main.py"], "main.py"),
        ("/app/main.py", ["other/main.py"], "other/main.py"),
        ("/app/main.py", ["cart/src/main.py", "other/main.py"], "cart/src/main.py"),
        ("/app/main.py", ["a/main.py", "b/main.py"], None),
        ("main.py", ["a/deep/main.py"], "a/deep/main.py"),
        ("/app/main.py", ["site-packages/x/main.py"], None),
        ("/app/main.py", ["tests/main.py", "a/main.py"], "a/main.py"),
    ],
)
def test_anywhere_in_the_repository(path: str, names: list[str], found: str | None) -> None:
    transcript = run(shop(*names), path, service=CART)
    if found is None:
        assert transcript.reason
    else:
        assert transcript.found == ("suffix", "acme/shop", "main", found)


def test_what_speaks_against_a_match_is_said() -> None:
    assert "Only the file's name speaks for x/a.py" in run(shop("x/a.py"), "/app/a.py").notes[0]
    assert (
        "2 files of acme/shop at main are named a.py" in run(shop("x/a.py", "y/a.py"), "/app/a.py").notes[0]
    )
    assert (
        "2 files of acme/shop at main end like app/b/a.py"
        in run(shop("x/b/a.py", "y/b/a.py"), "/app/b/a.py").notes[0]
    )


def test_guesses_that_hit_cost_no_look_at_the_tree() -> None:
    assert not any("tree" in line for line in run(shop("shop/cart.py"), "/build/shop/cart.py").lines)


def test_without_a_tree_every_guess_is_tried() -> None:
    transcript = run(shop("cart.py"), "/build/shop/cart.py", trees=False)
    assert transcript.found == ("suffix", "acme/shop", "main", "cart.py")
    assert transcript.lines[-3] == "suffix: the tree of acme/shop@main? too large"
    assert "GitHub cuts the list of files of acme/shop short" in transcript.lines[-2]
    assert transcript.lines[-1] == "suffix: acme/shop@main:cart.py? yes"
