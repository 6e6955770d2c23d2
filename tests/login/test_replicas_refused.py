"""A replica that GitHub refuses, because another was faster, gives the session that the other was given."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from proxy.errors import Code, RpcError
from proxy.session import Token
from tests.fakes.programs import redis_server
from tests.login.conftest import START, Stage, cookies
from tests.login.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.login.logins import Established

TOKEN = Token("ghu_0", "bearer", "ghr_0", datetime.fromtimestamp(START, UTC))


@pytest.fixture
async def fleet(stage: Stage) -> AsyncIterator[Fleet]:
    async with redis_server() as server, AsyncExitStack() as stack:
        yield Fleet(stage, server, stack)


async def test_who_is_refused_looks_once_more_for_what_another_was_given(fleet: Fleet) -> None:
    one, other = await fleet.replicas(2)
    key = ("anonymous", "ghr_0")

    async def refused_since_another_was_faster() -> Established:
        await other.refresh(cookies(TOKEN), "anonymous")
        await fleet.settled()
        raise RpcError(Code.UNAUTHENTICATED, "GitHub refused: bad_refresh_token")

    async def losing_the_lock() -> Established:
        await fleet.server.ask("FLUSHALL")
        return await refused_since_another_was_faster()

    established, elsewhere = await one._replicas.once(key, losing_the_lock)
    assert elsewhere
    assert one.open_session([established.cookie.partition(";")[0]], "anonymous").access_token == "ghu_1"


async def test_who_is_refused_without_the_lock_waits_for_what_another_was_given(fleet: Fleet) -> None:
    """A Redis that gave no clear word for a moment logs nobody out."""
    one, other = await fleet.replicas(2)
    key = ("anonymous", "ghr_0")
    share = one._replicas._share
    assert share is not None
    for name in share.lock(key, 1).names:
        await fleet.server.ask("SET", name, "forged")
    looks = 0

    async def refused() -> Established:
        raise RpcError(Code.UNAUTHENTICATED, "GitHub refused: bad_refresh_token")

    async def the_other_is_slow(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            await other.refresh(cookies(TOKEN), "anonymous")
            await fleet.settled()

    one._replicas._sleep = the_other_is_slow
    established, elsewhere = await one._replicas.once(key, refused)
    assert elsewhere
    assert looks == 3
    assert one.open_session([established.cookie.partition(";")[0]], "anonymous").access_token == "ghu_1"


async def test_a_refusal_without_the_lock_is_told_to_nobody_else(fleet: Fleet) -> None:
    one, other = await fleet.replicas(2)
    key = ("anonymous", "ghr_0")
    share = one._replicas._share
    assert share is not None
    for name in share.lock(key, 1).names:
        await fleet.server.ask("SET", name, "forged")

    async def refused() -> Established:
        raise RpcError(Code.UNAUTHENTICATED, "GitHub refused: bad_refresh_token")

    with pytest.raises(RpcError, match="bad_refresh_token"):
        await one._replicas.once(key, refused)
    await fleet.settled()
    assert (await other.refresh(cookies(TOKEN), "anonymous")).token
