"""From the text of one scalar to a checked value, and back.

A reader either returns the value or raises ``InvalidValueError``, whose message is a predicate without
the value in it ("is no duration: …"): whoever knows whether the value may be shown puts it in front.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, NamedTuple

from yarl import URL

from proxy.config.model import HostPort, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PORT = 65535
MAX_DURATION_MS = 365 * 24 * 3600 * 1000
MAX_SIZE = 2**50
_UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION = re.compile("".join(f"(?:([0-9]{{1,12}}){unit})?" for unit in _UNITS_MS))
_UNITS_BYTES = {"TiB": 2**40, "GiB": 2**30, "MiB": 2**20, "KiB": 2**10, "B": 1}
_SIZE = re.compile("([0-9]{1,16})(" + "|".join(_UNITS_BYTES) + ")?")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,24})?|\.[0-9]{1,24})(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE
)
_WHOLE_NUMBER = re.compile("[+-]?[0-9]{1,18}")
# YAML 1.1's words without the one-letter ones, https://yaml.org/type/bool.html
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_.-]{1,253}(?<!-)")


class InvalidValueError(ValueError):
    """A value that cannot be used; the message goes on after "this value …" and never holds it."""


class Scalar(NamedTuple):
    """A scalar of the document, its variables expanded; ``plain`` when it stood without quotes."""

    text: str
    plain: bool = True


def encodable(scalar: Scalar) -> str:
    """Any text that can be written as UTF-8."""
    try:
        scalar.text.encode()
    except UnicodeEncodeError:
        raise InvalidValueError("is not valid UTF-8") from None
    return scalar.text


def line(scalar: Scalar) -> str:
    """A text without control characters; may be empty."""
    if _CONTROL.search(scalar.text):
        raise InvalidValueError("holds a control character")
    return encodable(scalar)


def name(scalar: Scalar) -> str:
    """A text without control characters that is not empty."""
    if not scalar.text.strip():
        raise InvalidValueError("must not be empty")
    return line(scalar)


def boolean(scalar: Scalar) -> bool:
    """``true`` or ``false``, without quotes."""
    value = _BOOLEANS.get(scalar.text.lower()) if scalar.plain else None
    if value is None:
        raise InvalidValueError(
            "is not true or false" + ("" if scalar.plain else " (write it without quotes)")
        )
    return value


def whole_number(minimum: int, maximum: int) -> Callable[[Scalar], int]:
    """Build the reader of a whole number within these bounds, both included."""

    def read(scalar: Scalar) -> int:
        if not scalar.plain or not _WHOLE_NUMBER.fullmatch(scalar.text):
            raise InvalidValueError(
                "is no whole number" + ("" if scalar.plain else " (write it without quotes)")
            )
        number = int(scalar.text)
        if not minimum <= number <= maximum:
            raise InvalidValueError(f"must be between {minimum} and {maximum}")
        return number

    return read


def ratio(scalar: Scalar) -> float:
    """A number from 0 to 1, without quotes."""
    if not scalar.plain or not _NUMBER.fullmatch(scalar.text):
        raise InvalidValueError("is no number" + ("" if scalar.plain else " (write it without quotes)"))
    number = float(scalar.text)
    if not 0 <= number <= 1:
        raise InvalidValueError("must be between 0 and 1")
    return number


def choice(*words: str, **aliases: str) -> Callable[[Scalar], str]:
    """Build the reader of one word out of several, in capitals or not."""

    def read(scalar: Scalar) -> str:
        word = scalar.text.lower()
        word = aliases.get(word, word)
        if word not in words:
            raise InvalidValueError(f"is none of {', '.join(words)}")
        return word

    return read


def duration(*, zero: bool) -> Callable[[Scalar], float]:
    """Build the reader of a duration such as ``500ms``, ``30s``, ``1m30s``, ``8h`` or ``1d``, in seconds."""

    def read(scalar: Scalar) -> float:
        match = _DURATION.fullmatch(scalar.text)
        if scalar.text.startswith("-"):
            raise InvalidValueError("must not be negative")
        if not match or not scalar.text:
            raise InvalidValueError(
                "is no duration: write whole numbers with units, like 500ms, 30s, 1m30s or 8h"
            )
        total = sum(
            int(count or 0) * unit for count, unit in zip(match.groups(), _UNITS_MS.values(), strict=True)
        )
        if not total and not zero:
            raise InvalidValueError("must be longer than zero")
        if total > MAX_DURATION_MS:
            raise InvalidValueError("is longer than a year")
        return total / 1000

    return read


def write_duration(seconds: float) -> str:
    """Write a duration of whole milliseconds as ``duration`` reads it: ``90.0`` is ``1m30s``."""
    rest = round(seconds * 1000)
    parts = []
    for unit, length in _UNITS_MS.items():
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def size(scalar: Scalar) -> int:
    """A size such as ``64KiB``, ``256MiB``, ``1GiB`` or a plain number of bytes, in bytes; not zero."""
    match = _SIZE.fullmatch(scalar.text)
    if scalar.text.startswith("-"):
        raise InvalidValueError("must not be negative")
    if not match:
        raise InvalidValueError(
            "is no size: write a whole number with KiB, MiB or GiB, like 256MiB, or plain bytes"
        )
    total = int(match[1]) * _UNITS_BYTES[match[2] or "B"]
    if not total:
        raise InvalidValueError("must be more than zero")
    if total > MAX_SIZE:
        raise InvalidValueError("is larger than 1024TiB")
    return total


def write_size(count: int) -> str:
    """Write a number of bytes in the largest unit that divides it: ``268435456`` is ``256MiB``."""
    unit, length = next((unit, length) for unit, length in _UNITS_BYTES.items() if count % length == 0)
    return f"{count // length}{unit}"


def host_port(scalar: Scalar) -> HostPort:
    """``HOST:PORT``, an IPv6 address in brackets; port 0 lets the system choose a free one."""
    host, colon, port = scalar.text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not colon or not re.fullmatch("[0-9]{1,5}", port) or not host or (":" in host and not bracketed):
        raise InvalidValueError("is no HOST:PORT, like 0.0.0.0:4041, localhost:4041 or [::]:4041")
    if int(port) > MAX_PORT:
        raise InvalidValueError(f"has a port above {MAX_PORT}")
    if not (_is_ipv6(host) if bracketed else _HOST_NAME.fullmatch(host)):
        raise InvalidValueError("has a host that is neither a name nor an address")
    return HostPort(host, int(port))


def base_url(scalar: Scalar) -> URL:
    """Read an http or https URL that paths are added to: a path prefix is allowed, no query.

    Slashes at its end are dropped, so that whoever adds a path knows what to add.
    """
    if "?" in scalar.text:
        raise InvalidValueError("must not have a query")
    # Written and read again, a port that is its scheme's own is gone, and equal URLs compare equal.
    return URL(str(_http_url(Scalar(scalar.text.rstrip("/")))))


def optional_base_url(scalar: Scalar) -> URL | None:
    """As ``base_url``; empty is ``None``."""
    return base_url(scalar) if scalar.text else None


def callback_url(scalar: Scalar) -> str:
    """Read an http or https URL as it is written, because GitHub compares it so; may be empty."""
    if scalar.text:
        _http_url(scalar)
    return scalar.text


def redis_url(scalar: Scalar) -> Secret:
    """``redis://``, ``rediss://`` or ``unix://``, which may hold a password; may be empty."""
    text = line(scalar)
    if text and not re.match("(?:rediss?|unix)://", text):
        raise InvalidValueError("must start with redis://, rediss:// or unix://")
    if text.startswith("redis"):
        _check_host(_split(text), "; in a password, characters like # / ? @ are percent-encoded")
    return Secret(text)


