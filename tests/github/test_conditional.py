"""Asking whether something has moved: a 304 costs nothing of the hourly budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict

from proxy.errors import Code
from proxy.github import api
from proxy.github.client import UNCHANGED, GitHub
from proxy.github.wire import Response
from proxy.source.model import Repository
from tests.github.server import Server, answer, fails, refuse

if TYPE_CHECKING:
    from proxy.demo.github import StandIn
    from tests.fakes.github import GitRepository

SHOP = Repository("acme", "shop")
ROOT = "/repos/o/n"


async def test_what_has_not_moved_costs_nothing(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    repository, commit = await shop.repository(ada, SHOP), await shop.commit(ada, SHOP, "main")
    tree = await shop.tree(ada, SHOP, "main")
    assert repository is not None
    assert commit is not None
    assert tree is not None
    before = shop.windows.lowest("core", hub._state.clock())
    for _ in range(3):
        assert await shop.repository(ada, SHOP, repository.etag) is UNCHANGED
        assert await shop.commit(ada, SHOP, "main", commit.etag) is UNCHANGED
        assert await shop.tree(ada, SHOP, "main", tree.etag) is UNCHANGED
    assert shop.windows.lowest("core", hub._state.clock()) == before
    assert [call.status for call in hub.calls] == [200] * 3 + [304] * 9


async def test_what_has_moved_comes_whole(hub: StandIn, shop: GitHub, git: GitRepository) -> None:
    ada = hub.token_for("ada")
    first = await shop.commit(ada, SHOP, "main")
    repository = await shop.repository(ada, SHOP)
    assert first is not None
    assert repository is not None
    sha = git.commit({"main.go": "package other\n"}, "Move on")
    hub.make_private("acme/shop", readers=["ada"])
    moved = await shop.commit(ada, SHOP, "main", first.etag)
    assert moved is not None
    assert moved is not UNCHANGED
    assert (moved.sha, moved.etag != first.etag) == (sha, True)
    now = await shop.repository(ada, SHOP, repository.etag)
    assert now is not None
    assert now is not UNCHANGED
    assert now.private


async def test_an_etag_is_no_proof_of_access(hub: StandIn, shop: GitHub) -> None:
    ada, bob = hub.token_for("ada"), hub.token_for("bob")
    known = await shop.repository(ada, SHOP)
    assert known is not None
    hub.make_private("acme/shop", readers=["ada"])
    assert await shop.repository(bob, SHOP, known.etag) is None
    assert await shop.commit(bob, SHOP, "main", known.etag) is None


async def test_one_person_s_etag_is_of_no_use_to_another(hub: StandIn, shop: GitHub) -> None:
    ada, bob = hub.token_for("ada"), hub.token_for("bob")
    known = await shop.repository(ada, SHOP)
    assert known is not None
    assert await shop.repository(bob, SHOP, known.etag) == known


@pytest.mark.parametrize(
    ("etag", "sent"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('""', True),
        ("abc", False),
        ('"a b"', False),
        ('"a"b"', False),
        ('"a"\r\nAuthorization: x', False),
        ('"\u00e4"', False),
        ('"' + "a" * 201 + '"', False),
        ("*", False),
        ("", False),
    ],
)
async def test_only_what_is_an_etag_is_sent(github: GitHub, server: Server, etag: str, *, sent: bool) -> None:
    server.on("GET", ROOT, answer({"full_name": "o/n", "private": False}))
    assert await github.repository("ghu_t", Repository("o", "n"), etag) is not None
    assert server.seen[0].headers.get("If-None-Match") == (etag if sent else None)
    told = Response(200, CIMultiDict({"etag": etag}), b"")
    assert api.etag_of(told) == (etag if sent else "")


async def test_unchanged_without_having_asked_is_no_answer(github: GitHub, server: Server) -> None:
    server.on("GET", ROOT, refuse(304))
    await fails(github.repository("ghu_t", Repository("o", "n")), Code.UNAVAILABLE)
