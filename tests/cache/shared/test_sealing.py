from __future__ import annotations

import struct
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import aead
from proxy.cache.shared.sealing import SMALLEST_SIZE, Content, Keyring, UnopenableError, padded_size

NONCE = b"n" * 12
RING = Keyring([b"first", b"second"])
NAME, OLDER = RING.names("files", 1, "key")


@given(
    st.binary(max_size=5000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False),
    st.floats(0, 1e9),
)
def test_what_was_sealed_opens(payload: bytes, made_at: float, expires_at: float, grace: float) -> None:
    content = Content(payload, made_at, expires_at, grace)
    assert RING.open(0, NAME, RING.seal(NAME, content, NONCE)) == content


@given(st.binary(max_size=600))
def test_anything_else_does_not(box: bytes) -> None:
    for candidate in (box, b"\x01" + box):
        with pytest.raises(UnopenableError):
            RING.open(0, NAME, candidate)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, change: int) -> None:
    box = bytearray(RING.seal(NAME, Content(b"payload", 1.0), NONCE))
    box[place % len(box)] ^= change
    with pytest.raises(UnopenableError):
        RING.open(0, NAME, bytes(box))


def test_a_box_opens_under_its_own_name_alone() -> None:
    box = RING.seal(NAME, Content(b"payload", 1.0), NONCE)
    for other in (RING.names("files", 1, "other")[0], RING.names("refs", 1, "key")[0], OLDER):
        with pytest.raises(UnopenableError):
            RING.open(0, other, box)
    with pytest.raises(UnopenableError):
        RING.open(1, NAME, box)


def test_names_differ_by_all_that_they_name_and_agree_where_a_secret_does() -> None:
    named = [
        RING.names(cache, version, key)
        for cache in ("files", "refs")
        for version in (1, 2)
        for key in ("key", "other", b"key", ("key",))
    ]
    assert len({name for names in named for name in names}) == 32
    assert Keyring([b"second", b"third"]).names("files", 1, "key")[0] == OLDER
    assert Keyring([b"second"]).open(0, OLDER, RING.seal(OLDER, Content(b"x", 1.0), NONCE, 1)).payload == b"x"


def test_names_are_of_one_length_and_tell_nothing() -> None:
    long = RING.names("a" * 1000, 1, "acme/payroll" * 1000)[0]
    assert len(long) == len(NAME)
    assert b"acme" not in long


@pytest.mark.parametrize("secrets", [[], [b""], [b"first", b""]])
def test_there_is_no_sealing_without_a_secret(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="needs a session secret"):
        Keyring(secrets)


@pytest.mark.parametrize("nonce", [b"", b"n" * 11, b"n" * 16])
def test_a_nonce_has_its_length(nonce: bytes) -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        RING.seal(NAME, Content(b"", 1.0), nonce)


@given(st.integers(0, 1 << 40))
def test_padding_hides_sizes_at_a_bounded_cost(size: int) -> None:
    padded = padded_size(size)
    assert padded >= size
    assert padded == padded_size(padded)
    if size > SMALLEST_SIZE:
        assert padded <= size * 1.12
    else:
        assert padded == SMALLEST_SIZE


def test_padding_is_the_published_one() -> None:
    # Worked out by hand: 1000 has exponent 9, of whose mantissa 4 bits stay, so steps of 32.
    assert [padded_size(size) for size in (257, 1000, 1024, 1025, 1_000_000)] == [
        272,
        1024,
        1024,
        1088,
        1_015_808,
    ]


def test_small_values_are_all_alike() -> None:
    sizes = {len(RING.seal(NAME, Content(b"x" * size, 1.0), NONCE)) for size in range(200)}
    assert len(sizes) == 1


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"x" * 27,
        struct.pack(">dddI", 1.0, 2.0, 0.0, 1),
        struct.pack(">dddI", nan, 2.0, 0.0, 0),
        struct.pack(">dddI", inf, 2.0, 0.0, 0),
        struct.pack(">dddI", 1.0, nan, 0.0, 0),
        struct.pack(">dddI", 1.0, 2.0, -1.0, 0),
        struct.pack(">dddI", 1.0, 2.0, nan, 0),
        struct.pack(">dddI", 1.0, 2.0, inf, 0),
    ],
)
def test_a_box_of_ours_with_nonsense_in_it(plain: bytes) -> None:
    sealed = b"\x01" + aead.seal(RING._box_key(0, NAME), NONCE, plain, b"\x01" + NAME)
    with pytest.raises(UnopenableError, match="box holds"):
        RING.open(0, NAME, sealed)


def test_keys_and_values_cannot_be_printed() -> None:
    assert "payload" not in repr(Content(b"secret payload", 1.0)).replace("payload=", "")
    assert "first" not in repr((RING, vars(RING)))
