"""Log lines that machines can read: logfmt or JSON, one line for each record, whatever is in it.

A record's fields are handed over by ``log_line``, or by ``extra={"fields": {…}}`` of the standard
library. No value can end its line or pass for another field: what is not plain is quoted and escaped.
Values longer than ``MAX_VALUE`` characters are cut.

The logfmt is that of Grafana's own services (https://brandur.org/logfmt); timestamps are RFC 3339 in UTC
(https://www.rfc-editor.org/rfc/rfc3339).
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from proxy.config.model import Log

MAX_VALUE: Final = 8192
MAX_EXCEPTION: Final = 32768
_LARGEST_NUMBER: Final = 2**64  # beyond, writing a number can take long or be refused
_RESERVED: Final = frozenset({"ts", "level", "logger", "msg", "exception", "stack"})
# Printable ASCII without the space, the quote, the equals sign and the backslash.
_PLAIN: Final = re.compile(r"[!#-<>-\[\]-~]+")
_NOT_IN_KEY: Final = re.compile(r"[^A-Za-z0-9_.-]")


def log_line(
    logger: logging.Logger,
    level: int,
    message: str,
    /,
    *,
    exc_info: BaseException | None = None,
    **fields: object,
) -> None:
    """Log a message with fields.

    Faster than ``logger.log``: it does not look for the caller in the stack.

    Args:
        logger: whose level and handlers count.
        level: of ``logging``, such as ``logging.INFO``.
        message: a constant text; what varies belongs into fields. Never formatted with ``%``.
        exc_info: an exception whose traceback becomes the field ``exception``.
        fields: texts, numbers, booleans, ``None``; anything else is written as its ``str``.
    """
    if not logger.isEnabledFor(level):
        return
    trace = None if exc_info is None else (type(exc_info), exc_info, exc_info.__traceback__)
    record = logging.LogRecord(logger.name, level, "", 0, message, None, trace)
    record.__dict__["fields"] = fields
    logger.handle(record)


def configure(log: Log, stream: TextIO) -> None:
    """Send the records of all loggers to a stream; called again, it replaces what it set before.

    Args:
        log: level and format.
        stream: where lines go, usually standard error.
    """
    handler = _Handler(stream)
    handler.setFormatter(JsonFormatter() if log.format == "json" else LogfmtFormatter())
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.getLevelNamesMapping()[log.level.upper()])


class _Handler(logging.StreamHandler[TextIO]):
    """Our handler, told apart from those that others set."""


class _Formatter(logging.Formatter):
    """What both formats share: which fields a record has, in which order."""

    def __init__(self) -> None:
        super().__init__()
        self._second = -1
        self._second_text = ""

    def fields(self, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
        """Go through the fields of a record, names made safe, no name of ours taken by others."""
        yield "ts", self._timestamp(record.created)
        yield "level", record.levelname.lower()
        yield "logger", record.name
        yield "msg", _message(record)
        extra: Mapping[Any, object] = getattr(record, "fields", None) or {}
        for key, value in extra.items():
            yield _key(key), _value(value)
        if record.exc_info and record.exc_info[0]:
            yield "exception", _cut(self.formatException(record.exc_info), MAX_EXCEPTION)
        if record.stack_info:
            yield "stack", _cut(record.stack_info, MAX_EXCEPTION)

    def _timestamp(self, created: float) -> str:
        """Write Unix seconds; the part up to the second is kept, most lines share it with the one before."""
        milliseconds = int(created * 1000)
        second = milliseconds // 1000
        if second != self._second:
            self._second = second
            self._second_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._second_text}.{milliseconds % 1000:03d}Z"


class LogfmtFormatter(_Formatter):
    """``ts=… level=info logger=… msg="…" key=value``; quoted values are JSON strings."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line, without its end."""
        return " ".join([f"{key}={_logfmt(value)}" for key, value in self.fields(record)])


class JsonFormatter(_Formatter):
    """One JSON object for each record, with the keys of ``LogfmtFormatter``, in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line, without its end."""
        return json.dumps({key: _json(value) for key, value in self.fields(record)}, separators=(",", ":"))


def _message(record: logging.LogRecord) -> str:
    try:
        return _cut(record.getMessage())
    except Exception:  # noqa: BLE001 - arguments that do not fit their message must not cost the line
        return _cut(_text(record.msg))


def _key(key: object) -> str:
    name = _NOT_IN_KEY.sub("_", _text(key)) or "_"
    return f"{name}_" if name in _RESERVED else name


def _logfmt(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "null" if value is None else str(value)
    if _PLAIN.fullmatch(text):
        return text
    if text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(text)


def _json(value: object) -> object:
    """JSON has no word for infinity and for what is no number."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _value(value: object) -> str | float | None:
    """Reduce a field to what both formats can write: a number, a boolean, nothing, or a bounded text."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int) and abs(value) <= _LARGEST_NUMBER:
        return value
    return _cut(_text(value))


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - nor must a value that cannot be written
        return f"<{type(value).__name__}>"


def _cut(text: str, limit: int = MAX_VALUE) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
