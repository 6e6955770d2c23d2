from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.tree import MAX_LOOKED_AT, MAX_MATCHES, Entry, TreeIndex, Turn

OID = "0123456789abcdef0123456789abcdef01234567"


def blob(path: str, oid: str = OID) -> Entry:
    return Entry(path, "100644", "blob", oid)


def index(*names: str) -> TreeIndex:
    return TreeIndex([blob(name) for name in names])


SHOP = TreeIndex(
    [
        Entry("src", "040000", "tree", OID),
        blob("src/shop/cart.py", "a" * 40),
        Entry("src/shop/run.sh", "100755", "blob", "b" * 40),
        Entry("link", "120000", "blob", "c" * 40),
        Entry("libs/common", "160000", "commit", "d" * 40),
    ]
)


def test_which_folders_are_there() -> None:
    for path in ("src", "src/shop", "libs"):
        assert SHOP.may_have_folder(path)
    for path in ("shop", "rc", "src/sho", "src/shop/cart.py", "link", "\ud800"):
        assert not SHOP.may_have_folder(path)
    assert not TreeIndex([]).may_have_folder("src")
    within = [f"x{number}/src/y.py" for number in range(50)]
    assert not index(*within).may_have_folder("src")
    assert index(*within, "src/y.py").may_have_folder("src")


def test_looking_for_a_folder_ends() -> None:
    assert index(
        *(f"x{number}/src/y.py" for number in range(MAX_MATCHES * MAX_LOOKED_AT + 1))
    ).may_have_folder("src")


def test_what_is_there() -> None:
    assert SHOP.contains("src/shop/cart.py")
    assert SHOP.contains("libs/common")
    for path in ("src", "src/shop", "cart.py", "shop/cart.py", "src/shop/cart.pyc", "", "/", "\ud800"):
        assert not SHOP.contains(path)
        assert SHOP.oid_of(path) is None
        assert SHOP.mode_of(path) is None
    assert len(SHOP) == 4


def test_ids_and_modes() -> None:
    assert SHOP.oid_of("src/shop/cart.py") == "a" * 40
    assert [
        SHOP.mode_of(path) for path in ("src/shop/cart.py", "src/shop/run.sh", "link", "libs/common")
    ] == [
        "100644",
        "100755",
        "120000",
        "160000",
    ]


def test_ids_of_sha_256() -> None:
    assert TreeIndex([blob("a", "f" * 64)]).oid_of("a") == "f" * 64


@pytest.mark.parametrize("oids", [["xyz"], ["abc"], [""], ["a" * 40, "a" * 64], ["a" * 41]])
def test_ids_that_cannot_be_are_refused(oids: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - bytes.fromhex says it in its own words
        TreeIndex([blob(str(number), oid) for number, oid in enumerate(oids)])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("link", Turn("link", is_submodule=False, oid="c" * 40, rest="")),
        ("link/a/b.py", Turn("link", is_submodule=False, oid="c" * 40, rest="a/b.py")),
        ("libs/common/x.py", Turn("libs/common", is_submodule=True, oid="d" * 40, rest="x.py")),
        ("libs/commons/x.py", None),
        ("src/shop/cart.py", None),
        ("", None),
    ],
)
def test_links_and_submodules_on_the_way(path: str, expected: Turn | None) -> None:
    assert SHOP.resolve_link(path) == expected


def test_all_files_that_end_so() -> None:
    tree = index(
        "a/org/example/App.java",
        "org/example/App.java",
        "xorg/example/App.java",
        "a/org/example/App.java.txt",
    )
    assert tree.ending_with("org/example/App.java") == ("org/example/App.java", "a/org/example/App.java")
    assert tree.ending_with("example/App.java", "xorg")[0] == "xorg/example/App.java"
    assert tree.ending_with("missing.java") == ()


