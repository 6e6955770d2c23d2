"""While GitHub fails, what is known is answered, and where it may be old the answer says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from proxy.config.model import Cache
from tests.e2e.conftest import GO, GO_NOW, add
from tests.fakes.system import running_system
from tests.security.conftest import explain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
PRIVATE = "https://github.com/acme/secret"
LIMITED = {"retry-after": "120"}


@pytest.fixture
async def moving(histories: Histories) -> AsyncIterator[System]:
    """Where a branch is asked for again soon: long enough to be kept, over before the next request."""
    async with running_system(lambda config: replace(config, cache=Cache(ref_ttl=1e-6))) as running:
        add(running, histories)
        yield running


@pytest.mark.parametrize(
    "how",
    [
        {"status": 502},
        {"status": 429, "headers": LIMITED, "body": b'{"message":"secondary rate limit"}'},
        {"close": "before"},
    ],
)
async def test_what_is_known_is_answered(moving: System, histories: Histories, how: dict[str, Any]) -> None:
    ada, bob = await moving.login("ada"), await moving.login("bob")
    for ref in ("main", histories.first):
        assert (await moving.get_file(ada, CART, ref=ref, repository=PRIVATE)).status == 200
        assert (await moving.get_commit(ada, ref, PRIVATE)).status == 200
    moving.github.fail_next(times=1000, **how)
    sure = await moving.get_file(ada, CART, ref=histories.first, repository=PRIVATE)
    assert sure.content == GO.encode()
    assert "X-Source-Stale" not in sure.headers
    last = await moving.get_file(ada, CART, ref="main", repository=PRIVATE)
    assert last.content == GO_NOW.encode()
    assert last.headers["X-Source-Stale"] == "true"
    assert "stale;" in last.headers["Server-Timing"]
    explained = await explain(moving, ada, CART, repository=PRIVATE, ref="main")
    assert (explained.body["found"], explained.headers["X-Source-Stale"]) == (True, "true")
    commit = await moving.get_commit(ada, "main", PRIVATE)
    assert commit.body["sha"] == histories.second
    assert commit.headers["X-Source-Stale"] == "true"
    assert 'sourceproxy_cache_requests_total{cache="refs",result="stale"} 0.0' not in await moving.metrics()
    # Who was not shown it is told of the failure, and nothing else.
    assert (await moving.get_file(bob, CART, ref="main", repository=PRIVATE)).status in (429, 503)
