"""What a login remembers, and that nobody but the proxy can write it."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from proxy.session import derive_key
from proxy.ui import ticket as tickets
from proxy.ui.ticket import Ticket, open_ticket, seal_ticket, ticket_key

NOW = 1_800_000_000
NONCE = b"0123456789ab"
KEYS = [ticket_key("new"), ticket_key("old")]
TICKET = Ticket("the-state", "the-verifier", "https://p.example", "/-/source/?a=b", "team-a", NOW + 600)


@pytest.mark.parametrize("key", KEYS)
def test_what_was_sealed_opens_with_every_secret(key: bytes) -> None:
    assert open_ticket(seal_ticket(TICKET, key, NONCE), KEYS, NOW) == TICKET


def test_it_opens_in_its_time_only() -> None:
    sealed = seal_ticket(TICKET, KEYS[0], NONCE)
    assert open_ticket(sealed, KEYS, NOW + 599.9) == TICKET
    assert open_ticket(sealed, KEYS, NOW + 600) is None


def test_it_says_nothing_of_what_it_holds() -> None:
    sealed = seal_ticket(TICKET, KEYS[0], NONCE)
    for secret in (TICKET.state, TICKET.verifier):
        assert secret.encode() not in base64.urlsafe_b64decode(sealed)
        assert secret not in repr(TICKET)


def test_another_secret_opens_nothing() -> None:
    assert open_ticket(seal_ticket(TICKET, ticket_key("other"), NONCE), KEYS, NOW) is None
    assert open_ticket(seal_ticket(TICKET, KEYS[0], NONCE), [], NOW) is None


def test_the_key_of_sessions_is_another() -> None:
    assert derive_key("new", "anonymous") != ticket_key("new")
    assert open_ticket(seal_ticket(TICKET, derive_key("new", "anonymous"), NONCE), KEYS, NOW) is None


@pytest.mark.parametrize("content", [b"{}", b"[]", b"no json", b'{"state":"s"}', b'{"token":"x","expiry":1}'])
def test_what_is_no_ticket_opens_to_none(content: bytes) -> None:
    box = NONCE + AESGCM(KEYS[0]).encrypt(NONCE, content, tickets._PURPOSE)
    assert open_ticket(base64.urlsafe_b64encode(box).decode(), KEYS, NOW) is None


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_opens_nothing(where: int, change: int) -> None:
    box = bytearray(base64.urlsafe_b64decode(seal_ticket(TICKET, KEYS[0], NONCE)))
    box[where % len(box)] ^= change
    assert open_ticket(base64.urlsafe_b64encode(box).decode(), KEYS, NOW) is None


@given(st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_whatever_a_cookie_holds_it_ends_well(value: str) -> None:
    assert open_ticket(value, KEYS, NOW) is None


def test_it_fits_into_a_cookie() -> None:
    longest = replace(TICKET, return_path="/-/source/?" + "a" * 2037, tenant="t" * 150, state="s" * 43)
    assert len(seal_ticket(longest, KEYS[0], NONCE)) + len(tickets.COOKIE_NAME) < 4000


@pytest.mark.parametrize("state", ["", "the-stat", "the-state ", "THE-STATE", "ä", "\udcff"])
def test_only_the_state_itself_matches(state: str) -> None:
    assert TICKET.matches("the-state")
    assert not TICKET.matches(state)
