"""What a proxy does to the head of a message: pure functions from parsed heads to bytes.

https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 (Connection and hop-by-hop),
https://www.rfc-editor.org/rfc/rfc9112#section-6 (how long a body is)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
FORWARDED = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"})
_NO_NAMES: frozenset[bytes] = frozenset()
_USUAL = frozenset({b"close", b"keep-alive"})
_IDEMPOTENT_METHODS = frozenset({b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"})
FIRST_FINAL_STATUS = 200


class Framing(Enum):
    """How the end of a body is known."""

    NONE = "none"
    SIZED = "sized"
    CHUNKED = "chunked"
    UNTIL_CLOSE = "until close"


# A member is looked up through its class each time, which costs as much as a call.
UNFRAMED: Final = Framing.NONE
SIZED: Final = Framing.SIZED
CHUNKED: Final = Framing.CHUNKED
UNTIL_CLOSE: Final = Framing.UNTIL_CLOSE


@dataclass(slots=True, weakref_slot=True)
class RequestHead:
    """The head of a request as it was parsed; several requests with equal heads may share it.

    Attributes:
        method: in upper case as sent.
        target: the request target as sent; see ``origin_form``.
        minor: the minor HTTP version, 0 or 1.
        headers: names and values in order, duplicates kept.
        framing: how long the body is; ``length`` counts where it is ``SIZED``.
        keep_alive: whether the client wants to keep the connection.
        plan: what was decided of it, for the next request with the same head.
        read_from: the bytes that it was read from, where it is remembered.
        passed: the headers as they go on, but ``Host``, where that is known; ``host`` is its value then.
    """

    method: bytes
    target: bytes
    minor: int
    headers: Headers
    framing: Framing
    length: int
    keep_alive: bool
    plan: object = field(default=None, compare=False, repr=False)
    read_from: bytes = field(default=b"", init=False, compare=False, repr=False)
    passed: bytes = field(default=b"", init=False, compare=False, repr=False)
    host: bytes = field(default=b"", init=False, compare=False, repr=False)


@dataclass(slots=True, weakref_slot=True)
class ResponseHead:
    """The head of an answer as it was parsed; several answers with equal heads may share it.

    Attributes:
        framing: minds HEAD, 204 and 304 already.
        forwarded: what goes to a client of HTTP/1.1 whose connection stays, once that was worked out.
        read_from: the bytes that it was read from, where it is remembered.
    """

    status: int
    reason: bytes
    headers: Headers
    framing: Framing
    length: int
    forwarded: bytes = field(default=b"", compare=False, repr=False)
    read_from: bytes = field(default=b"", init=False, compare=False, repr=False)


class Hop(NamedTuple):
    """What forwarding adds to a request.

    Attributes:
        host: the value of ``Host`` for the server behind.
        path_prefix: put before the path, without a slash at its end.
        client_address: appended to ``X-Forwarded-For``; empty where it is not known.
        scheme: ``http`` or ``https``, as the client came.
        request_id: sent as ``X-Request-Id`` in place of the client's own; empty for none.
    """

    host: bytes
    path_prefix: bytes
    client_address: bytes
    scheme: bytes
    request_id: bytes = b""


def header(headers: Headers, name: bytes) -> bytes | None:
    """The first value of the header ``name`` (given in lower case), or ``None``."""
    size = len(name)
    for key, value in headers:
        if len(key) == size and key.lower() == name:
            return value
    return None


def origin_form(target: bytes) -> tuple[bytes, bytes | None]:
    """Split a request target into its path with query, exactly as sent, and its authority if it has one.

    The absolute form comes from clients that take us for a forward proxy; its authority then stands
    above the ``Host`` header. https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
    A user name and password before it go no further.
    """
    if target.startswith(b"/") or target == b"*":
        return target, None
    _, separator, rest = target.partition(b"://")
    if not separator:
        return target, None
    cut = next((i for i, byte in enumerate(rest) if byte in b"/?#"), len(rest))
    path = rest[cut:]
    return (path if path.startswith(b"/") else b"/" + path), rest[:cut].rpartition(b"@")[2]


def is_idempotent(method: bytes) -> bool:
    """Whether twice does no more than once: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2."""
    return method in _IDEMPOTENT_METHODS


def named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """The headers, in lower case, that ``Connection`` names as meant for the next server alone."""
    names = _NO_NAMES
    for key, value in headers:
        # The word's length is cheap to check first, and what it nearly always says is known.
        if len(key) == 10 and key.lower() == b"connection" and value not in _USUAL:  # noqa: PLR2004
            names |= {name.strip().lower() for name in value.split(b",")}
    return names - _USUAL


def forwarded_request(head: RequestHead, hop: Hop) -> bytes:
    """The head that goes to the server behind, with the blank line that ends it.

    Method, raw target, and end-to-end headers stay as they came, in their order and spelling.
    """
    path, authority = origin_form(head.target)
    if head.passed and hop.client_address and not hop.request_id:
        return _forwarded_lines(head, hop)
    lines = [
        head.method + b" " + (path if path == b"*" else hop.path_prefix + path) + b" HTTP/1.1",
        b"Host: " + hop.host,
    ]
    named = named_by_connection(head.headers)
    if hop.request_id:
        named |= {b"x-request-id"}
    seen: dict[bytes, int] = {}
    host = authority
    for key, value in head.headers:
        name = key.lower()
        if name == b"host":
            host = host or value
        elif name == b"content-length":
            lines.append(b"Content-Length: %d" % head.length)
        elif name not in HOP_BY_HOP and name not in named:
            if name in FORWARDED:
                seen[name] = len(lines)
            lines.append(key + b": " + value)
    _add_forwarded(lines, seen, hop, host)
    if hop.request_id:
        lines.append(b"X-Request-Id: " + hop.request_id)
    if head.framing is Framing.CHUNKED:
        lines.append(b"Transfer-Encoding: chunked")
    lines.append(b"\r\n")
    return b"\r\n".join(lines)


def _forwarded_lines(head: RequestHead, hop: Hop) -> bytes:
    """The same where it is known which lines go on, and none of them says whose request it is."""
    return b"%b %b%b HTTP/1.1\r\nHost: %b\r\n%b\r\n%b\r\n\r\n" % (
        head.method,
        hop.path_prefix,
        head.target,
        hop.host,
        head.passed,
        b"X-Forwarded-For: %b\r\nX-Forwarded-Host: %b\r\nX-Forwarded-Proto: %b"
        % (hop.client_address, head.host, hop.scheme),
    )


def _add_forwarded(lines: list[bytes], seen: dict[bytes, int], hop: Hop, host: bytes | None) -> None:
    """Say whose request it is: append to ``X-Forwarded-For``, set the others where they are absent."""
    if hop.client_address:
        if (at := seen.get(b"x-forwarded-for")) is not None:
            lines[at] += b", " + hop.client_address
        else:
            lines.append(b"X-Forwarded-For: " + hop.client_address)
    if host and b"x-forwarded-host" not in seen:
        lines.append(b"X-Forwarded-Host: " + host)
    if b"x-forwarded-proto" not in seen:
        lines.append(b"X-Forwarded-Proto: " + hop.scheme)


def forwarded_response(head: ResponseHead, framing: Framing, minor: int, *, keep_alive: bool) -> bytes:
    """The head that goes to the client, with the blank line that ends it.

    Args:
        head: what the server behind answered.
        framing: how the body goes out: ``CHUNKED``, ``UNTIL_CLOSE``, or as it came.
        minor: the client's minor HTTP version.
        keep_alive: whether the client's connection stays open afterwards.
    """
    is_usual = keep_alive and minor == 1 and framing is head.framing
    if is_usual and head.forwarded:
        return head.forwarded
    forwarded = _rewritten_response(head, framing, minor, keep_alive=keep_alive)
    if is_usual:
        head.forwarded = forwarded
    return forwarded


def _rewritten_response(head: ResponseHead, framing: Framing, minor: int, *, keep_alive: bool) -> bytes:
    lines = [b"HTTP/1.1 %d " % head.status + head.reason]
    named = named_by_connection(head.headers)
    has_no_length = head.status < FIRST_FINAL_STATUS or head.status == HTTPStatus.NO_CONTENT
    for key, value in head.headers:
        name = key.lower()
        if name == b"content-length":
            if not has_no_length:
                lines.append(key + b": " + value)
        elif name not in HOP_BY_HOP and name not in named:
            lines.append(key + b": " + value)
    if head.status >= FIRST_FINAL_STATUS:
        if framing is Framing.CHUNKED:
            lines.append(b"Transfer-Encoding: chunked")
        if not keep_alive:
            lines.append(b"Connection: close")
        elif minor == 0:
            lines.append(b"Connection: keep-alive")
    lines.append(b"\r\n")
    return b"\r\n".join(lines)


def own_response(status: int, headers: Headers, body: bytes, *, keep_alive: bool, bodiless: bool) -> bytes:
    """A whole answer of the door itself, such as an error; ``bodiless`` leaves the body out for HEAD."""
    return own_head(status, headers, len(body), keep_alive=keep_alive) + (b"" if bodiless else body)


def own_head(status: int, headers: Iterable[tuple[bytes, bytes]], size: int, *, keep_alive: bool) -> bytes:
    """The head of an answer that is not passed on, with a body of ``size`` bytes."""
    lines = [b"HTTP/1.1 %d " % status + _reason(status)]
    lines.extend(key + b": " + value for key, value in headers)
    lines.append(b"Content-Length: %d" % size)
    if not keep_alive:
        lines.append(b"Connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _reason(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""


def outgoing_framing(head: ResponseHead, minor: int) -> Framing:
    """How an answer's body goes to a client of HTTP/1.``minor``."""
    if head.framing is SIZED or head.framing is UNFRAMED:
        return head.framing
    return CHUNKED if minor else UNTIL_CLOSE


def chunk(data: bytes | memoryview) -> bytes:
    """One chunk of a chunked body."""
    return b"".join((b"%x\r\n" % len(data), data, b"\r\n"))


LAST_CHUNK = b"0\r\n\r\n"
