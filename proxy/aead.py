"""AES-256-GCM: a nonce of 12 bytes, then what it seals, then a tag of 16 bytes.

The library takes 7 MiB, which a proxy that holds no sessions and shares no cache can spare; so it is loaded
with the first key that is used, or by ``load`` where it is known that one will be.
https://cryptography.io/en/latest/hazmat/primitives/aead/#cryptography.hazmat.primitives.ciphers.aead.AESGCM
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_SIZE = 12
TAG_SIZE = 16


@cache
def load() -> tuple[type[AESGCM], type[Exception]]:
    """The cipher, and what it raises where something does not open; loads the library."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see above

    return AESGCM, InvalidTag


def seal(key: bytes, nonce: bytes, plain: bytes, associated: bytes | None = None) -> bytes:
    """Seal ``plain``.

    Args:
        key: 32 bytes.
        nonce: 12 bytes, never used twice with one key.
        plain: what to seal.
        associated: has to be given again to open it.

    Raises:
        ValueError: key or nonce has another length.
    """
    if len(nonce) != NONCE_SIZE:
        raise ValueError(f"a nonce has {NONCE_SIZE} bytes")
    cipher, _ = load()
    return nonce + cipher(key).encrypt(nonce, plain, associated)


def unseal(key: bytes, box: bytes, associated: bytes | None = None) -> bytes | None:
    """What ``seal`` sealed with the key; ``None`` where it was not, or was changed."""
    if len(box) < NONCE_SIZE + TAG_SIZE:
        return None
    cipher, invalid = load()
    try:
        return cipher(key).decrypt(box[:NONCE_SIZE], box[NONCE_SIZE:], associated)
    except invalid:
        return None
