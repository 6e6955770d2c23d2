"""Connections are kept, shared out in order, and replaced when they died unnoticed."""

from __future__ import annotations

import asyncio

import pytest

from tests.door.conftest import Connection, Setup, running_door

GET = b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n"


async def _answer(client: Connection) -> bytes:
    head = await asyncio.wait_for(client.head(), 10)
    size = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:"))
    return await asyncio.wait_for(client.reader.readexactly(size), 10)


async def test_both_sides_are_kept_alive(echoing: Setup) -> None:
    client = await echoing.connect()
    for number in range(5):
        await client.send(GET % number)
        assert (await _answer(client)).startswith(b"GET /%d " % number)
    assert len(echoing.connections) == 1
    client.close()


async def test_pipelined_requests_are_answered_in_order() -> None:
    async def script(connection: Connection) -> None:
        while True:
            head, body = await connection.request()
            number = head.split(b" ")[1][1:]
            await connection.send(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b%b" % (len(number + body), number, body)
            )

    async with running_door(script) as setup:
        client = await setup.connect()
        requests = [GET % 1, b"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", GET % 3]
        requests += [b"POST /4 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", GET % 5]
        await client.send(b"".join(requests))
        answers = [await _answer(client) for _ in requests]
        assert answers == [b"1", b"2body", b"3", b"40\r\n\r\n", b"5"]
        client.close()


async def test_many_pipelined_requests_are_answered_in_order(echoing: Setup) -> None:
    client = await echoing.connect()
    count = 2000
    sending = asyncio.create_task(client.send(b"".join(GET % number for number in range(count))))
    for number in range(count):
        assert (await _answer(client)).startswith(b"GET /%d " % number)
    await sending
    client.close()


async def test_pipelined_errors_are_answered_in_order(echoing: Setup) -> None:
    client = await echoing.connect()
    await client.send(GET % 1 + b"NONSENSE\r\n\r\n" + GET % 2)
    assert (await _answer(client)).startswith(b"GET /1 ")
    assert (await asyncio.wait_for(client.head(), 10)).startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
    assert b"GET /2" not in await asyncio.wait_for(client.reader.read(), 10)
    client.close()


async def test_a_request_after_connection_close_is_not_answered(echoing: Setup) -> None:
    client = await echoing.connect()
    await client.send(b"GET /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + GET % 2)
    assert (await asyncio.wait_for(client.reader.read(), 10)).count(b"HTTP/1.1 200") == 1
    client.close()


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", True),
    ],
)
async def test_the_client_decides_whether_its_connection_is_kept(
    echoing: Setup, head: bytes, kept: bool
) -> None:
    client = await echoing.connect()
    await client.send(head)
    await _answer(client)
    if kept:
        await client.send(b"GET /again HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await _answer(client)).startswith(b"GET /again ")
    else:
        assert await asyncio.wait_for(client.reader.read(), 10) == b""
    client.close()


async def answer_once(connection: Connection) -> None:
    """Answer one request as if the connection were kept, then close it under the next one."""
    head, body = await connection.request()
    answer = head.split(b" ")[0] + b" " + body
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))
    await connection.request()
    connection.reset()


@pytest.mark.parametrize(
    "again",
    [
        b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        b"POST /querier.v1.QuerierService/SelectSeries HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        (
            b"POST /querier.v1.QuerierService/Series HTTP/1.1\r\nHost: h\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        ),
    ],
)
async def test_a_connection_that_died_under_a_request_that_is_safe_to_repeat(again: bytes) -> None:
    async with running_door(answer_once) as setup:
        client = await setup.connect()
        await client.send(GET % 1)
        await _answer(client)
        await client.send(again)
        body = (
            b"" if again.startswith(b"GET") else b"3\r\nabc\r\n0\r\n\r\n" if b"chunked" in again else b"abc"
        )
        assert await _answer(client) == again.split(b" ")[0] + b" " + body
        assert len(setup.connections) == 2
        client.close()


