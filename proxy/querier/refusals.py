"""What an answer of Pyroscope's that is no profile means. Pure.

An error of the Connect protocol keeps its code and message, as Pyroscope's words say best what to do.
Anything else was answered by something in between, whose HTTP status is all that can be understood.

https://connectrpc.com/docs/protocol#http-to-error-code
"""

from __future__ import annotations

import json

from proxy.errors import Code, RpcError

_LONGEST_MESSAGE = 4096
_CODES = {code.value: code for code in Code}
_BY_STATUS = {
    400: Code.INTERNAL,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.UNIMPLEMENTED,
    429: Code.UNAVAILABLE,
    502: Code.UNAVAILABLE,
    503: Code.UNAVAILABLE,
    504: Code.UNAVAILABLE,
}
_NO_PROTO = 415


class UpstreamError(RpcError):
    """Pyroscope's own refusal; the message is Pyroscope's."""


def refusal(status: int, body: bytes) -> UpstreamError:
    """The error that an answer other than 200 stands for.

    Args:
        status: the HTTP status.
        body: the beginning of the answer, uncompressed.
    """
    told = _told(body)
    code = _CODES.get(str(told.get("code")))
    message = told.get("message")
    if code is not None:
        said = message if isinstance(message, str) and message else "Pyroscope gave no reason."
        return UpstreamError(code, said.encode(errors="replace").decode()[:_LONGEST_MESSAGE])
    return UpstreamError(
        Code.UNIMPLEMENTED if status == _NO_PROTO else _BY_STATUS.get(status, Code.UNKNOWN),
        f"Pyroscope, or what stands before it, answered with HTTP status {status}: "
        "check upstream.url and what the data source sends along.",
    )


def _told(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
