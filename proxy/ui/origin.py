"""Where the page is as its visitor sees it, and which requests are of the page itself. Pure.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = "/-/source/"
MAX_RETURN = 2048
"""Characters of an address that a login can come back to; it travels in a cookie."""
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE
)
# The page is one document whose state is all in its query: visible ASCII without what ends or leaves it.
_RETURN = re.compile(r"/-/source/(?:\?[!$-\[\]-~]*)?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def origin_of(headers: Mapping[str, str]) -> str:
    """The origin that the visitor's browser sees, such as ``https://profiles.example.com``.

    Args:
        headers: the request's; the front door or whatever is before it says in ``X-Forwarded-Proto`` and
            ``X-Forwarded-Host`` how it was asked. Of several hops the outermost, which stands first, counts.

    Raises:
        RpcError: ``invalid_argument`` when they name no origin.
    """
    scheme = _first(headers.get("X-Forwarded-Proto", "") or "http").lower()
    host = _first(headers.get("X-Forwarded-Host", "") or headers.get("Host", "")).lower()
    if scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        raise RpcError(
            Code.INVALID_ARGUMENT,
            "the headers X-Forwarded-Proto and X-Forwarded-Host do not say under which address this page was "
            "asked for; the operator has to correct what the reverse proxy in front of it sets",
        )
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS[scheme])}"


def require_same_origin(headers: Mapping[str, str]) -> None:
    """Make sure that a request which changes something is of the page itself.

    Browsers tell so in ``Sec-Fetch-Site``, and where they do not (plain http) in ``Origin``, which every
    POST carries. A request with neither comes from no browser and needs no cookie jar's authority.

    Raises:
        RpcError: ``permission_denied`` when it is of another site, or does not say.
    """
    site = headers.get("Sec-Fetch-Site")
    trusted = site == "same-origin" if site is not None else _is_own_origin(headers)
    if not trusted or (site is not None and "Origin" in headers and not _is_own_origin(headers)):
        raise RpcError(
            Code.PERMISSION_DENIED,
            "only the page itself may do this; open /-/source/ in this browser and try again there",
        )


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that another site made it ask."""
    return headers.get("Sec-Fetch-Site") == "cross-site"


def safe_return(path: str) -> str:
    """Where a login may lead back to: the address itself when it is the page's, else the page's start."""
    return path if len(path) <= MAX_RETURN and _RETURN.fullmatch(path) else HOME


def _is_own_origin(headers: Mapping[str, str]) -> bool:
    origin = headers.get("Origin", "")
    try:
        return bool(origin) and origin.lower() == origin_of(headers)
    except RpcError:
        return False


def _first(value: str) -> str:
    return value.partition(",")[0].strip()
