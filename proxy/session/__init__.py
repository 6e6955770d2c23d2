"""Sessions that Pyroscope and this proxy share: one cookie, sealed per tenant.

::

    cookie value  =  base64( {"token": SEALED} )                       current form
                  |  base64( {"metadata": SEALED, "expiry": UNIX_MS} ) legacy form, still what is written
    SEALED        =  base64( nonce ‖ AES-256-GCM( token as JSON ) )
    key           =  SHA-256( SECRET ":" TENANT )

Rules that hold here:

- Nothing is read from the environment: secrets, nonces and the time are arguments.
- The first key seals, all keys open, so secrets can be rotated without logging anyone out.
- Whatever a cookie holds, reading it ends in a ``Token`` or in an ``InvalidSession``.
- A token never shows in ``repr`` nor in a message.

The format is Pyroscope's: https://github.com/grafana/pyroscope/blob/main/pkg/frontend/vcs/token.go
"""

from proxy.aead import NONCE_SIZE
from proxy.session.cookie import (
    COOKIE_NAME,
    current_cookie_value,
    legacy_cookie_value,
    read_cookie_value,
    read_cookies,
    set_cookie,
)
from proxy.session.errors import BrokenSession, InvalidSession, MissingSession
from proxy.session.sealing import derive_key, open_sealed, seal
from proxy.session.token import Token, unix_ms

__all__ = [
    "COOKIE_NAME",
    "NONCE_SIZE",
    "BrokenSession",
    "InvalidSession",
    "MissingSession",
    "Token",
    "current_cookie_value",
    "derive_key",
    "legacy_cookie_value",
    "open_sealed",
    "read_cookie_value",
    "read_cookies",
    "seal",
    "set_cookie",
    "unix_ms",
]
