"""The session cookie: found among all cookies of a request, read in both forms, written as Go would.

https://www.rfc-editor.org/rfc/rfc6265#section-4
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import islice
from typing import TYPE_CHECKING

from proxy.session.errors import BrokenSession, MissingSession
from proxy.session.sealing import decode_base64, open_sealed
from proxy.session.token import Token, read_object, unix_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COOKIE_NAME = "pyroscope_git_session"
# Browsers keep 4 KiB of a cookie; four times that is room for percent-encoding and no more work than that.
_MAX_VALUE = 16 * 1024
# Browsers send one cookie for each path that it was set under; more than this is no browser.
_MAX_COOKIES = 16
# A comma belongs to neither a cookie's value nor base64: it stands where headers were folded into one.
_SEPARATORS = re.compile("[;,]")


def read_cookies(cookie_header_values: Sequence[str], keys: Sequence[bytes]) -> Token:
    """The session of a request: of all cookies of the name, the first that opens.

    Args:
        cookie_header_values: the values of the request's ``Cookie`` headers, in order.
        keys: the tenant's keys, from ``derive_key``, the sealing one first.

    Raises:
        MissingSession: there is no such cookie.
        BrokenSession: there are, and none opens.
    """
    refusal: BrokenSession | None = None
    for value in islice(_values(cookie_header_values), _MAX_COOKIES):
        try:
            return read_cookie_value(value, keys)
        except BrokenSession as error:
            refusal = refusal or error
    if refusal is None:
        raise MissingSession
    raise refusal


def read_cookie_value(value: str, keys: Sequence[bytes]) -> Token:
    """Read the value of one session cookie, in its current or legacy form.

    Raises:
        BrokenSession: it does not open, or is longer than 16 KiB.
    """
    if len(value) > _MAX_VALUE:
        raise BrokenSession(f"is longer than {_MAX_VALUE} bytes")
    fields = read_object(decode_base64(value.strip().strip('"')))
    if fields is None:
        raise BrokenSession("is not a session")
    for name in ("token", "metadata"):
        sealed = fields.get(name)
        if sealed and isinstance(sealed, str):
            return open_sealed(sealed, keys)
    raise BrokenSession("holds no sealed token")


def current_cookie_value(sealed: str) -> str:
    """The cookie's value in the current form, which newer clients write themselves."""
    return _encode({"token": sealed})


def legacy_cookie_value(sealed: str, expiry: datetime) -> str:
    """The cookie's value in the legacy form, which Pyroscope still writes and its clients still expect.

    Args:
        sealed: the sealed token.
        expiry: when the client is to have refreshed; it does so when fewer than five minutes are left.
    """
    return _encode({"metadata": sealed, "expiry": unix_ms(expiry)})


def set_cookie(value: str, expires: datetime) -> str:
    """The whole ``Set-Cookie`` line, as Go's ``http.Cookie`` writes it.

    Not ``HttpOnly``: Grafana drops ``Set-Cookie``, so the page itself sets and reads this cookie.
    """
    date = format_datetime(expires.astimezone(UTC), usegmt=True)
    return f"{COOKIE_NAME}={value}; Expires={date}; Secure; SameSite=Lax"


def _values(cookie_header_values: Sequence[str]) -> Iterator[str]:
    for header in cookie_header_values:
        for pair in _SEPARATORS.split(header):
            name, _, value = pair.partition("=")
            if name.strip() == COOKIE_NAME and value.strip():
                yield value


def _encode(fields: dict[str, str | int]) -> str:
    return base64.b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode()
