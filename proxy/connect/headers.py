"""What the headers of a call say: pure functions from header values to plain ones.

https://connectrpc.com/docs/protocol#unary-request, https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
"""

from __future__ import annotations

import re
from enum import Enum

from proxy.errors import Code, RpcError

_TIMEOUT = re.compile(r"[0-9]{1,10}", re.ASCII)
_REQUEST_ID = re.compile(r"[0-9A-Za-z._:/+=-]{1,128}", re.ASCII)
_QUALITY = re.compile(r"(0(\.[0-9]{0,3})?|1(\.0{0,3})?)", re.ASCII)
_PROTOCOL_VERSION = "1"
_MS_PER_SECOND = 1000.0


class Format(Enum):
    """How a message is written; ``value`` is its media type."""

    JSON = "application/json"
    PROTO = "application/proto"


class Compression(Enum):
    """How a body is compressed; ``value`` is the content coding."""

    IDENTITY = "identity"
    GZIP = "gzip"


ACCEPT_POST = ", ".join(member.value for member in Format)


def format_of(content_type: str) -> Format | None:
    """The format that a ``Content-Type`` names, or ``None`` where it is not one of ours.

    JSON is UTF-8 (https://www.rfc-editor.org/rfc/rfc8259#section-8.1), so a parameter that says so is
    welcome and one that says otherwise is not. Streaming types (``application/connect+json``) are not ours.
    """
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {_unquoted(value) for name, _, value in map(_parted, parameters) if name == "charset"}
    if not charsets <= {"utf-8", "utf8"}:
        return None
    return next((member for member in Format if member.value == media_type), None)


def _parted(parameter: str) -> tuple[str, str, str]:
    name, separator, value = parameter.partition("=")
    return name.strip(), separator, value.strip()


def _unquoted(value: str) -> str:
    return value.strip('"')


def compression_of(content_encoding: str) -> Compression:
    """The compression that a ``Content-Encoding`` names; an empty value means none.

    Raises:
        RpcError: ``unimplemented`` with the list of what is supported, as the protocol asks.
    """
    name = content_encoding.strip().lower() or Compression.IDENTITY.value
    for member in Compression:
        if member.value == name:
            return member
    supported = ", ".join(member.value for member in Compression)
    raise RpcError(
        Code.UNIMPLEMENTED,
        f"The request's Content-Encoding is not supported; supported encodings are {supported}.",
    )


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an ``Accept-Encoding`` allows gzip and does not like an uncompressed answer better."""
    qualities: dict[str, float] = {}
    for entry in accept_encoding.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        qualities[name] = _quality(parameters)
    gzip = qualities.get("gzip", qualities.get("*", 0.0))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def _quality(parameters: list[str]) -> float:
    for name, _, value in map(_parted, parameters):
        if name == "q":
            return float(value) if _QUALITY.fullmatch(value) else 0.0
    return 1.0


def timeout_of(connect_timeout_ms: str | None) -> float | None:
    """Seconds that a ``Connect-Timeout-Ms`` gives; ``None``: no limit is asked for.

    Raises:
        RpcError: ``invalid_argument`` when it is not a whole number of at most ten digits.
    """
    if connect_timeout_ms is None:
        return None
    if not _TIMEOUT.fullmatch(connect_timeout_ms):
        raise RpcError(
            Code.INVALID_ARGUMENT,
            "The header Connect-Timeout-Ms must be a whole number of milliseconds with at most 10 digits.",
        )
    return int(connect_timeout_ms) / _MS_PER_SECOND


def check_protocol_version(connect_protocol_version: str | None) -> None:
    """Accept a missing ``Connect-Protocol-Version`` (browsers send none) and version 1.

    Raises:
        RpcError: ``invalid_argument`` for any other version.
    """
    if connect_protocol_version not in (None, _PROTOCOL_VERSION):
        raise RpcError(
            Code.INVALID_ARGUMENT,
            f"The header Connect-Protocol-Version must be {_PROTOCOL_VERSION} or left out.",
        )


def request_id_of(x_request_id: str | None) -> str:
    """The request id, or nothing where it is missing or unfit to be written into an answer and a log."""
    return x_request_id if x_request_id is not None and _REQUEST_ID.fullmatch(x_request_id) else ""
