"""What others may see of the shared cache: names that say nothing and boxes that only we can open.

Whoever reads Redis learns: how many entries there are, when each is written and asked for, how long
it lives, and its size to within a step of the padding. Not: what it is, whose, of which repository,
or whether two entries have anything to do with each other. Whoever writes to Redis can lose our
entries, and give back an older one that still holds; forged, changed and swapped ones do not open.

Rules:

- From each session secret two keys are derived, one for names and one for boxes, with HKDF-SHA256
  (https://www.rfc-editor.org/rfc/rfc5869). The first secret names and seals; under all of them is
  looked, so a secret can be changed without emptying the cache.
- A name is the HMAC-SHA256 of the named cache, its codec's version and the key.
- A box is a version byte, a nonce and AES-256-GCM's output. Its key is derived from its name: a box
  opens under no other name, and random nonces cannot come to be used twice by sheer number, which
  bounds one GCM key to 2^32 boxes (NIST SP 800-38D, section 8.3). The name is associated data too.
- When it was made and until when it holds is inside, out of reach of whoever forgets to expire it.
- Nothing is compressed, since lengths would then tell of content (CRIME); everything is padded as
  PADMÉ does, which costs 12% at most (https://arxiv.org/abs/1806.03160, section 4).
"""

from __future__ import annotations

import base64
import hmac
import struct
from dataclasses import dataclass, field
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING

from proxy import aead
from proxy.aead import NONCE_SIZE, TAG_SIZE
from proxy.cache.shared.keys import encode_key

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

SMALLEST_SIZE = 256
"""What is smaller is padded to this many bytes: a ref, a proof of access and "not there" look alike."""

_FORMAT = b"\x01"
_PREFIX = b"sourceproxy:1:"
_KEY_SIZE = 32
# When it was made, until when it holds (infinite: for ever), seconds of grace after that; then its length.
_HEAD = struct.Struct(">dddI")


class UnopenableError(ValueError):
    """The bytes are nothing that we sealed under this name."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a box.

    Attributes:
        payload: the value as its codec wrote it.
        made_at: when it was sealed, Unix seconds.
        expires_at: until when it is believed, Unix seconds; infinite: for ever.
        grace: seconds after that for which it is better than nothing.
    """

    payload: bytes = field(repr=False)
    made_at: float
    expires_at: float = inf
    grace: float = 0.0


class Keyring:
    """The keys derived from the session secrets.

    Args:
        secrets: at least one, none of them empty; the first names and seals.

    Raises:
        ValueError: there is no secret, or an empty one.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("sealing what is shared needs a session secret")
        self._name_keys = [_derive(secret, b"names") for secret in secrets]
        self._box_keys = [_derive(secret, b"boxes") for secret in secrets]

    def names(self, cache: str, version: int, key: Hashable) -> tuple[bytes, ...]:
        """The names of an entry, one for each secret.

        Args:
            cache: the named cache.
            version: that of its codec, so that replicas of two releases do not see each other's.
            key: see ``encode_key``.

        Raises:
            TypeError: the key is of a kind that cannot be shared.
        """
        what = encode_key((cache, version, key))
        digests = (hmac.digest(name_key, what, "sha256") for name_key in self._name_keys)
        return tuple(_PREFIX + base64.urlsafe_b64encode(digest).rstrip(b"=") for digest in digests)

    def seal(self, name: bytes, content: Content, nonce: bytes, number: int = 0) -> bytes:
        """Put the content into a box that opens under this name.

        Args:
            name: among ``names``.
            content: what to seal.
            nonce: random bytes.
            number: which of the names it is. What is worth reading is sealed under the first alone: the
                others may have been given up because somebody else knows their secret.

        Raises:
            ValueError: the nonce is not of ``NONCE_SIZE`` bytes.
        """
        head = _HEAD.pack(content.made_at, content.expires_at, content.grace, len(content.payload))
        plain = (head + content.payload).ljust(padded_size(len(head) + len(content.payload)), b"\0")
        return _FORMAT + aead.seal(self._box_key(number, name), nonce, plain, _associated(name))

    def open(self, number: int, name: bytes, box: bytes) -> Content:
        """What is in the box that was found under the name of this number among ``names``.

        Raises:
            UnopenableError: it was not sealed by us, or under another name, or it was changed.
        """
        if len(box) < len(_FORMAT) + NONCE_SIZE + TAG_SIZE or not box.startswith(_FORMAT):
            raise UnopenableError("this is no box of ours")
        plain = aead.unseal(self._box_key(number, name), box[len(_FORMAT) :], _associated(name))
        if plain is None:
            raise UnopenableError("this was not sealed under this name, or it was changed")
        return _content(plain)

    def _box_key(self, number: int, name: bytes) -> bytes:
        return hmac.digest(self._box_keys[number], name, "sha256")


def padded_size(size: int) -> int:
    """The size to which this many bytes are padded."""
    if size <= SMALLEST_SIZE:
        return SMALLEST_SIZE
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


def _content(plain: bytes) -> Content:
    if len(plain) < _HEAD.size:
        raise UnopenableError("the box holds too little")
    made_at, expires_at, grace, length = _HEAD.unpack_from(plain)
    payload = plain[_HEAD.size : _HEAD.size + length]
    if len(payload) < length or not isfinite(made_at) or isnan(expires_at) or not 0 <= grace < inf:
        raise UnopenableError("what the box holds makes no sense")
    return Content(payload, made_at, expires_at, grace)


def _derive(secret: bytes, purpose: bytes) -> bytes:
    # Loaded where it is needed, which is where a cache is shared: see ``proxy.aead``.
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - see above

    info = b"pyroscope-source-proxy shared cache 1 " + purpose
    return HKDF(algorithm=SHA256(), length=_KEY_SIZE, salt=None, info=info).derive(secret)


def _associated(name: bytes) -> bytes:
    return _FORMAT + name
