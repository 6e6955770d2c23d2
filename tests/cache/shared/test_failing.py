"""A real Redis that is killed, hangs, is full or wants a password: no request fails."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from proxy.cache import Entry
from proxy.cache.shared.limits import Limits
from tests.cache.shared.conftest import GENEROUS, HASTY, Replicas, until
from tests.fakes.programs import redis_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import pytest

    from faults.around.redis import RedisServer
    from proxy.cache import NamedCache
    from tests.cache.shared.conftest import Replica


def giving(value: bytes) -> Callable[[], Awaitable[Entry[bytes]]]:
    async def load() -> Entry[bytes]:
        return Entry(value)

    return load


async def failing() -> Entry[bytes]:
    raise AssertionError("nobody should load this")


async def sharing_works(one: Replica, other: Replica, key: str) -> None:
    """What the one loads arrives at the other, as soon as both have a connection again."""
    await one.ready()
    await other.ready()
    name = f"check {key}"
    one.named(name).put(key, b"shared")
    await one.settled()
    assert await other.named(name).fetch(key, failing) == b"shared"


# Gone


async def test_without_redis_everything_goes_on(replicas: Replicas) -> None:
    one = await replicas.open("unix:///nowhere/redis.sock")
    await until(lambda: not one.store._writes.accepts)
    files = one.named()
    assert await files.fetch("key", giving(b"x")) == b"x"
    assert await files.find("other") is None
    files.forget("key")
    assert await files.fetch("key", giving(b"y")) == b"y"
    assert set(one.errors()) == {"connection"}
    assert one.requests() == {"miss": 3}
    assert not one.store._writes._queue


async def test_redis_may_come_later(replicas: Replicas) -> None:
    server = redis_server()
    one, other = await replicas.open(server.url), await replicas.open(server.url)
    await until(lambda: one.errors().get("connection", 0) > 0)
    async with server:
        await sharing_works(one, other, "late")


async def test_what_was_told_before_the_first_connection_is_written(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.open(server.url)
    one.named().put("key", b"x")
    await one.ready()
    await one.settled()
    assert len(await server.keys()) == 1


async def test_killed_and_restarted_under_load(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    stop = asyncio.Event()
    answered = 0

    async def load(files: NamedCache[object, bytes], keys: str) -> None:
        nonlocal answered
        number = 0
        while not stop.is_set():
            number += 1
            value = f"{keys}{number % 7}".encode()
            assert await files.fetch(number % 7, giving(value)) in (
                value,
                b"a%d" % (number % 7),
                b"b%d" % (number % 7),
            )
            files.forget(number % 7)
            answered += 1
            await asyncio.sleep(0)

    crowd = [
        asyncio.create_task(load(files, keys)) for files, keys in ((one.named(), "a"), (other.named(), "b"))
    ]
    for round_ in range(3):
        before = answered
        server.kill()
        await until(lambda: not one.store.up and not other.store.up)
        await until(lambda before=before: answered > before + 50)  # type: ignore[misc]  # mypy knows no defaults here
        await server.start()
        await sharing_works(one, other, f"round {round_}")
    stop.set()
    await asyncio.gather(*crowd)
    assert set(one.errors()) == {"connection"}


async def test_everything_flushed_in_mid_use(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    one.named().put("key", b"x")
    await one.settled()
    await server.ask("FLUSHALL")
    assert await other.named().fetch("key", giving(b"y")) == b"y"
    assert one.errors() == other.errors() == {}


# Slow


async def test_a_redis_that_hangs_is_soon_left_alone_and_used_again(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.ready(server.url, limits=HASTY)
    files = one.named()
    server.hang()
    loaded = 0
    while one.store.up:
        assert await files.fetch(f"key {loaded}", giving(b"x")) == b"x"
        loaded += 1
    # Each of them had waited its few milliseconds; from here on nobody waits.
    assert loaded <= HASTY.strikes
    assert one.errors()["timeout"] >= loaded
    for number in range(100):
        assert await files.fetch(number, giving(b"x")) == b"x"
    await until(lambda: one.errors()["timeout"] > loaded + 1)  # it tries by itself whether Redis is back
    server.resume()
    await one.ready()


async def test_many_at_once_that_get_no_answer_in_time_are_one_strike(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.ready(server.url, limits=Limits(**{**GENEROUS, "read": 0.005}))  # type: ignore[arg-type]  # all of them are seconds
    files = one.named()
    server.hang()
    await asyncio.gather(*(files.fetch(number, giving(b"x")) for number in range(50)))
    assert one.store._reads._strikes == 1
    assert one.store.up
    server.resume()


async def test_writes_that_get_no_answer_are_given_up(server: RedisServer, replicas: Replicas) -> None:
    limits = Limits(**{**GENEROUS, "stall": 0.05, "connect": 0.05}, in_flight=4, queued=10)  # type: ignore[arg-type]  # all of them are seconds
    one = await replicas.ready(server.url, limits=limits)
    files = one.named()
    server.hang()
    for number in range(100):
        files.put(number, b"x")
        assert len(one.store._writes._queue) <= 10
    assert one.errors()["dropped"] >= 86
    await until(lambda: "timeout" in one.errors())
    server.resume()
    await one.ready()
    await one.settled()
    # Of what waited, the latest is there.
    assert await (await replicas.ready(server.url)).named().fetch(99, failing) == b"x"


async def test_what_waits_to_be_written_is_bounded_in_bytes(replicas: Replicas) -> None:
    one = await replicas.open("unix:///nowhere/redis.sock", limits=Limits(queued_bytes=100_000))
    files = one.named()
    for number in range(100):
        files.put(number, b"x" * 10_000)
        assert one.store._writes._queued_bytes <= 100_000
    assert one.errors()["dropped"] > 80


# Refusing


async def test_a_full_redis_is_no_failure_and_still_read(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    one.named().put("early", b"x")
    await one.settled()
    await server.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    await server.ask("CONFIG", "SET", "maxmemory", "1")
    files = other.named()
    assert await files.fetch("late", giving(b"y")) == b"y"
    assert await files.fetch("early", failing) == b"x"
    await other.settled()
    assert other.errors() == {"full": 1}
    assert other.store._writes.up
    await server.ask("CONFIG", "SET", "maxmemory", "0")
    await sharing_works(one, other, "room again")


async def test_a_replica_of_redis_that_takes_no_writes(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    one.named().put("early", b"x")
    await one.settled()
    await server.ask("CONFIG", "SET", "replica-serve-stale-data", "yes")
    await server.ask("REPLICAOF", "127.0.0.1", "1")
    assert await other.named().fetch("early", failing) == b"x"
    assert await other.named("more").fetch("late", giving(b"y")) == b"y"
    await until(lambda: "refused" in other.errors())
    await server.ask("REPLICAOF", "NO", "ONE")
    await sharing_works(one, other, "primary again")


async def test_the_password_of_the_url_is_used_and_never_told(
    replicas: Replicas, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with redis_server(password="correct-horse") as server:
        one, other = await replicas.ready(server.url), await replicas.ready(server.url)
        await sharing_works(one, other, "key")
        wrong = await replicas.open(server.url.replace("correct-horse", "battery-staple"))
        without = await replicas.open(server.url.replace(":correct-horse@", ""))
        for refused in (wrong, without):
            await until(lambda refused=refused: refused.errors().get("refused", 0) > 0)  # type: ignore[misc]  # mypy knows no defaults here
            assert await refused.named().fetch("key", giving(b"x")) == b"x"
            assert set(refused.errors()) == {"refused"}
    logged = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "NOAUTH" in logged
    for password in ("correct-horse", "battery-staple"):
        assert password not in logged
        assert password not in repr((one.store, wrong.store, vars(wrong.store)))


async def test_commands_that_are_not_permitted(server: RedisServer, replicas: Replicas) -> None:
    await server.ask("ACL", "SETUSER", "default", "-mget")
    one = await replicas.ready(server.url)
    assert await one.named().fetch("key", giving(b"x")) == b"x"
    assert one.errors() == {"refused": 1}
    assert one.store.up


async def test_a_redis_that_is_loading_is_tried_again(replicas: Replicas, tmp_path: Path) -> None:
    async with redis_server("--dir", str(tmp_path), "--enable-debug-command", "yes") as server:
        one = await replicas.ready(server.url)
        for number in range(200):
            await server.ask("SET", f"key {number}", b"x" * 100)
        await server.ask(
            "CONFIG", "SET", "key-load-delay", "1000", "loading-process-events-interval-bytes", "1024"
        )
        reloading = asyncio.create_task(server.ask("DEBUG", "RELOAD"))
        files, number = one.named(), 0
        while "refused" not in one.errors() and not reloading.done():
            number += 1
            await files.fetch(number, giving(b"x"))
        await reloading
        assert set(one.errors()) == {"refused"}
        await one.ready()
        assert await files.fetch("after", giving(b"x")) == b"x"


async def test_a_cluster_is_left_alone(replicas: Replicas) -> None:
    async with redis_server("--cluster-enabled", "yes", "--cluster-config-file", "nodes") as server:
        one = await replicas.open(server.url)
        await one.ready()
        assert await one.named().fetch("key", giving(b"x")) == b"x"
        await until(lambda: "refused" in one.errors())
        assert set(one.errors()) == {"refused"}
