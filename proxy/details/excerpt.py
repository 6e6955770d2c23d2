"""The lines of source to show of a function. Pure.

A function is shown from its first line to its last, with some lines around. A profile knows the first line
at best. What it does not know is guessed from how the lines are indented, which holds for braces and for
Python alike, and never hides a line that was sampled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

USUAL_CONTEXT = 5
MOST_CONTEXT = 1000
LARGEST_TEXT = 2 * 1024 * 1024
"""Characters of an excerpt; a whole file that has more is cut."""
LONGEST_LINE = 10_000
"""Characters of a line; minified code has longer ones."""
_LARGEST_READ = 16 * 1024 * 1024
_MOST_LINES = 50_000
_BINARY_SAMPLE = 8000
"""Bytes in which git looks for NUL to tell binary files."""
_FARTHEST_START, _FARTHEST_END = 60, 400
_LONGEST_NAME = 200
_ARGUMENTS = re.compile(r"\([^()]*\)\Z|\[[^\[\]]*\]")
_LAST_WORD = re.compile(r"[\w$]+(?=\W*\Z)")


class BinaryError(Exception):
    """The file is no text."""


class Span(NamedTuple):
    """What to show.

    Attributes:
        name: of the function, as in the profile.
        start_line: of its definition, from 1; 0: not known.
        sampled: the lines that were sampled.
        context: lines before and after it.
        whole: show the whole file instead.
    """

    name: str
    start_line: int
    sampled: Collection[int]
    context: int = USUAL_CONTEXT
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file.

    Attributes:
        first_line: the number of the first of them, from 1; 0 when there are none.
        text: the lines without their ends.
        truncated: whether less is shown than was asked for.
        last_line: the number of the last line of the file, as far as it was read.
    """

    first_line: int
    text: tuple[str, ...]
    truncated: bool
    last_line: int


def excerpt(content: bytes, span: Span) -> Excerpt:
    """Cut the lines to show out of a file.

    Args:
        content: the file; bytes that are no UTF-8 are replaced.
        span: what to show.

    Raises:
        BinaryError: it is no text.
    """
    if b"\0" in content[:_BINARY_SAMPLE]:
        raise BinaryError
    lines = _lines(content[:_LARGEST_READ])
    cut = len(content) > _LARGEST_READ
    first, last = (1, len(lines)) if span.whole else _around(lines, span)
    text, is_short = _bounded(lines[first - 1 : last] if first else [])
    return Excerpt(first if text else 0, tuple(text), is_short or (cut and last == len(lines)), len(lines))


def _lines(content: bytes) -> list[str]:
    r"""Compilers end lines with ``\n`` and with ``\r\n``; other ends count where there are no such ones."""
    text = content.decode("utf-8", errors="replace").removeprefix("\ufeff")
    end = "\n" if "\n" in text else "\r"
    lines = text.split(end)
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def _around(lines: Sequence[str], span: Span) -> tuple[int, int]:
    """The first and the last line to show; 0 and 0 when the file does not have the function's lines."""
    inside = sorted(line for line in span.sampled if 0 < line <= len(lines))
    known = [line for line in (span.start_line, *inside[:1]) if 0 < line <= len(lines)]
    if not known:
        return 0, 0
    start, last = min(known), max([*known, *inside[-1:]])
    if not 0 < span.start_line <= start:
        start = _definition(lines, start, span.name)
    end = _end(lines, start, last)
    return max(1, start - span.context), min(len(lines), end + span.context)


def _definition(lines: Sequence[str], first: int, name: str) -> int:
    """The line above ``first`` that seems to define the function, or ``first`` when none does."""
    word = _LAST_WORD.search(_ARGUMENTS.sub("", name[-_LONGEST_NAME:]))
    if word is None:
        return first
    pattern = re.compile(rf"(?<![\w$.]){re.escape(word[0])}\s*[(<=:]")
    inner = _indent(lines[first - 1])
    for number in range(first - 1, max(0, first - _FARTHEST_START), -1):
        line = lines[number - 1][:LONGEST_LINE]
        # A call of the function is indented as deep as the code around it, or deeper.
        if _indent(line) < inner and pattern.search(line):
            return number
    return first


def _end(lines: Sequence[str], start: int, last: int) -> int:
    """The last line of the function: the next one that is indented no deeper than the first one."""
    outer = _indent(lines[start - 1])
    last = max(last, _head(lines, start, outer))
    for number in range(last + 1, min(len(lines), last + _FARTHEST_END) + 1):
        line = lines[number - 1]
        text = line[:LONGEST_LINE].strip()
        if not text or _indent(line) > outer or text[0] == ")":
            continue
        return number if text[0] in "}]" else number - 1
    return len(lines) if len(lines) <= last + _FARTHEST_END else last


def _head(lines: Sequence[str], start: int, outer: int) -> int:
    """The line with the name of a function whose first line is a decorator or an annotation."""
    for number in range(start, min(len(lines), start + _FARTHEST_START) + 1):
        line = lines[number - 1]
        if _indent(line) == outer and line.strip()[:1] not in ("@", ")", ""):
            return number
    return start


def _indent(line: str) -> int:
    head = line[:LONGEST_LINE]
    return len(head) - len(head.lstrip())


def _bounded(lines: Sequence[str]) -> tuple[list[str], bool]:
    """The lines as far as they are not too much, and whether that is less than all."""
    kept: list[str] = []
    size, is_short = 0, False
    for line in lines:
        if len(line) > LONGEST_LINE:
            line, is_short = line[:LONGEST_LINE], True  # noqa: PLW2901 - the rest of it goes nowhere
        size += len(line) + 1
        if size > LARGEST_TEXT or len(kept) == _MOST_LINES:
            return kept, True
        kept.append(line)
    return kept, is_short
