"""Which URLs are fetched: reading them from hostile text, and what a steered one must be like.

What is checked here is the URL's form. The addresses behind a name are judged when they are
connected to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from yarl import URL

from proxy.egress import addresses

if TYPE_CHECKING:
    from proxy.egress.addresses import PublicOnly

MAX_LENGTH = 4096
_HTTPS_PORT = 443
_VISIBLE = re.compile(r"[!-~]*")
_SCHEME = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:https?:)?//([^/?#]*)", re.IGNORECASE)
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,254}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_SEPARATOR = re.compile(rb"[/\\]")

PRIVATE_HINT = "which look-ups reach only with egress.allow_private_addresses"


class RefusedError(Exception):
    """A URL or an answer that is not taken; the text goes on after the host's name."""


def absolute(text: str) -> URL:
    """Read a whole URL, percent-encoding untouched.

    Raises:
        RefusedError: it is no http or https URL, or not one that is put on the wire as it is.
    """
    if not _SCHEME.match(text):
        raise RefusedError("is not an address of http or https")
    return _read(text)


def below(base: URL, path: str) -> URL:
    """The URL of a path below an operator's address.

    Args:
        base: with or without a path of its own.
        path: percent-encoded, without a leading slash.

    Raises:
        RefusedError: the path would lead out of the base, or is not percent-encoded.
    """
    if not path or path.startswith("/") or "?" in path or "#" in path:
        raise RefusedError("is not asked for a path of that form")
    decoded = unquote_to_bytes(path)
    if _CONTROL.search(decoded) or any(part in (b".", b"..") for part in _SEPARATOR.split(decoded)):
        raise RefusedError("is not asked for a path that leads elsewhere")
    return _read(f"{str(base).rstrip('/')}/{path}")


def redirected(asked: URL, location: str | None) -> URL:
    """Where a redirect leads.

    Raises:
        RefusedError: the address is missing or unusable.
    """
    if location is None:
        raise RefusedError("redirects without an address")
    try:
        return absolute(str(asked.join(_read(location)).with_fragment(None)))
    except (RefusedError, ValueError):
        raise RefusedError("redirects to an address that cannot be used") from None


def check_steered(url: URL, judge: PublicOnly) -> None:
    """Check that a steered URL may be asked, as far as its form tells.

    Args:
        url: as ``absolute`` reads it.
        judge: asked about the name, or about an address that is written out.

    Raises:
        RefusedError: it is not https on port 443 of a plain host, or the judge refuses its address.
    """
    if url.scheme != "https":
        raise RefusedError("is not asked over plain http")
    if url.port != _HTTPS_PORT:
        raise RefusedError("is not asked on another port than 443")
    host = url.raw_host or ""
    if ":" in host or addresses.is_written_as_number(host):
        _check_address(host, judge)
    elif not _NAME.fullmatch(host):
        raise RefusedError("is not the name of a host")
    elif (kind := judge.name(host)) is not None:
        raise RefusedError(f"is {kind}, {PRIVATE_HINT}")


def host_name(url: URL) -> str:
    """The host as it may be shown: it is part of sentences, so nothing but a name or an address."""
    host = url.raw_host or ""
    if re.fullmatch(r"[0-9A-Fa-f:.]{1,64}", host) or _NAME.fullmatch(host):
        return host
    return "the host"


def _check_address(host: str, judge: PublicOnly) -> None:
    if not addresses.is_address(host):
        raise RefusedError("is not the name of a host")
    if (kind := judge.address(host)) is not None:
        raise RefusedError(f"is {kind}, {PRIVATE_HINT}")


def _read(text: str) -> URL:
    """A URL or a reference that becomes a request line: visible ASCII, no backslash, no user."""
    if len(text) > MAX_LENGTH or not _VISIBLE.fullmatch(text) or "\\" in text:
        raise RefusedError("has an address of a form that is not asked")
    authority = _AUTHORITY.match(text)
    if authority and "@" in authority[1]:
        raise RefusedError("is not asked with a user name or a password")
    try:
        url = URL(text, encoded=True)
        _ = url.port  # read late, and raising where it is no number
    except ValueError:
        raise RefusedError("has an address of a form that is not asked") from None
    return url
