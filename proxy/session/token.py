"""A GitHub user's token, and its JSON as Go's ``oauth2.Token`` reads and writes it.

https://pkg.go.dev/golang.org/x/oauth2#Token
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from proxy.session.errors import BrokenSession

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Go's zero time: "not set", so for a token "does not expire". https://pkg.go.dev/time#Time.IsZero
_ZERO = datetime(1, 1, 1, tzinfo=UTC)
_ZERO_TEXT = "0001-01-01T00:00:00Z"
# RFC 3339, section 5.6: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII | re.IGNORECASE,
)
# Go writes these three escaped: https://pkg.go.dev/encoding/json#Marshal
_ESCAPED_BY_GO = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@dataclass(frozen=True, slots=True)
class Token:
    """What a session holds.

    Attributes:
        access_token: what GitHub is called with.
        token_type: ``bearer``, or empty.
        refresh_token: good for one refresh; empty where the GitHub App's tokens do not expire.
        expiry: when the access token ends, in UTC; ``None`` when it does not.
    """

    access_token: str = field(repr=False)
    token_type: str = ""
    refresh_token: str = field(default="", repr=False)
    expiry: datetime | None = None

    def is_expired(self, now: float) -> bool:
        """Whether the access token has ended at ``now`` (Unix seconds)."""
        return self.expiry is not None and self.expiry <= datetime.fromtimestamp(now, UTC)


def unix_ms(moment: datetime) -> int:
    """The moment in milliseconds since 1970, as cookies and answers carry it."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def is_visible(text: str) -> bool:
    """Whether OAuth allows this in a token or code: visible ASCII and spaces, so no header can be forged.

    https://www.rfc-editor.org/rfc/rfc6749#appendix-A
    """
    return text.isascii() and text.isprintable()


def read_object(data: bytes) -> dict[str, Any] | None:
    """The JSON object in ``data``; ``None`` for anything else, however broken, deep or long its numbers."""
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def dump_token(token: Token) -> bytes:
    """The token as JSON, byte for byte as Go writes it: in its order, zero time for "does not expire"."""
    fields = {"access_token": token.access_token}
    if token.token_type:
        fields["token_type"] = token.token_type
    if token.refresh_token:
        fields["refresh_token"] = token.refresh_token
    fields["expiry"] = _write_time(token.expiry)
    return json.dumps(fields, separators=(",", ":")).translate(_ESCAPED_BY_GO).encode()


def load_token(data: bytes) -> Token:
    """Read the JSON that was sealed; fields that are absent or null are empty, unknown ones are ignored.

    Raises:
        BrokenSession: it is no such JSON, or holds no access token.
    """
    fields = read_object(data)
    if fields is None:
        raise BrokenSession("was sealed with something that is no token")
    token = Token(
        access_token=_string(fields, "access_token"),
        token_type=_string(fields, "token_type"),
        refresh_token=_string(fields, "refresh_token"),
        expiry=read_time(_string(fields, "expiry")) if fields.get("expiry") is not None else None,
    )
    if not token.access_token:
        raise BrokenSession("was sealed with a token that is empty")
    return token


def read_time(text: str) -> datetime | None:
    """Read an RFC 3339 time with any offset, in UTC; digits below the microsecond are dropped.

    Returns:
        The moment; ``None`` for Go's zero time, which says that no time is set.

    Raises:
        BrokenSession: it is no such time.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise BrokenSession("was sealed with a token whose expiry is no time")
    *parts, fraction, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        year, month, day, hour, minute, second = map(int, parts)
        microsecond = int((fraction or "")[:6].ljust(6, "0"))
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(year, month, day, hour, minute, second, microsecond, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BrokenSession("was sealed with a token whose expiry is no time") from None
    return None if moment == _ZERO else moment


def _write_time(moment: datetime | None) -> str:
    """RFC 3339 as Go's ``RFC3339Nano``: no zeros at the end of the fraction."""
    if moment is None:
        return _ZERO_TEXT
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def _string(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not is_visible(value):
        raise BrokenSession(f"was sealed with a token whose {name} is no text")
    return value