def one_line_secret(scalar: Scalar) -> Secret:
    """Read a secret of one line; may be empty."""
    return Secret(line(scalar))


def any_secret(scalar: Scalar) -> Secret:
    """Read a secret of any text; may be empty."""
    return Secret(encodable(scalar))


def _http_url(scalar: Scalar) -> URL:
    text = line(scalar)
    if not re.match("https?://", text, re.IGNORECASE):
        raise InvalidValueError("must start with http:// or https://")
    if re.search(r"[\s\\]", text):
        raise InvalidValueError("holds a space or a backslash")
    if "#" in text:
        raise InvalidValueError("must not have a fragment")
    url = _split(text)
    if "@" in re.split("[/?]", text, maxsplit=3)[2]:
        raise InvalidValueError("must not hold a user name or a password")
    _check_host(url)
    return url


def _split(text: str) -> URL:
    try:
        return URL(text)
    except ValueError:  # its message may hold the value
        raise InvalidValueError("is no URL, or has a port that is none") from None


def _check_host(url: URL, hint: str = "") -> None:
    host = url.raw_host or ""
    if not (_HOST_NAME.fullmatch(host) or _is_ipv6(host)):
        raise InvalidValueError(f"has no valid host{hint}")
    if url.explicit_port == 0:
        raise InvalidValueError(f"has a port outside 1 to {MAX_PORT}")


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
