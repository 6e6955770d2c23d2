"""What is around the proxy, in the process of its own that it runs in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from faults.around.bodies import body
from faults.around.gate import Mode
from faults.around.github import Kind, Spoil
from faults.around.pyroscope import Manner
from faults.around.remote import Around, AroundError
from faults.around.surroundings import Place, Plan, Tls
from faults.client import Answer, Client, GoneError, Question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Around]:
    around = Around()
    plan = Plan(str(folder), "seed", "secret", logins=("ada",), repositories=(), redis=1)
    try:
        await around.start(plan)
        yield around
    finally:
        await around.stop()


async def asked(port: int, target: str) -> Answer:
    client = Client(port)
    try:
        return await client.ask(Question("GET", target, "localhost", {"X-Nonce": "n", "User-Agent": "test"}))
    finally:
        await client.close()


async def test_it_does_what_it_is_told(tmp_path: Path) -> None:
    async with standing(tmp_path) as around:
        pyroscope = around.ports[Place.UPSTREAM]
        assert (await asked(pyroscope, "/give/1/1024")).body == body(1, 1024)
        await around.answer(Manner.LESS)
        assert not (await asked(pyroscope, "/give/1/1024")).whole
        await around.answer(Manner.HTTP)
        await around.turn(Place.UPSTREAM, Mode.REFUSE)
        with pytest.raises(GoneError):
            await asked(pyroscope, "/give/1/1024")
        await around.turn(Place.UPSTREAM, Mode.PASS)
        assert (await asked(pyroscope, "/give/1/1024")).body == body(1, 1024)

        await around.spoil(Spoil(Kind.STATUS, 418, "short and stout", {"retry-after": "1"}))
        spoilt = await asked(around.stand_in, "/repos/acme/shop")
        assert (spoilt.status, spoilt.body, spoilt.headers["retry-after"]) == (418, b"short and stout", "1")
        await around.spoil(None)
        assert (await asked(around.stand_in, "/repos/acme/shop")).status == 404
        assert await around.tokens() == []
    with pytest.raises(GoneError):
        await asked(pyroscope, "/give/1/1024")


async def test_tls_may_be_any_and_a_gate_lead_anywhere(tmp_path: Path) -> None:
    async with standing(tmp_path) as around:
        await around.encrypt(Tls.NONE)
        assert (await asked(around.ports[Place.GITHUB], "/repos/acme/shop")).status == 404
        await around.aim(Place.REDIS, around.stand_in)
        assert (await asked(around.ports[Place.REDIS], "/repos/acme/shop")).status == 404


async def test_what_it_cannot_do_is_a_mistake_of_the_suite(tmp_path: Path) -> None:
    async with standing(tmp_path) as around:
        with pytest.raises(AroundError, match="no command 'stop'"):
            await around._exchange(["stop"])
        with pytest.raises(AroundError, match=r"'turn'.*nowhere"):
            await around._exchange(["turn", "nowhere", "they pass"])
    with pytest.raises(AroundError):
        await around.skew(1.0)
    with pytest.raises(AroundError, match="not started"):
        await Around().skew(1.0)
