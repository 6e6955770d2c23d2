"""The session cookie: as anybody may send it, as somebody with the secret might seal it, and changed."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fuzz.targets.target import assert_sentence, split
from proxy.session import (
    COOKIE_NAME,
    NONCE_SIZE,
    InvalidSession,
    Token,
    current_cookie_value,
    derive_key,
    read_cookies,
    seal,
)

_KEY, _OTHER = derive_key("a-secret-of-the-fuzzer", "anonymous"), derive_key("another-secret", "anonymous")
_NONCE = bytes(range(NONCE_SIZE))
_KINDS = (b"header", b"value", b"object", b"sealed", b"changed")
_SEALED = base64.b64decode(seal(Token("gho_token", "bearer"), _KEY, _NONCE))


def check(data: bytes) -> None:
    """Reading ends in a token that can be sealed again, or in ``InvalidSession`` without what was sent."""
    kind, rest = split(data, _KINDS)
    text = rest.decode("utf-8", "surrogateescape")
    match kind:
        case b"header":
            header = text
        case b"value":
            header = f"{COOKIE_NAME}={text}"
        case b"object":
            header = f"a=b; {COOKIE_NAME}={base64.b64encode(rest).decode()}"
        case b"sealed":
            box = base64.b64encode(_NONCE + AESGCM(_KEY).encrypt(_NONCE, rest, None)).decode()
            header = f"{COOKIE_NAME}={current_cookie_value(box)}"
        case _:
            header = f"{COOKIE_NAME}={current_cookie_value(base64.b64encode(_changed(rest)).decode())}"
    token = _read(header, text)
    if kind == b"changed":
        assert token is None or token == Token("gho_token", "bearer")
        assert token is None or _changed(rest) == _SEALED
    elif kind != b"sealed":
        assert token is None, "it opened, though nobody has sealed it with these keys"


def _read(header: str, sent: str) -> Token | None:
    try:
        token = read_cookies([header], [_OTHER, _KEY])
    except InvalidSession as error:
        assert_sentence(error.message)
        assert len(sent) < 24 or sent not in error.message
        return None
    assert token.access_token
    assert "\n" not in token.access_token
    again = current_cookie_value(seal(token, _KEY, _NONCE))
    assert read_cookies([f"{COOKIE_NAME}={again}"], [_KEY]) == token
    return token


def _changed(changes: bytes) -> bytes:
    """A sealed token with some bytes changed: pairs of a place and what is added there."""
    box = bytearray(_SEALED)
    for place, difference in zip(changes[::2], changes[1::2], strict=False):
        box[place % len(box)] ^= difference
    return bytes(box)
