"""Which lines of a file are shown of a function."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.details.excerpt import LONGEST_LINE, BinaryError, Excerpt, Span, excerpt

GO = """\
package coupon

import "strings"

// Parse reads a code.
func Parse(code string) string {
\tif code == "" {
\t\treturn ""
\t}

\treturn strings.ToUpper(code)
}

// Other is another.
func Other() {}
"""
PYTHON = '''\
import functools


class Catalogue:
    @functools.cache
    def rank(
        self,
        query,
    ):
        """Rank all.

Told at length.
        """
        for item in self.items:
            yield item

        yield None

    def other(self):
        return 1
'''
JAVA = """\
package com.acme;

class StockService {
    private int reserved;

    /** Reserves. */
    public synchronized int reserve(String sku)
            throws IOException {
        int before = reserved;
        if (sku.isEmpty()) {
            return reserve("none");
        }
        return before;
    }

    void release() { reserve("x"); }
}
"""
JAVASCRIPT = """\
import { a } from "./a.js";

export const total = (items) => {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return sum;
};

export function other() {}
"""


def shown(source: str | bytes, span: Span) -> tuple[int, int]:
    """The first and the last line that are shown."""
    content = source if isinstance(source, bytes) else source.encode()
    found = excerpt(content, span)
    lines = content.decode(errors="replace").replace("\r\n", "\n").split("\n")
    assert list(found.text) == lines[found.first_line - 1 : found.first_line - 1 + len(found.text)]
    return found.first_line, found.first_line + len(found.text) - 1


@pytest.mark.parametrize(
    ("source", "name", "start", "sampled", "lines"),
    [
        pytest.param(GO, "a/coupon.Parse", 6, [8], (6, 12), id="Go, from the start line to the brace"),
        pytest.param(GO, "a/coupon.Parse", 0, [11], (6, 12), id="Go, without a start line"),
        pytest.param(GO, "a/coupon.Parse", 6, [], (6, 12), id="Go, no line sampled"),
        pytest.param(GO, "a/coupon.(*T[...]).Parse", 0, [7, 11], (6, 12), id="Go, a method's name"),
        pytest.param(GO, "a/coupon.Parse[go.shape.int]", 0, [11], (6, 12), id="Go, a generic function"),
        pytest.param(GO, "a/coupon.Parse.func1", 8, [8], (8, 9), id="Go, a closure from its own line"),
        pytest.param(GO, "nothing/like.this", 0, [8], (8, 9), id="a name that is not there"),
        pytest.param(PYTHON, "Catalogue.rank", 5, [15], (5, 18), id="Python, from the decorator"),
        pytest.param(PYTHON, "rank", 5, [5, 14], (5, 18), id="Python, a text at the start of a line"),
        pytest.param(PYTHON, "rank", 0, [15, 17], (6, 18), id="Python, without a start line"),
        pytest.param(PYTHON, "other", 19, [20], (19, 20), id="Python, the last function"),
        pytest.param(JAVA, "com.acme.StockService.reserve", 0, [9, 13], (7, 14), id="Java"),
        pytest.param(JAVA, "com.acme.StockService.reserve(String)", 0, [11], (7, 14), id="Java, recursion"),
        pytest.param(JAVA, "com.acme.StockService.release", 0, [16], (16, 17), id="Java, one line"),
        pytest.param(JAVASCRIPT, "total", 3, [6], (3, 9), id="JavaScript"),
        pytest.param(JAVASCRIPT, "total", 0, [6], (3, 9), id="JavaScript, without a start line"),
        pytest.param(JAVASCRIPT, "<anonymous>", 0, [6], (6, 7), id="JavaScript, no name"),
        pytest.param(GO, "a/coupon.Parse", 900, [8], (6, 12), id="a start line beyond the file"),
        pytest.param(GO, "a/coupon.Parse", 13, [8], (6, 13), id="a start line behind what was sampled"),
        pytest.param(GO, "a/coupon.Parse", -5, [8, 0, -3, 2**63 - 1], (6, 12), id="lines that are none"),
    ],
)
def test_a_function_is_shown_whole(
    source: str, name: str, start: int, sampled: list[int], lines: tuple[int, int]
) -> None:
    assert shown(source, Span(name, start, sampled, context=0)) == lines


def test_lines_around_the_function_are_shown_as_far_as_there_are_any() -> None:
    assert shown(GO, Span("Parse", 6, [8], context=2)) == (4, 14)
    assert shown(GO, Span("Parse", 6, [8], context=100)) == (1, 15)


def test_the_whole_file_is_shown_on_request() -> None:
    assert excerpt(GO.encode(), Span("x", 0, [], whole=True)) == Excerpt(
        1, tuple(GO.splitlines()), truncated=False, last_line=15
    )


@pytest.mark.parametrize("span", [Span("f", 0, [99]), Span("f", 99, []), Span("f", 0, []), Span("f", 0, [0])])
def test_lines_that_the_file_does_not_have_show_nothing(span: Span) -> None:
    assert excerpt(b"one\ntwo\n", span) == Excerpt(0, (), truncated=False, last_line=2)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb", ("a", "b")),
        (b"a\nb\n", ("a", "b")),
        (b"a\r\nb\r\n", ("a", "b")),
        (b"a\rb\r", ("a", "b")),
        (b"\xef\xbb\xbfa\n", ("a",)),
        (b"a\xff\xfeb\n", ("a\ufffd\ufffdb",)),
        (b"a\x0bb\x0cc\xe2\x80\xa8d\n", ("a\x0bb\x0cc\u2028d",)),
        (b"a\n\n\n", ("a", "", "")),
        (b"\n", ("",)),
        (b"", ()),
    ],
)
def test_lines_are_those_of_compilers(content: bytes, lines: tuple[str, ...]) -> None:
    assert excerpt(content, Span("f", 0, [], whole=True)).text == lines


@pytest.mark.parametrize("content", [b"\x7fELF\x02\x01\x01\0", "text\n".encode("utf-16")])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(BinaryError):
        excerpt(content, Span("f", 0, [1]))


def test_long_lines_are_cut_and_it_is_said() -> None:
    found = excerpt(b"x" * 50_000 + b"\nshort\n", Span("f", 0, [1, 2], context=0))
    assert found == Excerpt(1, ("x" * LONGEST_LINE, "short"), truncated=True, last_line=2)


def test_too_much_text_is_cut_and_it_is_said() -> None:
    line = "y" * 999
    found = excerpt(f"{line}\n".encode() * 10_000, Span("f", 0, [], whole=True))
    assert found.truncated
    assert sum(len(line) + 1 for line in found.text) <= 2 * 2**20
    many = excerpt(b"\n" * 200_000, Span("f", 1, [1, 200_000]))
    assert (many.truncated, len(many.text)) == (True, 50_000)


def test_a_file_without_end_is_read_to_a_point() -> None:
    found = excerpt(b"z\n" * 10_000_000, Span("f", 5, [5], context=1))
    assert (found.first_line, found.truncated) == (4, False)
    assert excerpt(b"z\n" * 10_000_000, Span("f", 5, [], whole=True)).truncated


@pytest.mark.parametrize("name", ["", "(", "a" * 100_000, "\\", "f" + "(" * 5000, "\n", "💥", "$" * 5000])
def test_names_of_all_kinds_find_something_or_nothing(name: str) -> None:
    assert excerpt(GO.encode(), Span(name, 0, [8])).first_line > 0


@given(
    content=st.binary(max_size=300).filter(lambda content: b"\0" not in content),
    start=st.integers(-2, 40),
    sampled=st.lists(st.integers(-2, 40), max_size=5),
    context=st.integers(0, 5),
    name=st.text(max_size=5),
)
def test_every_sampled_line_that_is_there_is_shown(
    content: bytes, start: int, sampled: list[int], context: int, name: str
) -> None:
    found = excerpt(content, Span(name, start, sampled, context))
    shown = range(found.first_line, found.first_line + len(found.text))
    assert all(line in shown for line in sampled if 0 < line <= found.last_line)
    assert all(line in range(1, found.last_line + 1) for line in shown)
