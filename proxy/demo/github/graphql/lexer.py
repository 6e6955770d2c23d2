"""From text to tokens: https://spec.graphql.org/October2021/#sec-Language.Source-Text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.demo.github.graphql.syntax import GraphQLError, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<Ignored> [\ \t\r\n,\ufeff]+ | \#[^\r\n]* )
    | (?P<Punctuator> \.\.\. | [!$&():=@\[\]{|}] )
    | (?P<Name> [_A-Za-z][_0-9A-Za-z]* )
    | (?P<Float> -?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?![\w.]) )
    | (?P<Int> -?(?:0|[1-9]\d*)(?![\w.]) )
    | (?P<Block> \"\"\"(?:\\\"\"\"|(?!\\?\"\"\").)*\"\"\" )
    | (?P<String> "(?:[^"\\\r\n]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\})*" )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}|(.))")
_NAMED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LINE = re.compile(r"\r\n|[\n\r]")
_MAX_CODE_POINT = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Token:
    """A token; ``kind`` is Punctuator, Name, Int, Float, String or End, ``text`` a string's content."""

    kind: str
    text: str
    location: Location


def tokens(source: str) -> Iterator[Token]:
    """The tokens of a document, an End token last.

    Raises:
        GraphQLError: something in it is no token.
    """
    position = line_start = 0
    line = 1
    while position < len(source):
        location = Location(line, position - line_start + 1)
        match = _TOKEN.match(source, position)
        if match is None or match.lastgroup is None:
            raise GraphQLError(
                f'Parse error on "{source[position]}" (error) at [{line}, {location.column}]', location
            )
        kind, text = match.lastgroup, match[0]
        if kind == "Block":
            yield Token("String", block_string(text[3:-3].replace('\\"""', '"""')), location)
        elif kind == "String":
            yield Token("String", _unescaped(text[1:-1], location), location)
        elif kind != "Ignored":
            yield Token(kind, text, location)
        for end in _LINE.finditer(text):
            line += 1
            line_start = position + end.end()
        position = match.end()
    yield Token("End", "end of document", Location(line, position - line_start + 1))


def block_string(raw: str) -> str:
    """What a block string means: common indentation, and empty lines around the text, do not count.

    https://spec.graphql.org/October2021/#BlockStringValue()
    """
    lines = _LINE.split(raw)
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines[1:] if line.strip(" \t")]
    common = min(indents, default=0)
    lines[1:] = [line[common:] for line in lines[1:]]
    while lines and not lines[0].strip(" \t"):
        lines.pop(0)
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    return "\n".join(lines)


def _unescaped(text: str, location: Location) -> str:
    def meaning(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        if not digits:
            return _NAMED[match[3]]
        number = int(digits, 16)
        if number > _MAX_CODE_POINT:
            raise GraphQLError(f"Invalid escape {match[0]} in string", location)
        return chr(number)

    # Two escapes may be the halves of one character.
    return _ESCAPE.sub(meaning, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
