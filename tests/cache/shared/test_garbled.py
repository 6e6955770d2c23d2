"""A real Redis in which somebody has written: whatever is there was not found, and no request fails."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from proxy.cache import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.around.redis import RedisServer
    from tests.cache.shared.conftest import Replicas


def giving(value: bytes) -> Callable[[], Awaitable[Entry[bytes]]]:
    async def load() -> Entry[bytes]:
        return Entry(value)

    return load


async def failing() -> Entry[bytes]:
    raise AssertionError("nobody should load this")


async def filled(server: RedisServer, replicas: Replicas, *keys: str) -> list[bytes]:
    """The names under which a replica has put these keys, each with itself as the value."""
    one = await replicas.ready(server.url)
    names: list[bytes] = []
    files = one.named()
    for key in keys:
        files.put(key, key.encode())
        await one.settled()
        names += [name for name in await server.keys() if name not in names]
    return names


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda _: b"\x01",
        lambda _: b"hello",
        lambda box: box[:-1],
        lambda box: box + b"\0",
        lambda box: b"\x02" + box[1:],
        lambda box: box[:1] + bytes([box[1] ^ 1]) + box[2:],
        lambda box: box[:-1] + bytes([box[-1] ^ 1]),
        lambda box: box[:29],
        lambda box: secrets.token_bytes(len(box)),
        lambda box: b"\x01" + bytes(len(box) - 1),
    ],
)
async def test_a_changed_value_was_not_found(
    server: RedisServer, replicas: Replicas, change: Callable[[bytes], bytes]
) -> None:
    (name,) = await filled(server, replicas, "key")
    await server.ask("SET", name, change(await server.value(name)))
    other = await replicas.ready(server.url)
    assert await other.named().fetch("key", giving(b"loaded")) == b"loaded"
    assert other.errors() == {"garbled": 1}
    assert other.requests() == {"miss": 1}
    await other.settled()
    assert await (await replicas.ready(server.url)).named().fetch("key", failing) == b"loaded"


async def test_swapped_values_were_not_found(server: RedisServer, replicas: Replicas) -> None:
    one, two = await filled(server, replicas, "one", "two")
    box = await server.value(one)
    await server.ask("SET", one, await server.value(two))
    await server.ask("SET", two, box)
    other = await replicas.ready(server.url)
    assert await other.named().find("one") is None
    assert await other.named("x").find("two") is None
    assert other.errors() == {"garbled": 1}


async def test_a_value_of_another_kind_was_not_found(server: RedisServer, replicas: Replicas) -> None:
    (name,) = await filled(server, replicas, "key")
    await server.ask("DEL", name)
    await server.ask("LPUSH", name, "value")
    other = await replicas.ready(server.url)
    assert await other.named().fetch("key", giving(b"loaded")) == b"loaded"
    await other.settled()
    assert await server.ask("TYPE", name) == [b"+string"]


async def test_values_of_another_secret_were_not_found(server: RedisServer, replicas: Replicas) -> None:
    (name,) = await filled(server, replicas, "key")
    foreign = await replicas.ready(server.url, "another secret")
    foreign.named().put("key", b"forged")
    await foreign.settled()
    (forged,) = [found for found in await server.keys() if found != name]
    await server.ask("SET", name, await server.value(forged))
    other = await replicas.ready(server.url)
    assert await other.named().find("key") is None
    assert other.errors() == {"garbled": 1}
