"""Sealing a token so that only holders of the secret can read it, and opening it again.

Sealed: base64 of a 12-byte nonce, then AES-256-GCM's ciphertext and 16-byte tag, nothing associated.
https://github.com/grafana/pyroscope/blob/main/pkg/frontend/vcs/encryption.go
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import unquote

from proxy import aead
from proxy.aead import NONCE_SIZE, TAG_SIZE
from proxy.errors import Code, RpcError
from proxy.session.errors import BrokenSession
from proxy.session.token import Token, dump_token, load_token

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_BASE64 = "is not base64, so it was cut or changed on its way"
# The URL-safe alphabet, and what form decoding makes of "+": each stands for one character only.
_TO_STANDARD_ALPHABET = str.maketrans("-_ ", "+/+")


def derive_key(secret: str, tenant: str) -> bytes:
    """The key of one tenant: SHA-256 over the secret, a colon and the tenant.

    Args:
        secret: the session secret.
        tenant: the tenant; ``anonymous`` without multitenancy. Bytes of a header that are no UTF-8
            are expected as surrogates (``surrogateescape``) and count as those bytes.

    Raises:
        RpcError: ``unauthenticated`` when there is no tenant, as Pyroscope refuses it.
        ValueError: the secret is empty, which configuration does not let through.
    """
    if not tenant:
        raise RpcError(Code.UNAUTHENTICATED, "no org id: send the tenant in the header X-Scope-OrgID")
    if not secret:
        raise ValueError("the session secret is empty")
    return hashlib.sha256(_bytes(secret) + b":" + _bytes(tenant)).digest()


def seal(token: Token, key: bytes, nonce: bytes) -> str:
    """Seal a token.

    Args:
        token: what to seal.
        key: 32 bytes, from ``derive_key``.
        nonce: 12 random bytes, never used twice with one key.

    Raises:
        ValueError: the nonce has another length.
    """
    return base64.b64encode(aead.seal(key, nonce, dump_token(token))).decode()


def open_sealed(sealed: str, keys: Sequence[bytes]) -> Token:
    """Open what ``seal`` or Pyroscope sealed with one of the keys.

    Raises:
        BrokenSession: no key opens it, or what it holds is no token.
    """
    box = decode_base64(sealed)
    if len(box) < NONCE_SIZE + TAG_SIZE:
        raise BrokenSession("is too short for a session, so it was cut on its way")
    for key in keys:
        plain = aead.unseal(key, box)
        if plain is not None:
            return load_token(plain)
    raise BrokenSession(
        "does not open with the session secrets and the tenant of this request (operators: session.secrets "
        "has to be the same on every replica, and hold Pyroscope's GITHUB_SESSION_SECRET to open its own)"
    )


def decode_base64(text: str) -> bytes:
    """Decode base64 that may have lost its padding, or been percent-encoded or made URL-safe on its way.

    Raises:
        BrokenSession: it is no base64.
    """
    if "%" in text:
        text = unquote(text)
    text = text.strip().rstrip("=").translate(_TO_STANDARD_ALPHABET)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise BrokenSession(_NOT_BASE64) from None


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # No header or environment gives these; the answer is a key that opens nothing else.
        return text.encode("utf-8", "surrogatepass")