@pytest.mark.parametrize(
    ("names", "under", "best"),
    [
        (["a/x.py", "services/cart/x.py"], "services/cart", "services/cart/x.py"),
        (["a/x.py", "services/x.py"], "services/cart", "services/x.py"),
        (["services/cart/deep/down/x.py", "x.py"], "services/cart", "services/cart/deep/down/x.py"),
        (["tests/x.py", "very/deep/down/x.py"], "", "very/deep/down/x.py"),
        (["b/src/test/java/x.py", "c/src/main/java/x.py"], "", "c/src/main/java/x.py"),
        (["b/x.py", "a/b/x.py"], "", "b/x.py"),
        (["b/x.py", "a/x.py"], "", "a/x.py"),
    ],
)
def test_the_nearest_comes_first_and_sources_before_tests(names: list[str], under: str, best: str) -> None:
    assert index(*names).ending_with("x.py", under)[0] == best


@pytest.mark.parametrize(
    ("path", "names", "elements", "best"),
    [
        ("app/src/shop/cart.py", ["src/shop/cart.py", "cart.py", "shop/cart.py"], 3, "src/shop/cart.py"),
        ("app/shop/cart.py", ["x/myshop/cart.py", "a/cart.py"], 1, "a/cart.py"),
        ("shop/cart.py", ["shop/cart.py"], 2, "shop/cart.py"),
        ("cart.py", ["deep/down/cart.py"], 1, "deep/down/cart.py"),
        ("cart.py", ["mycart.py"], 0, None),
        ("a/größe.py", ["x/größe.py"], 1, "x/größe.py"),
        ("", ["x.py"], 0, None),
    ],
)
def test_the_longest_suffix(path: str, names: list[str], elements: int, best: str | None) -> None:
    matches = index(*names).longest_suffix(path)
    assert matches.elements == elements
    assert (matches.paths[0] if matches.paths else None) == best


def test_folders_that_do_not_count() -> None:
    tree = index("node_modules/a/lib/x.js", "src/x.js")
    without = frozenset({"node_modules"})
    assert tree.longest_suffix("a/lib/x.js", without=without).paths == ("src/x.js",)
    assert tree.ending_with("lib/x.js", without=without) == ()


def test_submodules_are_no_files() -> None:
    assert SHOP.longest_suffix("x/common").paths == ()


def test_an_empty_tree() -> None:
    tree = TreeIndex([])
    assert not tree.contains("x")
    assert tree.longest_suffix("a/x").paths == ()


def test_of_too_many_the_ones_above_the_root_path_are_seen() -> None:
    names = [f"a{number:04}/x.py" for number in range(1000)]
    matches = index(*names, "zzz/x.py").longest_suffix("app/x.py", "zzz/deep")
    assert matches.paths[0] == "zzz/x.py"
    assert len(matches.paths) == MAX_MATCHES < MAX_LOOKED_AT < matches.total == 1001


def test_names_that_no_question_may_have_are_not_given() -> None:
    assert index("a\n/x.py", "%2e%2e/x.py").ending_with("x.py") == ()
    assert len(index("\ud800/x.py")) == 0


def test_the_size_is_what_is_held() -> None:
    names = [f"services/service{number}/src/module/file{number}.py" for number in range(10_000)]
    tree = index(*names)
    text = sum(len(name) + 1 for name in names)
    assert text + 10_000 * 25 <= tree.size <= text + 10_000 * 27 + 1000


ELEMENT = st.sampled_from(["a", "b", "ab", "ba", "c.py", "xc.py"])
PATHS = st.lists(ELEMENT, min_size=1, max_size=5).map("/".join)


def slowly(names: set[str], path: str) -> tuple[int, set[str]]:
    elements = path.split("/")
    for start in range(len(elements)):
        suffix = "/".join(elements[start:])
        found = {name for name in names if name == suffix or name.endswith(f"/{suffix}")}
        if found:
            return len(elements) - start, found
    return 0, set()


@given(st.sets(PATHS, max_size=12), PATHS)
def test_the_index_knows_what_looking_at_every_path_finds(names: set[str], path: str) -> None:
    tree = index(*names)
    elements, found = slowly(names, path)
    matches = tree.longest_suffix(path, "a")
    assert (matches.elements, set(matches.paths)) == (elements, found)
    assert tree.contains(path) is (path in names)
