"""Which headers of a caller's request go along when Pyroscope is asked on their behalf. Pure.

Everything that the caller sent for Pyroscope or for what stands before it goes along: the tenant,
``Authorization``, other cookies, ``traceparent``, what a gateway wants. Left behind are:

- headers that end at each hop, and those that ``Connection`` names
  (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1);
- headers that speak of the body that the caller sent or of the answer that it wants: ours are others;
- the cookie of the GitHub session, which is nobody's business but ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import MultiMapping

SESSION_COOKIE = "pyroscope_git_session"
MEDIA_TYPE = "application/proto"
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_SPEAK_OF_THE_MESSAGE = frozenset({"accept", "accept-charset", "accept-encoding", "expect", "host", "range"})
_MESSAGE_PREFIXES = ("content-", "connect-", "if-")


def forwarded(headers: MultiMapping[str], *, timeout_ms: int | None = None) -> CIMultiDict[str]:
    """The headers of our request to Pyroscope.

    Args:
        headers: the caller's.
        timeout_ms: how long the caller still waits; ``None``: it did not say.
    """
    named = {name.strip().lower() for value in headers.getall("Connection", ()) for name in value.split(",")}
    found: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        lower = name.lower()
        if lower == "cookie":
            kept = without_session(value)
            if kept and _is_text(kept):
                found.add(name, kept)
        elif not (
            lower in _HOP_BY_HOP
            or lower in named
            or lower in _SPEAK_OF_THE_MESSAGE
            or lower.startswith(_MESSAGE_PREFIXES)
            or not _is_text(value)
        ):
            found.add(name, value)
    found.update(_own(timeout_ms))
    return found


def _is_text(value: str) -> bool:
    """Whether it can be written again: bytes that are no UTF-8 arrive as halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _own(timeout_ms: int | None) -> Mapping[str, str]:
    """https://connectrpc.com/docs/protocol#unary-request."""
    own = {"Content-Type": MEDIA_TYPE, "Connect-Protocol-Version": "1", "Accept-Encoding": "gzip"}
    return own if timeout_ms is None else {**own, "Connect-Timeout-Ms": str(timeout_ms)}


def without_session(cookie: str) -> str:
    """A ``Cookie`` header without the GitHub session; the other cookies stay as they were written.

    https://www.rfc-editor.org/rfc/rfc6265#section-4.2.1
    """
    pairs = (pair.strip() for pair in cookie.split(";"))
    return "; ".join(pair for pair in pairs if pair and pair.partition("=")[0].strip() != SESSION_COOKIE)
