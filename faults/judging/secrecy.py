"""What a log may not hold: secrets, source, and the traces of what nobody foresaw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(rb"gh[a-z]_[0-9A-Za-z]{16,}")
_UNFORESEEN = re.compile(
    rb"Traceback \(most recent call last\)|never retrieved|was never awaited|Task was destroyed|"
    rb"Unclosed |Unhandled|--- Logging error|not foreseen|Fatal Python error"
)
_SHOWN = 160


def told(log: bytes, secrets: Mapping[str, bytes], *, unforeseen: bool = True) -> list[str]:
    """What is in a piece of a log that may not be there; secrets themselves are not repeated.

    Args:
        log: the piece.
        secrets: what must not occur, by the name to call it by.
        unforeseen: whether to look for tracebacks and their like as well.
    """
    found = [f"the log holds {name}" for name, secret in secrets.items() if secret and secret in log]
    if _TOKEN.search(log):
        found.append("the log holds what looks like a GitHub token")
    if unforeseen and (match := _UNFORESEEN.search(log)):
        line = log[log.rfind(b"\n", 0, match.start()) + 1 : match.end() + _SHOWN].decode("utf-8", "replace")
        found.append(f"the log shows what was not foreseen: {line!r}")
    return found
