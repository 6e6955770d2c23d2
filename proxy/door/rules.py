"""What a request's head must hold to beyond what llhttp checks: pure functions from heads to faults."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.door.heads import Framing, origin_form

if TYPE_CHECKING:
    from proxy.door.heads import RequestHead

# https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2: a name or an address, and perhaps a port.
HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Za-z:.%_~-]+\])(?::[0-9]*)?")
_WEB = re.compile(rb"https?://", re.IGNORECASE)
_USUAL_METHODS = frozenset({b"GET", b"POST", b"HEAD"})
# llhttp knows these for protocols that only look like HTTP: RTSP and Icecast's.
_OF_OTHER_PROTOCOLS = frozenset(
    b"DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD FLUSH"
    b" SOURCE".split()
)
Fault = tuple[HTTPStatus, str]


def head_fault(head: RequestHead) -> Fault | None:
    """What is wrong with a head that llhttp has read, as a status and a text; ``None`` for nothing."""
    if head.method not in _USUAL_METHODS:
        if head.method == b"CONNECT":
            return HTTPStatus.METHOD_NOT_ALLOWED, "CONNECT is for forward proxies"
        if head.method in _OF_OTHER_PROTOCOLS:
            return HTTPStatus.NOT_IMPLEMENTED, "a method of another protocol"
    if head.minor == 0 and head.framing is Framing.CHUNKED:
        return HTTPStatus.BAD_REQUEST, "HTTP/1.0 knows no chunked bodies"
    return _host_fault(head) or _target_fault(head)


def _host_fault(head: RequestHead) -> Fault | None:
    """Exactly one ``Host``, and one that can be one: https://www.rfc-editor.org/rfc/rfc9112#section-3.2."""
    hosts = [
        value
        for name, value in head.headers
        if len(name) == 4 and name.lower() == b"host"  # noqa: PLR2004 - the word's length, cheap to check
    ]
    if len(hosts) > 1 or (not hosts and head.minor == 1):
        return HTTPStatus.BAD_REQUEST, "a request of HTTP/1.1 needs exactly one Host header"
    if hosts and not HOST.fullmatch(hosts[0].rstrip(b" \t")):
        return HTTPStatus.BAD_REQUEST, "the Host header is no host"
    return None


def _target_fault(head: RequestHead) -> Fault | None:
    """A path, a web address, or the star of ``OPTIONS``: https://www.rfc-editor.org/rfc/rfc9112#section-3.2."""
    target = head.target
    if target.startswith(b"/"):
        return None
    if target == b"*":
        if head.method == b"OPTIONS":
            return None
        return HTTPStatus.BAD_REQUEST, "only OPTIONS may ask for *"
    authority = origin_form(target)[1]
    if not _WEB.match(target) or not authority or not HOST.fullmatch(authority) or authority[:1] == b":":
        return HTTPStatus.BAD_REQUEST, "the target is neither a path nor a web address"
    return None
