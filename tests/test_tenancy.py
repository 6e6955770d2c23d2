"""Which tenant a request is of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from proxy.errors import Code, RpcError
from proxy.tenancy import ANONYMOUS, HEADER, tenant_of


def headers(value: str) -> CIMultiDict[str]:
    return CIMultiDict({HEADER.lower(): value})


@pytest.mark.parametrize("value", ["", "team-a", "../x", "a|b"])
def test_without_tenancy_everybody_is_anonymous(value: str) -> None:
    assert tenant_of(headers(value), multitenancy_enabled=False) == ANONYMOUS


@pytest.mark.parametrize("value", ["a", "team-a", "Team_1.x!*'()", "...", "a" * 150])
def test_with_tenancy_the_header_names_it(value: str) -> None:
    assert tenant_of(headers(value), multitenancy_enabled=True) == value


@pytest.mark.parametrize("given_headers", [CIMultiDict[str](), headers("")])
def test_without_the_header_nobody_is_let_in(given_headers: CIMultiDict[str]) -> None:
    with pytest.raises(RpcError, match="no org id") as caught:
        tenant_of(given_headers, multitenancy_enabled=True)
    assert caught.value.code is Code.UNAUTHENTICATED


@pytest.mark.parametrize(
    "value", [".", "..", "a/b", "a|b", "a b", "a:b", "é", "a" * 151, "a\n", "a\x00", "a\\b", "\u202e"]
)
def test_a_name_that_cannot_be_one_is_refused(value: str) -> None:
    with pytest.raises(RpcError, match=HEADER) as caught:
        tenant_of(headers(value), multitenancy_enabled=True)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert value not in caught.value.message or len(value) < 3


@given(st.text(max_size=200))
def test_no_header_ends_in_anything_else(value: str) -> None:
    told = None
    try:
        tenant = tenant_of({HEADER: value}, multitenancy_enabled=True)
    except RpcError as error:
        tenant, told = value, error.code
    assert tenant == value
    assert told in {None, Code.UNAUTHENTICATED, Code.INVALID_ARGUMENT}
