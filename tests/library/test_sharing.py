"""What one replica learned serves the others, through a real Redis, and to nobody who may not be told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from proxy.cache import open_shared
from proxy.cache.shared.limits import Limits
from proxy.config.model import Secret
from proxy.library import codecs
from proxy.live import Live
from proxy.metrics import Metrics
from proxy.source.model import Absent
from tests.fakes.programs import redis_server
from tests.library.conftest import SECRET, SETTINGS, SHOP, Shelf

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from faults.around.redis import RedisServer
    from proxy.cache import SharedStore
    from proxy.library import Viewer

ACCESS_TTL = SETTINGS.access_ttl
PATIENT = Limits(read=30.0, lock=30.0, stall=30.0, connect=30.0, first_pause=0.01, longest_pause=0.02)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what changes is inside the code under test
            await asyncio.sleep(0.002)


class Replicas:
    """Opens replicas: each knows nothing but what is shared."""

    def __init__(self, shelf: Shelf, server: RedisServer, stack: AsyncExitStack) -> None:
        self._shelf = shelf
        self._server = server
        self._stack = stack
        self._stores: list[SharedStore] = []

    async def next(self, secret: str = "s") -> None:
        """Go on as another replica, once the last one has written what it had to."""
        for store in self._stores:
            await until(lambda: not store._writes._queue and not store._writes._sent)  # noqa: B023 - awaited at once
        metrics = Metrics(CollectorRegistry(), version="", revision="")
        opening = open_shared(
            Secret(self._server.url),
            Live((Secret(secret),)),
            metrics,
            clock=self._shelf.clock,
            limits=PATIENT,
        )
        opened: SharedStore | None = await self._stack.enter_async_context(opening)
        assert opened is not None
        await until(lambda: opened.up and opened._writes.up)
        self._stores.append(opened)
        self._shelf.build(shared=opened)
        self._shelf.asked()


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with redis_server() as server:
        yield server


@pytest.fixture
async def replicas(shelf: Shelf, server: RedisServer) -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as stack:
        found = Replicas(shelf, server, stack)
        await found.next()
        yield found


@pytest.mark.parametrize("ref", ["main", "sha"])
async def test_another_replica_asks_github_nothing(
    shelf: Shelf, replicas: Replicas, ada: Viewer, ref: str
) -> None:
    ref = shelf.repository.sha() if ref == "sha" else ref
    opened = await shelf.open(ada, SECRET, ref)
    wanted = [await shelf.library.read(ada, opened, path, []) for path in ("main.go", "big.txt", "VERSION")]
    assert await shelf.library.read(ada, opened, "gone.go", []) is None
    tree = await shelf.library.tree(ada, opened)
    commits = await shelf.library.commits(ada, SECRET, [ref])
    assert tree is not None
    await replicas.next()
    again = await shelf.open(ada, SECRET, ref)
    assert (again, again.identity) == (opened, opened.identity)
    found = [await shelf.library.read(ada, again, path, []) for path in ("main.go", "big.txt", "VERSION")]
    assert found == wanted
    assert await shelf.library.read(ada, again, "gone.go", []) is None
    shared = await shelf.library.tree(ada, again)
    assert shared is not None
    assert list(shared.entries()) == list(tree.entries())
    assert await shelf.library.commits(ada, SECRET, [ref]) == commits
    assert shelf.asked() == []


async def test_a_proof_is_the_viewer_s_own_in_every_replica(
    shelf: Shelf, replicas: Replicas, ada: Viewer, bob: Viewer
) -> None:
    await shelf.read(ada, "main.go", SECRET)
    await replicas.next()
    assert await shelf.library.open(bob, SECRET, "main", []) is Absent.REPOSITORY
    assert await shelf.library.open(shelf.viewer("ada", "other-team"), SECRET, "gone", []) is Absent.REF
    assert len(shelf.asked()) == 2


async def test_a_proof_ends_when_it_would_have_ended_where_it_was_made(
    shelf: Shelf, replicas: Replicas, ada: Viewer
) -> None:
    sha = shelf.repository.sha()
    await shelf.read(ada, "main.go", SECRET, sha)
    shelf.clock.advance(ACCESS_TTL / 2)
    await replicas.next()
    assert await shelf.read(ada, "main.go", SECRET, sha)
    assert shelf.asked() == []
    shelf.github.make_private("acme/secret", readers=[])
    shelf.clock.advance(ACCESS_TTL / 2)
    assert await shelf.library.open(ada, SECRET, sha, []) is Absent.REPOSITORY


async def test_what_was_seen_to_be_private_is_not_found_public_any_more(
    shelf: Shelf, replicas: Replicas, ada: Viewer, bob: Viewer
) -> None:
    await shelf.read(bob, "main.go")
    shelf.github.make_private("acme/shop", readers=["ada"])
    await replicas.next()
    # Ada's look, for another ref, shows that it is private now.
    found = await shelf.library.commits(ada, SHOP, ["v1"])
    assert found is not None
    assert await shelf.library.open(bob, SHOP, "main", []) is Absent.REPOSITORY
    await replicas.next()
    assert await shelf.library.open(bob, SHOP, "main", []) is Absent.REPOSITORY


async def test_who_has_not_the_secret_puts_nothing_in(
    shelf: Shelf, server: RedisServer, replicas: Replicas, ada: Viewer, bob: Viewer
) -> None:
    await shelf.read(ada, "main.go", SECRET)
    await replicas.next("another secret")
    assert await shelf.library.open(bob, SECRET, "main", []) is Absent.REPOSITORY
    await replicas.next()
    boxes = {name: await server.value(name) for name in await server.keys()}
    assert boxes
    # Swapped, cut and invented: none of it opens under any name.
    names = list(boxes)
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        await server.ask("SET", name, boxes[other])
    assert isinstance(await shelf.library.open(bob, SECRET, "main", []), Absent)
    assert await shelf.read(ada, "main.go", SECRET)
    everything = b"".join([*boxes, *boxes.values()])
    for told in (b"main.go", b"package main", b"acme", b"secret", ada.token.encode(), ada.key):
        assert told not in everything


async def test_a_redis_that_is_gone_costs_calls_and_nothing_else(
    shelf: Shelf, server: RedisServer, replicas: Replicas, ada: Viewer
) -> None:
    await shelf.read(ada, "main.go", SECRET)
    await replicas.next()
    server.kill()
    assert await shelf.read(ada, "main.go", SECRET)
    assert shelf.asked() == ["graphql"]


async def test_a_large_tree_is_not_shared(
    shelf: Shelf, replicas: Replicas, ada: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codecs, "MOST_SHARED_ENTRIES", 2)
    opened = await shelf.open(ada)
    assert await shelf.library.tree(ada, opened)
    await replicas.next()
    assert await shelf.library.tree(ada, await shelf.open(ada))
    assert shelf.asked() == ["/repos/{owner}/{repo}/git/trees/{tree_sha}"]
