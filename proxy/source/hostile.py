"""JSON and TOML that strangers write, read in bounded time; what cannot be read is ``None``."""

from __future__ import annotations

import json
import tomllib
from typing import Any

MAX_JSON = 8 * 1024 * 1024
MAX_TOML = 128 * 1024
# The standard parser's time grows with the square of the elements of a dotted key.
_MAX_DOTS_IN_LINE = 200


def json_object(data: bytes, limit: int = MAX_JSON) -> dict[str, Any] | None:
    """The object that ``data`` is in JSON (https://www.rfc-editor.org/rfc/rfc8259)."""
    if len(data) > limit:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def toml_table(data: bytes) -> dict[str, Any] | None:
    """The table that ``data`` is in TOML (https://toml.io/en/v1.0.0)."""
    if len(data) > MAX_TOML or any(line.count(b".") > _MAX_DOTS_IN_LINE for line in data.splitlines()):
        return None
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def table(value: Any, *keys: str) -> dict[str, Any]:
    """The object below the keys, empty when there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: Any, limit: int = 2048) -> str:
    """The value when it is a printable text that is not too long, else ``""``."""
    return value if isinstance(value, str) and len(value) <= limit and value.isprintable() else ""
