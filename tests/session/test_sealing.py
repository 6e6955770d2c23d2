from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Code, RpcError
from proxy.session import BrokenSession, InvalidSession, Token, derive_key, open_sealed, seal
from proxy.session.sealing import decode_base64
from tests.session.test_token import tokens

KEY = derive_key("secret", "anonymous")
NONCE = bytes(range(12))


@given(tokens, st.text(min_size=1), st.text(min_size=1), st.binary(min_size=12, max_size=12))
def test_what_is_sealed_opens(token: Token, secret: str, tenant: str, nonce: bytes) -> None:
    key = derive_key(secret, tenant)
    assert open_sealed(seal(token, key, nonce), [KEY, key]) == token


@given(st.integers(min_value=0), st.integers(0, 7))
def test_a_single_bit_breaks_it(place: int, bit: int) -> None:
    box = bytearray(base64.b64decode(seal(Token("a"), KEY, NONCE)))
    box[place % len(box)] ^= 1 << bit
    with pytest.raises(BrokenSession):
        open_sealed(base64.b64encode(box).decode(), [KEY])


@given(st.text(), st.lists(st.binary(min_size=32, max_size=32), max_size=2))
def test_any_text_is_refused_in_one_way(sealed: str, keys: list[bytes]) -> None:
    with pytest.raises(InvalidSession):
        open_sealed(sealed, keys)


@given(st.binary())
def test_bytes_survive_what_happens_to_base64_on_its_way(data: bytes) -> None:
    standard = base64.b64encode(data).decode()
    for changed in (
        standard,
        standard.rstrip("="),
        base64.urlsafe_b64encode(data).decode(),
        standard.replace("=", "%3D").replace("+", "%2b").replace("/", "%2F"),
        standard.replace("+", " ") if not standard.startswith("+") and standard[-1:] != "+" else standard,
    ):
        assert decode_base64(changed) == data


@pytest.mark.parametrize("text", ["a", "ab!d", "é", "\ud800", "ab\ncd", "=a", "a=b=", "%ff%ff", "\0\0\0\0"])
def test_what_is_no_base64_is_broken(text: str) -> None:
    with pytest.raises(BrokenSession, match="base64"):
        decode_base64(text)


def test_each_tenant_has_its_own_key() -> None:
    sealed = seal(Token("a"), derive_key("secret", "one"), NONCE)
    with pytest.raises(BrokenSession, match=r"does not open .* tenant"):
        open_sealed(sealed, [derive_key("secret", "two")])


def test_the_key_is_the_hash_of_secret_colon_tenant() -> None:
    assert derive_key("sécret", "anonymous") == hashlib.sha256("sécret:anonymous".encode()).digest()


def test_bytes_of_a_header_that_are_no_utf_8_count_as_they_are() -> None:
    tenant = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert derive_key("s", tenant) == hashlib.sha256(b"s:caf\xe9").digest()


def test_text_that_no_header_can_carry_still_gives_a_key() -> None:
    assert len(derive_key("s", "\ud800")) == 32


def test_no_tenant_is_refused_as_pyroscope_refuses_it() -> None:
    with pytest.raises(RpcError, match="no org id") as caught:
        derive_key("secret", "")
    assert caught.value.code is Code.UNAUTHENTICATED


def test_no_secret_makes_no_key() -> None:
    with pytest.raises(ValueError, match="secret is empty"):
        derive_key("", "anonymous")


@pytest.mark.parametrize("nonce", [b"", b"x" * 11, b"x" * 16])
def test_a_nonce_of_another_length_is_refused(nonce: bytes) -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        seal(Token("a"), KEY, nonce)
