"""What a login has to remember until GitHub sends the person back, sealed into a cookie. Pure.

The state ties the answer to the browser that asked (RFC 6749, section 10.12), the verifier ties the code to
it (RFC 7636); both stay in the cookie, which nobody but this proxy can read.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from proxy import aead
from proxy.session.token import read_object

if TYPE_CHECKING:
    from collections.abc import Sequence

COOKIE_NAME = "pyroscope_source_login"
LIFETIME = 600
"""Seconds for the login; GitHub's codes live as long."""
_PURPOSE = b"pyroscope-source-proxy: login of the page, 1"
_MAX_SIZE = 4096


@dataclass(frozen=True, slots=True)
class Ticket:
    """One login under way.

    Attributes:
        state: what GitHub has to bring back.
        verifier: of PKCE.
        origin: where the page is, which ``redirect_uri`` was made of.
        return_path: where to go afterwards.
        tenant: whose session it becomes.
        expires: Unix seconds.
    """

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    origin: str
    return_path: str
    tenant: str
    expires: int

    def matches(self, state: str) -> bool:
        """Whether this is the state that the login was started with."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogateescape"))


def ticket_key(secret: str) -> bytes:
    """The key of tickets: one of its own, derived from a session secret."""
    return hmac.digest(secret.encode("utf-8", "surrogateescape"), _PURPOSE, "sha256")


def seal_ticket(ticket: Ticket, key: bytes, nonce: bytes) -> str:
    """The cookie's value.

    Args:
        ticket: what to remember.
        key: from ``ticket_key``.
        nonce: 12 random bytes, never used twice with one key.
    """
    box = aead.seal(key, nonce, json.dumps(asdict(ticket)).encode(), _PURPOSE)
    return base64.urlsafe_b64encode(box).decode()


def open_ticket(value: str, keys: Sequence[bytes], now: float) -> Ticket | None:
    """The ticket in a cookie's value; ``None`` when no key opens it, or its time is over.

    Args:
        value: the cookie's.
        keys: from ``ticket_key``, one for each session secret.
        now: Unix seconds.
    """
    if len(value) > _MAX_SIZE or not value.isascii():
        return None
    try:
        box = base64.urlsafe_b64decode(value)
    except ValueError:
        return None
    for key in keys:
        plain = aead.unseal(key, box, _PURPOSE)
        if plain is None:
            continue
        # What opens was sealed here, so its fields are those of a ticket of this version or of another.
        fields = read_object(plain) or {}
        if set(fields) != set(Ticket.__slots__):
            return None
        ticket = Ticket(**fields)
        return ticket if ticket.expires > now else None
    return None
