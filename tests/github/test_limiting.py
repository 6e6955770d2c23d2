"""What GitHub's limits lead to: counted at the stand-in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from proxy.demo.github import Secondary, StandIn
from proxy.errors import Code, RpcError
from proxy.github import intent
from proxy.github.client import SparedError
from proxy.github.wire import Request
from proxy.source.model import Repository

if TYPE_CHECKING:
    from proxy.github.client import GitHub
    from proxy.metrics import Metrics
    from tests.fakes.github import Clock

SHOP = Repository("acme", "shop")
CODE = b"package main\n"
OAUTH = "/login/oauth/access_token"


async def refused(call: object, seconds: int) -> None:
    with pytest.raises(RpcError) as caught:
        await call  # type: ignore[misc]  # any call
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
    assert caught.value.retry_after == seconds
    assert f"in {seconds} s" in caught.value.message


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"sourceproxy_github_{name}", labels)


async def test_while_limited_nothing_is_sent_and_at_the_reset_all_is_well(
    hub: StandIn, shop: GitHub, clock: Clock, metrics: Metrics
) -> None:
    ada = hub.token_for("ada")
    hub.set_remaining("ada", "core", 0)
    hub.set_remaining("ada", "graphql", 0)
    for _ in range(20):
        await refused(shop.look(ada, SHOP, "main", ["main.go"]), 3600)
        await refused(shop.repository(ada, SHOP), 3600)
    assert [call.route for call in hub.calls] == ["graphql", "/repos/{owner}/{repo}"]
    assert value(metrics, "rate_limited_total", resource="graphql", kind="primary") == 1
    assert value(metrics, "rate_limited_total", resource="core", kind="primary") == 1
    assert value(metrics, "rate_limit_remaining", resource="core") == 0
    durations = [sample for metric in metrics.github_request_duration.collect() for sample in metric.samples]
    assert sum(sample.value for sample in durations if sample.name.endswith("_count")) == 2

    clock.advance(3599)
    await refused(shop.look(ada, SHOP, "main", ["main.go"]), 1)
    clock.advance(1)
    assert value(metrics, "rate_limit_remaining", resource="core") == 5000
    look = await shop.look(ada, SHOP, "main", ["main.go"])
    assert look is not None
    assert value(metrics, "rate_limit_remaining", resource="graphql") == 4999
    assert len(hub.calls) == 3


async def test_after_the_last_call_of_a_window_none_is_sent(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    hub.limits.core = hub.limits.graphql = 101
    hub.set_remaining("ada", "core", 1)
    hub.set_remaining("ada", "graphql", 0)
    assert await shop.repository(ada, SHOP) is not None
    hub.forget_calls()
    await refused(shop.tree(ada, SHOP, "main"), 3600)
    assert hub.calls == []


async def test_one_token_limited_does_not_limit_another(hub: StandIn, shop: GitHub) -> None:
    ada, bob = hub.token_for("ada"), hub.token_for("bob")
    hub.limits.secondary = Secondary(login="ada", retry_after=30)
    await refused(shop.look(ada, SHOP, "main", []), 30)
    assert await shop.look(bob, SHOP, "main", []) is not None
    hub.forget_calls()
    await refused(shop.look(ada, SHOP, "main", []), 30)
    assert hub.calls == []


@pytest.mark.parametrize("status", [403, 429])
async def test_a_secondary_limit_holds_back_both_apis(
    hub: StandIn, shop: GitHub, clock: Clock, metrics: Metrics, status: int
) -> None:
    ada = hub.token_for("ada")
    hub.limits.secondary = Secondary(status=status, retry_after=30, resources=("core",))
    await refused(shop.tree(ada, SHOP, "main"), 30)
    await refused(shop.look(ada, SHOP, "main", []), 30)
    assert len(hub.calls) == 1
    assert value(metrics, "rate_limited_total", resource="core", kind="secondary") == 1
    clock.advance(30)
    hub.limits.secondary = None
    assert await shop.tree(ada, SHOP, "main") is not None


async def test_a_limit_without_a_time_is_waited_for_longer_and_longer(
    hub: StandIn, shop: GitHub, clock: Clock
) -> None:
    ada = hub.token_for("ada")
    hub.limits.secondary = Secondary(retry_after=None)
    for seconds in (60, 120, 240, 480, 900, 900):
        await refused(shop.look(ada, SHOP, "main", []), seconds)
        clock.advance(seconds)
    assert len(hub.calls) == 6
    hub.limits.secondary = None
    assert await shop.look(ada, SHOP, "main", []) is not None
    hub.limits.secondary = Secondary(retry_after=None)
    await refused(shop.look(ada, SHOP, "main", []), 60)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("Mon, 12 Jan 1970 13:47:10 GMT", 30), ("soon", 60), ("", 60), ("-1", 60), ("99999999", 86400)],
)
async def test_retry_after_in_any_form(
    hub: StandIn, shop: GitHub, clock: Clock, retry_after: str, seconds: int
) -> None:
    hub.fail_next(status=429, headers={"retry-after": retry_after})
    ada = hub.token_for("ada")
    await refused(shop.repository(ada, SHOP), seconds)
    clock.advance(seconds - 1)
    await refused(shop.repository(ada, SHOP), 1)
    assert len(hub.calls) == 1
    clock.advance(1)
    assert await shop.repository(ada, SHOP) is not None


async def test_a_thousand_callers_of_a_limited_token_cost_no_more_calls_than_go_at_once(
    hub: StandIn, shop: GitHub, clock: Clock
) -> None:
    ada = hub.token_for("ada")
    hub.limits.secondary = Secondary(retry_after=None)
    asked = [shop.tree(ada, SHOP, "main") for _ in range(1000)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert {(type(error), getattr(error, "retry_after", 0)) for error in found} == {(RpcError, 60)}
    assert len(hub.calls) <= 30
    hub.forget_calls()
    clock.advance(60)
    found = await asyncio.gather(*[shop.tree(ada, SHOP, "main") for _ in range(1000)], return_exceptions=True)
    assert all(isinstance(error, RpcError) for error in found)
    assert len(hub.calls) == 1  # whether GitHub answers again is tried by one


async def test_below_the_reserve_only_what_a_person_waits_for_is_sent(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    hub.limits.core = hub.limits.graphql = 102
    with intent.speculative():
        assert await shop.look(ada, SHOP, "main", []) is not None
        assert await shop.tree(ada, SHOP, "main") is not None
        assert await shop.look(ada, SHOP, "main", []) is not None
        assert await shop.look(ada, SHOP, "main", []) is not None  # 100 were left, 99 are
        assert len(hub.calls) == 4
        for _ in range(10):
            with pytest.raises(SparedError) as caught:
                await shop.look(ada, SHOP, "main", [])
            assert caught.value.code is Code.RESOURCE_EXHAUSTED
    assert len(hub.calls) == 4
    assert await shop.look(ada, SHOP, "main", []) is not None
    assert len(hub.calls) == 5


async def test_what_nobody_waits_for_leaves_places_free(hub: StandIn, shop: GitHub) -> None:
    ada, hold = hub.token_for("ada"), asyncio.Event()
    fault = hub.fail_next(hold=hold, times=100)
    with intent.speculative():
        ahead = [asyncio.ensure_future(shop.tree(ada, SHOP, "main")) for _ in range(50)]
    await fault.reached.wait()
    spared, _ = await asyncio.wait(ahead, return_when=asyncio.FIRST_EXCEPTION)
    assert {type(task.exception()) for task in spared} == {SparedError}
    hold.set()
    found = await asyncio.gather(*ahead, return_exceptions=True)
    assert sum(not isinstance(tree, BaseException) for tree in found) == 10


async def test_a_limited_login_holds_back_logins_but_no_files(
    hub: StandIn, shop: GitHub, clock: Clock, metrics: Metrics
) -> None:
    hub.fail_next(status=429, headers={"retry-after": "20"}, route=OAUTH)
    login = Request("POST", hub.web_url + OAUTH, OAUTH, body=b"code=secret")
    assert (await shop.send(login)).status == 429
    await refused(shop.send(login), 20)
    assert await shop.look(hub.token_for("ada"), SHOP, "main", []) is not None
    assert [call.route for call in hub.calls] == [OAUTH, "graphql"]
    assert value(metrics, "rate_limited_total", resource="oauth", kind="secondary") == 1
    clock.advance(20)
    assert (await shop.send(login)).status == 200


async def test_a_refusal_of_permission_is_no_limit(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    body = b'{"message":"Resource not accessible by integration"}'
    spent = {"x-ratelimit-remaining": "12"}
    hub.fail_next(status=403, body=body, headers=spent, times=2)
    for _ in range(2):
        with pytest.raises(RpcError, match="install") as caught:
            await shop.repository(ada, SHOP)
        assert caught.value.code is Code.PERMISSION_DENIED
    assert len(hub.calls) == 2


async def test_nothing_secret_is_kept_or_said(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    hub.fail_next(status=429, body=b'{"message":"limited: ' + ada.encode() + b'"}')
    with pytest.raises(RpcError) as caught:
        await shop.repository(ada, SHOP)
    assert ada not in caught.value.message
    assert ada not in repr(vars(shop._budget)) + repr(vars(shop.windows)) + repr(vars(shop._sender))
    assert "secret" not in repr(shop._sender._means)
