"""Who leaves when there are more clients than there is room for."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from proxy.door import room
from tests.door.conftest import Connection, running_door, say_ok
from tests.door.test_patience import until

if TYPE_CHECKING:
    from tests.door.conftest import Setup

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.mark.parametrize(
    ("soft", "expected"), [(40, 30), (1024, 768), (20_000, 18_976), (resource.RLIM_INFINITY, float("inf"))]
)
def test_some_descriptors_are_kept_back(soft: int, expected: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, soft))
    assert room.room_for_clients() == expected


@pytest.mark.parametrize(
    ("limits", "raised"),
    [
        ((1024, 4096), [(4096, 4096)]),
        ((4096, 4096), []),
        ((1024, resource.RLIM_INFINITY), [(2**20, resource.RLIM_INFINITY)]),
        ((2**21, resource.RLIM_INFINITY), []),
        ((1024, 2**30), [(2**20, 2**30)]),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), []),
    ],
)
def test_the_limit_is_raised_as_far_as_it_makes_sense(
    limits: tuple[int, int], raised: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: found.append(new))
    room.raise_descriptor_limit()
    assert found == raised


async def come(setup: Setup) -> Connection:
    """A client that the door has noticed."""
    count = setup.door._arrivals
    client = await setup.connect()
    await until(lambda: setup.door._arrivals > count)
    return client


async def test_who_waits_longest_leaves_first(caplog: pytest.LogCaptureFixture) -> None:
    async with running_door(say_ok, most_clients=3) as setup:
        clients = [await come(setup) for _ in range(3)]
        await clients[0].send(GET)
        await clients[0].head()
        clients += [await come(setup) for _ in range(2)]
        await until(lambda: len(setup.door._clients) == 3)
        for gone in clients[1:3]:
            assert await gone.reader.read() == b""
        for kept in (clients[0], *clients[3:]):
            await kept.send(GET)
            assert b"\r\n" in await kept.head()
        assert len([record for record in caplog.records if "file descriptors" in record.message]) == 1


async def test_who_is_being_answered_stays_and_a_newcomer_leaves() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()

    async with running_door(script, most_clients=2) as setup:
        clients = [await come(setup) for _ in range(2)]
        for client in clients:
            await client.send(GET)
        await until(lambda: len(setup.connections) == 2)
        third = await come(setup)
        assert await third.reader.read() == b""
        assert len(setup.door._clients) == 2
        assert all(client.exchanging is not None for client in setup.door._clients)
