"""How long what is shared holds: never longer than where it was learned, and not once it was forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.cache import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.around.redis import RedisServer
    from tests.cache.shared.conftest import Replica, Replicas

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


async def test_a_proof_ends_everywhere_when_it_would_have_ended_where_it_was_made(
    server: RedisServer, replicas: Replicas
) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    await share(one, ttl=300)
    replicas.clock.now += 299
    files = other.named()
    assert await files.fetch(KEY, failing) == CONTENT
    replicas.clock.now += 0.9
    assert files.get(KEY) == CONTENT
    replicas.clock.now += 0.1
    assert files.get(KEY) is None
    assert await files.fetch(KEY, giving(b"anew")) == b"anew"


async def test_a_redis_that_forgets_to_expire_brings_nothing_back(
    server: RedisServer, replicas: Replicas
) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    await share(one, ttl=300)
    (name,) = await server.keys()
    assert await server.ask("PERSIST", name) == [b":1"]
    replicas.clock.now += 300
    assert await other.named().find(KEY) is None
    assert other.errors() == {}


async def test_a_clock_that_is_behind_adds_nothing_to_a_proof(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.ready(server.url)
    behind = await replicas.open(server.url, wall=lambda: 1_795_000_000 + replicas.clock() - 20)
    await behind.ready()
    await share(one, ttl=300)
    files = behind.named()
    assert await files.fetch(KEY, failing) == CONTENT
    replicas.clock.now += 300
    assert files.get(KEY) is None


async def test_what_was_made_in_the_future_is_not_believed(server: RedisServer, replicas: Replicas) -> None:
    one = await replicas.ready(server.url)
    behind = await replicas.open(server.url, wall=lambda: 1_795_000_000 + replicas.clock() - 31)
    await behind.ready()
    await share(one, ttl=300)
    assert await behind.named().find(KEY) is None
    assert behind.errors() == {"clock": 1}


async def test_forgotten_here_is_forgotten_there(server: RedisServer, replicas: Replicas) -> None:
    one, other = await replicas.ready(server.url), await replicas.ready(server.url)
    files = one.named()
    await files.fetch(KEY, giving(CONTENT))
    files.forget(KEY)
    await one.settled()
    assert await server.keys() == []
    assert await other.named().find(KEY) is None


async def test_what_was_forgotten_is_not_found_again_although_redis_has_it(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.ready(server.url)
    files = one.named()
    await files.fetch(KEY, giving(CONTENT))
    await one.settled()
    (name,) = await server.keys()
    box = await server.value(name)
    files.forget(KEY)
    await one.settled()
    await server.ask("SET", name, box)
    assert await files.find(KEY) is None
    replicas.clock.now += 1
    files.put(KEY, b"anew")
    await one.settled()
    one.cache._store.remove("files", KEY, replicas.clock())
    assert await files.find(KEY) == b"anew"


async def test_what_was_forgotten_while_loading_is_not_shared(
    server: RedisServer, replicas: Replicas
) -> None:
    one = await replicas.ready(server.url)
    files = one.named()

    async def load() -> Entry[bytes]:
        files.forget(KEY)
        return Entry(CONTENT)

    assert await files.fetch(KEY, load) == CONTENT
    await one.settled()
    assert await server.keys() == []
