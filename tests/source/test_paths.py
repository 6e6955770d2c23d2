from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source import paths
from tests.source.transcript import assert_clean

# Built from the pieces of which tricks are made, so that hypothesis finds them soon.
HOSTILE = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            (
                "..",
                ".",
                "/",
                "//",
                "\\",
                "..\\",
                "%2e",
                "%2E%2e",
                "%2f",
                "%252e",
                "%00",
                "\0",
                "a",
                "b.py",
                "C:",
                "~",
                ":",
                "…",
                "\ud800",
                "\n",
                " ",
                "@v1",
                "vendor",
                "src",
                "file://",
                "webpack://",
            )
        ),
        max_size=30,
    ).map("".join),
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/app.py", "src/app.py"),
        ("/src/app.py", "src/app.py"),
        ("//src///app.py/", "src/app.py"),
        ("./src/./app.py", "src/app.py"),
        ("src/../app.py", "app.py"),
        ("src\\shop\\cart.py", "src/shop/cart.py"),
        ("C:\\src\\cart.py", "src/cart.py"),
        ("c:/src/cart.py", "src/cart.py"),
        ("\\\\host\\share\\cart.py", "host/share/cart.py"),
        ("/C:/src/cart.py", "src/cart.py"),
        ("C:/D:/E:", None),
        ("a:b/c.py", "a:b/c.py"),
        ("100%/x.py", "100%/x.py"),
        ("src/[id].tsx", "src/[id].tsx"),
        ("src/größe.py", "src/größe.py"),
        ("...", "..."),
        (".github/x", ".github/x"),
        ("", None),
        ("/", None),
        (".", None),
        ("..", None),
        ("../etc/passwd", None),
        ("/../etc/passwd", None),
        ("src/../../etc/passwd", None),
        ("..\\..\\etc", None),
        ("C:\\..\\etc", None),
        ("%2e%2e/etc", None),
        ("%2E%2E%2Fetc", None),
        ("%252e%252e/etc", None),
        ("src%5capp.py", None),
        ("src/app%00.py", None),
        ("src/app\0.py", None),
        ("src/app\n.py", None),
        ("src/\x7f", None),
        ("src/\ud800.py", None),
        ("a" * 4096, "a" * 4096),
        ("a" * 4097, None),
        ("ä" * 2049, None),
        ("/".join("a" * 128), "/".join("a" * 128)),
        ("/".join("a" * 129), None),
        ("/" * 5000, None),
    ],
)
def test_clean(path: str, expected: str | None) -> None:
    assert paths.clean(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("/", ""),
        (".", ""),
        ("./", ""),
        ("/services/shop/", "services/shop"),
        ("../x", None),
        ("\0", None),
    ],
)
def test_folder(path: str, expected: str | None) -> None:
    assert paths.folder(path) == expected


@pytest.mark.parametrize(
    ("parent", "path", "expected"),
    [
        ("", "a.py", "a.py"),
        ("src", "/a.py", "src/a.py"),
        ("src/", "b/../a.py", "src/a.py"),
        ("src/main", "../a.py", None),
        ("src", "", None),
        ("a" * 4090, "toolong.py", None),
    ],
)
def test_under(parent: str, path: str, expected: str | None) -> None:
    assert paths.under(parent, path) == expected


def test_suffixes_from_the_whole_path_to_the_name() -> None:
    assert list(paths.suffixes("a/b/c.py")) == ["a/b/c.py", "b/c.py", "c.py"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.PY", ".py"),
        ("a.d/b", ""),
        (".bashrc", ""),
        ("a\\b.Go", ".go"),
        ("b.tar.gz", ".gz"),
        ("", ""),
        ("b.", "."),
    ],
)
def test_extension(path: str, expected: str) -> None:
    assert paths.extension(path) == expected


@given(HOSTILE)
def test_nothing_escapes(path: str) -> None:
    cleaned = paths.clean(path)
    if cleaned is not None:
        assert_clean(cleaned)
        assert paths.clean(cleaned) == cleaned


@given(HOSTILE, HOSTILE)
def test_nothing_climbs_out_of_its_folder(parent: str, path: str) -> None:
    folder = paths.folder(parent)
    if folder is None:
        return
    joined = paths.under(folder, path)
    if joined is not None:
        assert_clean(joined)
        assert not folder or joined.startswith(f"{folder}/")


@given(HOSTILE)
def test_suffixes_are_ever_shorter_ends_of_the_path(path: str) -> None:
    cleaned = paths.clean(path)
    found = list(paths.suffixes(cleaned)) if cleaned else []
    assert len(found) == (cleaned.count("/") + 1 if cleaned else 0)
    for number, suffix in enumerate(found):
        assert cleaned is not None
        assert suffix.split("/") == cleaned.split("/")[number:]
