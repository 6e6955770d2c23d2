"""Commits: what they cost, alone and together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from proxy.errors import Code, RpcError
from tests.library.conftest import SECRET, SETTINGS, SHOP, Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.library import Viewer
    from proxy.source.model import Repository

GRAPHQL = "graphql"


async def shas(
    shelf: Shelf, viewer: Viewer, refs: Sequence[str], repository: Repository = SHOP
) -> list[str | None] | None:
    found = await shelf.library.commits(viewer, repository, refs)
    return None if found is None else [commit.sha if commit else None for commit in found.found.values()]


async def test_thirty_refs_asked_one_by_one_at_the_same_time_are_asked_together(
    shelf: Shelf, ada: Viewer
) -> None:
    refs = [f"v0.{number}" for number in range(30)]
    for ref in refs:
        shelf.repository.tag(ref)
    found = await asyncio.gather(*(shas(shelf, ada, [ref]) for ref in refs))
    assert found == [[shelf.repository.sha()]] * 30
    # It proves access and finds them all.
    assert shelf.asked() == [GRAPHQL]
    shelf.clock.advance(SETTINGS.ref_ttl)
    await asyncio.gather(*(shas(shelf, ada, [ref]) for ref in refs))
    assert shelf.asked() == [GRAPHQL]
    await asyncio.gather(*(shas(shelf, ada, [ref]) for ref in refs))
    assert shelf.asked() == []


async def test_only_one_person_s_and_one_repository_s_are_asked_together(
    shelf: Shelf, ada: Viewer, bob: Viewer
) -> None:
    asked = await asyncio.gather(
        shas(shelf, ada, ["main"]),
        shas(shelf, ada, ["v1"], SECRET),
        shas(shelf, bob, ["v1"]),
        shas(shelf, bob, ["v1"], SECRET),
    )
    sha = shelf.repository.sha()
    assert list(asked) == [[sha], [sha], [sha], None]
    assert len(shelf.asked()) == 4


async def test_a_commit_alone_is_one_call_and_then_known(shelf: Shelf, ada: Viewer) -> None:
    for _ in range(2):
        assert await shas(shelf, ada, ["v1"], SECRET) == [shelf.repository.sha()]
    assert shelf.asked() == [GRAPHQL]


async def test_what_is_missing_is_known_as_well(shelf: Shelf, ada: Viewer) -> None:
    for _ in range(2):
        assert await shas(shelf, ada, ["gone", "main", "away"]) == [None, shelf.repository.sha(), None]
    assert shelf.asked() == [GRAPHQL]


async def test_the_order_is_that_of_the_question(shelf: Shelf, ada: Viewer) -> None:
    await shas(shelf, ada, ["main"])
    for _ in range(2):  # one of them is known, then all are
        found = await shelf.library.commits(ada, SHOP, ["v1", "gone", "main"])
        assert found is not None
        assert list(found.found) == ["v1", "gone", "main"]


async def test_a_failure_is_everybody_s_who_asked_together_and_is_forgotten(
    shelf: Shelf, ada: Viewer
) -> None:
    shelf.github.fail_next(status=500, times=4)
    asked = await asyncio.gather(*(shas(shelf, ada, [ref]) for ref in ("main", "v1")), return_exceptions=True)
    shelf.github.clear_faults()
    assert [isinstance(each, RpcError) and each.code for each in asked] == [Code.UNAVAILABLE] * 2
    assert await shas(shelf, ada, ["main", "v1"]) == [shelf.repository.sha()] * 2


async def test_one_who_leaves_takes_nobody_along(shelf: Shelf, ada: Viewer) -> None:
    fault = shelf.github.fail_next(times=1, hold=asyncio.Event())
    first = asyncio.create_task(shas(shelf, ada, ["main"]))
    second = asyncio.create_task(shas(shelf, ada, ["v1"]))
    await fault.reached.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert fault.hold is not None
    fault.hold.set()
    assert await second == [shelf.repository.sha()]


async def test_who_comes_later_is_asked_for_later(shelf: Shelf, ada: Viewer) -> None:
    fault = shelf.github.fail_next(times=1, hold=asyncio.Event())
    first = asyncio.create_task(shas(shelf, ada, ["main"]))
    await fault.reached.wait()
    assert await shas(shelf, ada, ["v1"]) == [shelf.repository.sha()]
    assert fault.hold is not None
    fault.hold.set()
    assert await first == [shelf.repository.sha()]


async def test_nobody_waits_any_more_and_the_next_one_starts_anew(shelf: Shelf, ada: Viewer) -> None:
    task = asyncio.create_task(shas(shelf, ada, ["main"]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await shas(shelf, ada, ["main"]) == [shelf.repository.sha()]


async def test_people_who_ask_the_same_of_what_is_public_cost_one_call(shelf: Shelf, ada: Viewer) -> None:
    await shelf.open(ada)
    shelf.asked()
    people = [shelf.viewer(f"person-{number}") for number in range(20)]
    found = await asyncio.gather(*(shas(shelf, person, ["main", "v1"]) for person in people))
    assert found == [[shelf.repository.sha()] * 2] * 20
    assert shelf.asked() == [GRAPHQL]
