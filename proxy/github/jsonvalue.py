"""Reading JSON that somebody else wrote: each value is what it should be, or ``Malformed`` is raised."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from proxy.github import names

Object = dict[str, Any]


class Malformed(ValueError):  # noqa: N818 - it names what the answer is, not what went wrong here
    """An answer that is not what GitHub documents; the message says what is missing, without content."""


def parse(body: bytes) -> Any:
    """Parse JSON; deep nesting, huge numbers and invalid UTF-8 are malformed as well."""
    with suppress(ValueError, RecursionError):
        return json.loads(body)
    # Raised out here, as the parser's own error holds the whole text, however large, for as long as it lives.
    raise Malformed("it is not JSON")


def parse_object(body: bytes) -> Object:
    """Parse a JSON object."""
    return as_object(parse(body), "the answer")


def as_object(value: Any, what: str) -> Object:
    """The value, which must be an object; ``what`` names it in the error."""
    if not isinstance(value, dict):
        raise Malformed(f"{what} is not an object")
    return value


def child(value: Object, key: str) -> Object:
    """The object under ``key``; empty when there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def text(value: Object, key: str) -> str:
    """The string under ``key``, empty when there is none; lone surrogates become ``?``."""
    found = value.get(key)
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""


def told_text(value: Object, key: str) -> str:
    """The string under ``key``, which GitHub always tells: without it, the answer is none to be believed."""
    if not isinstance(value.get(key), str):
        raise Malformed(f"{key} is not a string")
    return text(value, key)


def sha(value: Object, key: str) -> str:
    """The full object id under ``key``."""
    found = text(value, key)
    if not names.is_sha(found):
        raise Malformed(f"{key} is not an object id")
    return found


def size(value: Object, key: str) -> int:
    """The number of bytes under ``key``."""
    found = value.get(key)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise Malformed(f"{key} is not a size")
    return found


def web_url(value: Object, key: str) -> str:
    """The http or https URL under ``key``; anything else counts as none."""
    found = text(value, key)
    return found if found.startswith(("https://", "http://")) else ""
