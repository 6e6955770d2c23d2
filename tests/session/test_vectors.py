from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from proxy.session import (
    COOKIE_NAME,
    BrokenSession,
    current_cookie_value,
    derive_key,
    legacy_cookie_value,
    open_sealed,
    read_cookie_value,
    read_cookies,
    seal,
    set_cookie,
    unix_ms,
)
from tests.session.vectors import SEALED, VECTORS, each, moment, token_of

WRITTEN = [vector for vector in SEALED if vector["as_the_proxy_writes_it"]]
UNTIL = [vector for vector in SEALED if vector["legacy_expiry"] > 0]


def keys_of(vector: dict[str, Any]) -> list[bytes]:
    return [derive_key(secret, vector["tenant"]) for secret in vector["secrets"]]


def test_the_vectors_cover_what_matters() -> None:
    assert VECTORS["cookie"] == COOKIE_NAME
    assert len({vector["secret"] for vector in SEALED}) >= 4
    assert len({vector["tenant"] for vector in SEALED}) >= 3
    assert any(not vector["tenant"].isascii() for vector in SEALED)
    assert WRITTEN
    assert len(WRITTEN) < len(SEALED)


@each("sealed")
def test_the_key_belongs_to_secret_and_tenant(vector: dict[str, Any]) -> None:
    assert derive_key(vector["secret"], vector["tenant"]).hex() == vector["key"]


@each("sealed")
def test_what_another_implementation_sealed_opens(vector: dict[str, Any]) -> None:
    keys = [bytes.fromhex(vector["key"])]
    expected = token_of(vector)
    assert open_sealed(vector["sealed"], keys) == expected
    assert read_cookie_value(vector["current_cookie_value"], keys) == expected
    assert read_cookie_value(vector["legacy_cookie_value"], keys) == expected
    assert read_cookies([vector["set_cookie"].partition(";")[0]], keys) == expected


@pytest.mark.parametrize("vector", WRITTEN, ids=[vector["name"] for vector in WRITTEN])
def test_sealing_gives_the_same_bytes_as_another_implementation(vector: dict[str, Any]) -> None:
    sealed = seal(token_of(vector), bytes.fromhex(vector["key"]), bytes.fromhex(vector["nonce"]))
    assert sealed == vector["sealed"]


@each("sealed")
def test_the_current_form_is_the_same(vector: dict[str, Any]) -> None:
    assert current_cookie_value(vector["sealed"]) == vector["current_cookie_value"]


@pytest.mark.parametrize("vector", UNTIL, ids=[vector["name"] for vector in UNTIL])
def test_the_legacy_form_and_the_whole_line_are_the_same(vector: dict[str, Any]) -> None:
    expiry = datetime.fromtimestamp(vector["legacy_expiry"] / 1000, UTC)
    assert unix_ms(expiry) == vector["legacy_expiry"]
    value = legacy_cookie_value(vector["sealed"], expiry)
    assert value == vector["legacy_cookie_value"]
    end = moment(vector["cookie_expires"])
    assert end is not None
    assert set_cookie(value, end) == vector["set_cookie"]


@each("opened")
def test_rotated_and_mishandled_cookies_open(vector: dict[str, Any]) -> None:
    assert read_cookie_value(vector["cookie_value"], keys_of(vector)).access_token == vector["access_token"]


@each("refused")
def test_everything_else_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(BrokenSession, match=r"^invalid token: the cookie pyroscope_git_session ") as caught:
        read_cookie_value(vector["cookie_value"], keys_of(vector))
    for secret in (*vector["secrets"], vector["cookie_value"]):
        assert secret not in str(caught.value)
