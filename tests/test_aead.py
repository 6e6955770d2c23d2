"""AES-256-GCM: what opens and what does not, and that nothing of it is loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import aead

KEY, NONCE = b"k" * 32, b"n" * aead.NONCE_SIZE
ASSOCIATED = st.none() | st.binary(max_size=8)


def test_what_is_sealed_is_what_the_standard_says() -> None:
    # Test cases 13 and 14 of https://csrc.nist.rip/groups/ST/toolkit/BCM/documents/proposedmodes/gcm/gcm-spec.pdf
    nonce = bytes(12)
    assert aead.seal(bytes(32), nonce, b"") == nonce + bytes.fromhex("530f8afbc74536b9a963b4f1c4cb738b")
    assert aead.seal(bytes(32), nonce, bytes(16)) == nonce + bytes.fromhex(
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    )


@given(st.binary(max_size=64), ASSOCIATED)
def test_what_is_sealed_opens(plain: bytes, associated: bytes | None) -> None:
    assert aead.unseal(KEY, aead.seal(KEY, NONCE, plain, associated), associated) == plain


@given(st.binary(max_size=16), st.integers(0, 43), st.integers(1, 255))
def test_what_was_changed_does_not_open(plain: bytes, at: int, change: int) -> None:
    box = bytearray(aead.seal(KEY, NONCE, plain, b"a"))
    box[at % len(box)] ^= change
    assert aead.unseal(KEY, bytes(box), b"a") is None


@pytest.mark.parametrize(
    ("key", "associated", "size"), [(b"K" * 32, b"a", 99), (KEY, b"b", 99), (KEY, None, 99), (KEY, b"a", 27)]
)
def test_what_was_sealed_otherwise_does_not_open(key: bytes, associated: bytes | None, size: int) -> None:
    assert aead.unseal(key, aead.seal(KEY, NONCE, b"plain", b"a")[:size], associated) is None


@pytest.mark.parametrize("nonce", [b"", b"n" * 11, b"n" * 16])
def test_a_nonce_of_another_length_is_refused(nonce: bytes) -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        aead.seal(KEY, nonce, b"plain")


def test_the_library_is_loaded_where_it_is_used() -> None:
    script = (
        "import sys, proxy.serving; from proxy import aead; print('cryptography' in sys.modules);"
        "aead.load(); print('cryptography' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
