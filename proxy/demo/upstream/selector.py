"""Label selectors, as in ``{service_name="checkout", region=~"eu-.+"}``. Pure.

Regular expressions match the whole value. They are read by Python's engine, which has most but not all
of RE2's syntax; what it does not understand is refused. It has no bound on time, so a selector is to be
trusted as far as the loopback that the sample upstream listens on.

https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LENGTH = 16 * 1024
"""Characters that a selector may have."""

_NAME = re.compile(r"\s*([A-Za-z_:][A-Za-z0-9_.:]*)?\s*", re.ASCII)
_OPERATOR = re.compile(r"(=~|!~|!=|=)\s*")
_VALUE = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`([^`]*)`')
_NEXT = re.compile(r"\s*([,}])")
_END = re.compile(r"\s*\Z")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label: ``pattern`` is set where ``value`` is a regular expression."""

    name: str
    value: str
    negated: bool = False
    pattern: re.Pattern[str] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil it; a label that is missing counts as empty."""
        actual = labels.get(self.name, "")
        same = actual == self.value if self.pattern is None else self.pattern.fullmatch(actual) is not None
        return same is not self.negated


@dataclass(frozen=True, slots=True)
class Selector:
    """Conditions that must all be fulfilled; none at all selects everything."""

    matchers: tuple[Matcher, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil every condition."""
        return all(matcher.matches(labels) for matcher in self.matchers)


def parse(text: str) -> Selector:
    """Read a selector; a name before the braces is the label ``__name__``, and nothing selects everything.

    Raises:
        RpcError: ``invalid_argument``, naming the position that could not be read.
    """
    if len(text) > MAX_LENGTH:
        raise RpcError(Code.INVALID_ARGUMENT, f"The label selector is longer than {MAX_LENGTH} characters.")
    metric, at = _name(text, 0)
    matchers = [Matcher("__name__", metric)] if metric else []
    if text[at : at + 1] == "{":
        inside, at = _braces(text, at + 1)
        matchers += inside
    if not _END.match(text, at):
        _refuse(at)
    return Selector(tuple(matchers))


def _braces(text: str, at: int) -> tuple[list[Matcher], int]:
    matchers: list[Matcher] = []
    while True:
        name, at = _name(text, at)
        if not name:
            if text[at : at + 1] != "}":
                _refuse(at)
            return matchers, at + 1
        operator = _OPERATOR.match(text, at)
        value = _VALUE.match(text, operator.end()) if operator else None
        separator = _NEXT.match(text, value.end()) if value else None
        if operator is None or value is None or separator is None:
            _refuse(at)
        matchers.append(_matcher(name, operator[1], _unquoted(value)))
        at = separator.end()
        if separator[1] == "}":
            return matchers, at


def _name(text: str, at: int) -> tuple[str, int]:
    found = _NAME.match(text, at)
    # The expression matches also nothing at all.
    return (found[1] or "", found.end()) if found else ("", at)


def _unquoted(value: re.Match[str]) -> str:
    raw: str | None = value[3]
    return raw if raw is not None else _ESCAPE.sub(_unescaped, value[1] if value[1] is not None else value[2])


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    if code not in _ESCAPED:
        raise RpcError(Code.INVALID_ARGUMENT, "The label selector has an escape that is not known.")
    return _ESCAPED[code]


def _matcher(name: str, operator: str, value: str) -> Matcher:
    negated = operator.startswith("!")
    if not operator.endswith("~"):
        return Matcher(name, value, negated)
    try:
        with warnings.catch_warnings():
            # Python warns of expressions that a later version may read otherwise; they are not ours.
            warnings.simplefilter("ignore")
            return Matcher(name, value, negated, re.compile(value, re.ASCII))
    except (re.error, OverflowError, RecursionError):
        raise RpcError(
            Code.INVALID_ARGUMENT, f"The regular expression for label {name} cannot be read."
        ) from None


def _refuse(at: int) -> NoReturn:
    raise RpcError(
        Code.INVALID_ARGUMENT,
        f'The label selector cannot be read at character {at + 1}; it looks like {{name="value", …}}.',
    )
