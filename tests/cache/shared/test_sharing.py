"""Two replicas and a real Redis: what one has learned, the other need not ask for."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

import pytest

from proxy.cache import Entry, NamedCache
from proxy.cache.shared.codecs import BYTES, TEXT, json_codec, optional_codec
from tests.cache.shared.conftest import PATIENT, SECRET, Replica, Replicas, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.around.redis import RedisServer

KEY = ("acme/secret-repository", "main", "src/payroll.go")
CONTENT = b"package payroll // what only some may read"


def giving(
    value: object, *, ttl: float | None = None, grace: float = 0.0
) -> Callable[[], Awaitable[Entry[object]]]:
    async def load() -> Entry[object]:
        return Entry(value, ttl=ttl, grace=grace)

    return load


async def failing() -> Entry[object]:
    raise AssertionError("nobody should load this")


async def share(replica: Replica, *, ttl: float | None = None, grace: float = 0.0) -> None:
    """Have a replica load the content and share it."""
    assert await replica.named().fetch(KEY, giving(CONTENT, ttl=ttl, grace=grace)) == CONTENT
    await replica.settled()


async def test_what_one_replica_loaded_another_need_not_load(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    await share(one)
    files = other.named()
    assert await files.fetch(KEY, failing) == CONTENT
    assert files.get(KEY) == CONTENT
    assert one.requests() == {"miss": 1}
    assert other.requests() == {"hit": 2}
    assert one.errors() == other.errors() == {}


async def test_what_was_put_is_found_without_loading(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    one.named().put(KEY, CONTENT, ttl=60)
    await one.settled()
    files = other.named()
    assert files.get(KEY) is None
    assert await files.find(KEY) == CONTENT
    assert await files.find(KEY) == CONTENT
    assert await files.find("other", b"default") == b"default"
    assert other.requests() == {"hit": 2, "miss": 2}


async def test_without_a_codec_nothing_is_shared(server: RedisServer, replicas: Replicas) -> None:
    one = await replicas.ready(server.url)
    files: NamedCache[object, object] = one.cache.named("files")
    await files.fetch(KEY, giving(CONTENT))
    files.put("a", b"x")
    files.forget("a")
    assert await files.find("a") is None
    await one.settled()
    assert await server.keys() == []


async def test_many_who_ask_at_once_ask_redis_once(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    await share(one)
    files = other.named()
    before = await gets(server)
    found = await asyncio.gather(*(files.fetch(KEY, failing) for _ in range(100)))
    assert set(found) == {CONTENT}
    assert await gets(server) == before + 1
    assert other.requests() == {"hit": 1, "coalesced": 99}


async def gets(server: RedisServer) -> int:
    (stats,) = await server.ask("INFO", "commandstats")
    found = re.search(rb"cmdstat_mget:calls=(\d+)", stats)
    return int(found[1]) if found else 0


async def test_many_who_find_at_once_ask_redis_once(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    await share(one)
    files = other.named()
    before = await gets(server)
    assert set(await asyncio.gather(*(files.find(KEY) for _ in range(10)))) == {CONTENT}
    assert await gets(server) == before + 1
    assert other.requests() == {"hit": 1, "coalesced": 9}


async def test_not_there_is_shared_too(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    codec = optional_codec(BYTES)
    await one.named(codec=codec).fetch(KEY, giving(None, ttl=60))
    await one.settled()
    assert await other.named(codec=codec).fetch(KEY, failing) is None


async def test_grace_travels_with_the_value(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    await share(one, ttl=60, grace=600)
    files = other.named()
    await files.fetch(KEY, failing)
    replicas.clock.now += 61
    assert files.get(KEY) is None
    assert files.get_stale(KEY) == CONTENT


@pytest.mark.parametrize(("ttl", "longest"), [(60, 60), (1e9, 604800), (inf, 604800), (None, 604800)])
async def test_redis_drops_what_is_over_and_what_nobody_asks_for(
    server: RedisServer, replicas: Replicas, ttl: float | None, longest: int
) -> None:
    one = await replicas.ready(server.url)
    one.named().put(KEY, CONTENT, ttl=ttl)
    await one.settled()
    (name,) = await server.keys()
    left = int((await server.ask("PTTL", name))[0][1:])
    assert 0 < left <= longest * 1000


async def test_a_newer_value_replaces_one_that_may_not_be_shared(
    server: RedisServer, replicas: Replicas
) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    files = one.named()
    files.put(KEY, CONTENT)
    files.put(KEY, b"x" * (one.store._limits.value + 1))
    files.put("kept", b"x" * one.store._limits.value)
    files.put("over", b"x", ttl=0)
    await one.settled()
    assert len(await server.keys()) == 1
    assert await other.named().find(KEY) is None


async def test_a_value_that_its_codec_cannot_write_is_not_shared(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.ready(server.url)
    texts = one.named(codec=json_codec(1, TEXT))
    texts.put("key", "text")
    texts.put("key", object())
    await one.settled()
    assert await server.keys() == []


async def test_a_secret_is_changed_without_emptying_the_cache(
    server: RedisServer, replicas: Replicas
) -> None:
    old = await replicas.ready(server.url, "old secret")
    both = await replicas.ready(server.url, "new secret", "old secret")
    new = await replicas.ready(server.url, "new secret")
    await share(old)
    assert await new.named().find(KEY) is None
    files = both.named()
    assert await files.find(KEY) == CONTENT
    files.put(KEY, b"newer")
    await both.settled()
    assert await new.cache.named("again", codec=BYTES).find(KEY) is None
    assert await old.cache.named("again", codec=BYTES).find(KEY) is None
    assert len(await server.keys()) == 1


async def test_replicas_of_two_releases_do_not_misread_each_other(
    server: RedisServer, replicas: Replicas
) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    one.named(codec=json_codec(1, TEXT)).put("key", "text")
    await one.settled()
    assert await other.named(codec=json_codec(2, TEXT)).find("key") is None
    assert other.errors() == {}


async def test_closing_writes_what_waits_to_be_written(server: RedisServer, replicas: Replicas) -> None:
    one = await replicas.ready(server.url, limits=replace(PATIENT, closing=30.0))
    files = one.named()
    # Few enough for the moment that closing takes, also on a busy machine.
    for number in range(100):
        files.put(number, CONTENT)
    await one.store.aclose()
    assert len(await server.keys()) == 100


async def test_nothing_in_redis_can_be_read(server: RedisServer, replicas: Replicas) -> None:
    one = await replicas.ready(server.url)
    await share(one)
    one.named("access").put((b"viewer", "acme/secret-repository"), b"ghu_token", ttl=60)
    await one.settled()
    dump = [*(names := await server.keys()), *[await server.value(name) for name in names]]
    assert len(dump) == 4
    for secret in (
        b"acme",
        b"secret",
        b"payroll",
        b"package",
        b"main",
        b"files",
        b"access",
        b"viewer",
        b"ghu_",
    ):
        assert not [found for found in dump if secret in found]
    assert SECRET.encode() not in b"".join(dump)
    assert len({len(found) for found in dump}) == 2  # one length of names, one of small values


async def test_the_same_value_never_looks_the_same(server: RedisServer, replicas: Replicas) -> None:
    one = await replicas.ready(server.url)
    files, boxes = one.named(), set()
    for _ in range(3):
        files.put(KEY, CONTENT)
        await one.settled()
        (name,) = await server.keys()
        boxes.add(await server.value(name))
    assert len(boxes) == 3


async def test_a_waiter_that_leaves_while_redis_is_asked_counts_and_harms_nothing(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.ready(server.url)
    files = one.named()
    server.hang()
    waiting = asyncio.create_task(files.fetch(KEY, failing))
    await until(lambda: bool(one.store._reads._sent))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    server.resume()
    assert await files.fetch(KEY, giving(CONTENT)) == CONTENT
    assert one.requests() == {"miss": 2}
    assert one.errors() == {}