async def test_a_connection_that_died_under_a_post_that_may_not_be_repeated() -> None:
    async with running_door(answer_once) as setup:
        client = await setup.connect()
        await client.send(GET % 1)
        await _answer(client)
        await client.send(b"POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 502")
        client.close()


async def test_a_request_too_large_to_keep_is_not_repeated() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await connection.head()
        await connection.reader.readexactly(100_000)
        connection.reset()

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(GET % 1)
        await _answer(client)
        await client.send(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000)
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 502")
        assert len(setup.connections) == 1
        client.close()


@pytest.mark.parametrize("closing", ["close", "reset"])
async def test_a_kept_connection_that_the_upstream_closed_is_not_used(closing: str) -> None:
    closed = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        getattr(connection, closing)()
        closed.set()

    async with running_door(script) as setup:
        client = await setup.connect()
        for number in range(1, 20):
            await client.send(b"POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 200")
            await closed.wait()
            closed.clear()
            assert len(setup.connections) == number
        client.close()


async def test_an_upstream_that_closes_after_each_answer(echoing: Setup) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(script) as setup:
        client = await setup.connect()
        for _ in range(3):
            await client.send(GET % 1)
            assert await _answer(client) == b"ok"
        assert len(setup.connections) == 3
        client.close()


async def test_upgrades_are_ignored_and_their_bodies_stay_in_step(echoing: Setup) -> None:
    client = await echoing.connect()
    upgrade = b"Host: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
    await client.send(
        b"POST /1 HTTP/1.1\r\n" + upgrade + b"Content-Length: 3\r\n\r\nabc"
        b"POST /2 HTTP/1.1\r\n" + upgrade + b"Transfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n"
        b"GET /3 HTTP/1.1\r\n" + upgrade + b"\r\n" + GET % 4
    )
    first, second, third, fourth = [await _answer(client) for _ in range(4)]
    assert first.endswith(b"\r\n\r\nabc")
    assert second.endswith(b"\r\n\r\n3\r\nGET\r\n0\r\n\r\n")
    assert third.startswith(b"GET /3 ")
    assert fourth.startswith(b"GET /4 ")
    assert b"upgrade" not in (first + second + third).lower()
    client.close()


async def test_draining_finishes_what_runs_and_answers_what_still_comes() -> None:
    answer_now = asyncio.Event()

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await answer_now.wait()
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(script) as setup:
        first, second = await setup.connect(), await setup.connect()
        await first.send(GET % 1)
        while not setup.connections:
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)
        draining = asyncio.create_task(setup.door.drain(10))
        await asyncio.wait([draining], timeout=0.05)
        await second.send(GET % 2)
        third = await setup.connect()
        await third.send(GET % 3)
        while len(setup.connections) < 3:
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)
        answer_now.set()
        for client in (first, second, third):
            head = await asyncio.wait_for(client.head(), 10)
            assert b"\r\nConnection: close\r\n" in head
            assert await asyncio.wait_for(client.reader.read(), 10) == b"ok"
        await asyncio.wait_for(draining, 10)
        with pytest.raises(ConnectionRefusedError):
            await setup.connect()


async def test_draining_ends_with_the_grace() -> None:
    async def script(connection: Connection) -> None:
        await connection.reader.read()

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(GET % 1)
        while not setup.connections:
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)
        await asyncio.wait_for(setup.door.drain(0.1), 10)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(client.head(), 10)


async def test_many_clients_at_once(echoing: Setup) -> None:
    async def one(number: int) -> None:
        client = await echoing.connect()
        for round_ in range(5):
            await client.send(GET % (number * 100 + round_))
            assert (await _answer(client)).startswith(b"GET /%d " % (number * 100 + round_))
        client.close()

    await asyncio.gather(*(one(number) for number in range(100)))


async def test_an_upstream_that_speaks_out_of_turn_loses_its_connection() -> None:
    async def script(connection: Connection) -> None:
        await say_ok_once(connection)
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        await connection.reader.read()

    async def say_ok_once(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")

    async with running_door(script) as setup:
        client = await setup.connect()
        for _ in range(5):
            await client.send(b"POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
            assert await _answer(client) == b"good"
        client.close()
