"""Repositories that change hands, names and visibility, and refs that lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import Cache
from tests.e2e.conftest import GO, add
from tests.fakes.github import GitRepository
from tests.fakes.system import SHOP, running_system
from tests.security.conftest import CART, PRIVATE, everything, warm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from proxy.config.model import Config
    from tests.e2e.conftest import Histories
    from tests.fakes.system import System


def _at_once(config: Config) -> Config:
    return replace(config, cache=Cache(access_ttl=0, ref_ttl=0, missing_ttl=0))


@pytest.fixture
async def strict(histories: Histories) -> AsyncIterator[System]:
    """A system where every time is over at once: what is cached still is, what is believed is not."""
    async with running_system(_at_once) as running:
        add(running, histories)
        yield running


async def test_access_that_was_revoked_ends(strict: System, histories: Histories) -> None:
    ada = await strict.login("ada")
    await warm(strict, ada, histories)
    strict.github.make_private("acme/secret", readers=[])
    for answer in await everything(strict, ada, PRIVATE, ["main", histories.first]):
        assert answer.status == 404 or not answer.body.get("found")


async def test_a_repository_that_turned_private_ends_to_be_public(
    strict: System, histories: Histories
) -> None:
    ada, bob = await strict.login("ada"), await strict.login("bob")
    await warm(strict, bob, histories, SHOP)
    strict.github.make_private("acme/shop", readers=["ada"])
    for answer in await everything(strict, bob, SHOP, ["main", histories.first]):
        assert answer.status == 404 or not answer.body.get("found")
    assert (await strict.get_file(ada, CART, ref=histories.first)).content == GO.encode()


async def test_it_ends_at_once_when_any_answer_shows_it(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    await warm(system, bob, histories, SHOP)
    system.github.make_private("acme/shop", readers=["ada"])
    # Ada asks for something else; her answer says that the repository is private.
    assert (await system.get_commit(ada, "feature/discount")).status == 200
    for answer in await everything(system, bob, SHOP, ["main", histories.first]):
        assert answer.status == 404 or not answer.body.get("found")


async def test_an_organisation_that_demands_single_sign_on_is_obeyed(
    strict: System, histories: Histories
) -> None:
    ada = await strict.login("ada")
    await warm(strict, ada, histories)
    strict.github.world.require_single_sign_on("acme", authorised=[])
    refused = await strict.get_file(ada, CART, ref=histories.first, repository=PRIVATE)
    assert refused.refusal == (403, "permission_denied")
    assert "single sign-on" in refused.message.lower() or "SAML" in refused.message
    assert (await strict.get_commit(ada, histories.first, PRIVATE)).status == 403


async def test_a_token_that_ended_opens_nothing(strict: System, histories: Histories) -> None:
    ada = await strict.login("ada")
    await warm(strict, ada, histories)
    strict.github.revoke_user("ada")
    for answer in (
        await strict.get_file(ada, CART, ref=histories.first, repository=PRIVATE),
        await strict.get_commit(ada, histories.first, PRIVATE),
    ):
        assert answer.refusal == (401, "unauthenticated")


async def test_who_takes_over_a_name_gets_nothing_that_was_known_under_it(
    system: System, ada: str, bob: str, histories: Histories, tmp_path: Path
) -> None:
    await warm(system, ada, histories)
    system.github.rename("acme/secret", "acme/hidden")
    mallory = GitRepository(tmp_path / "mallory")
    mallory.commit({"readme.md": "mine now\n"})
    system.github.add_repository("acme", "secret", mallory.path, private=True, readers=["bob"])
    # Bob may read what has the name now. None of the old refs, commits and files is there for him.
    assert (await system.get_commit(bob, "main", PRIVATE)).body["sha"] == mallory.sha()
    for ref in ("", "main", "v1.0.0", histories.first, histories.second, histories.first[:12]):
        for path in (CART, "odd/large.go", "VERSION"):
            answer = await system.get_file(bob, path, ref=ref, repository=PRIVATE)
            assert answer.refusal == (404, "not_found")
    assert (await system.get_commit(bob, histories.first, PRIVATE)).status == 404


async def test_a_ref_of_one_repository_says_nothing_of_another(
    system: System, ada: str, bob: str, tmp_path: Path, histories: Histories
) -> None:
    """Refs, paths and names that look alike when they are put together are told apart."""
    evil = GitRepository(tmp_path / "evil")
    evil.commit({CART: "package evil\n"})
    for name in ("v1.0.0", "main/x", "acme/shop", f"x-{histories.first}"):
        evil.tag(name)
    system.github.add_repository("bob", "shop", evil.path)
    mine = "https://github.com/bob/shop"
    for ref in ("v1.0.0", "main", "acme/shop"):
        assert (await system.get_file(bob, CART, ref=ref, repository=mine)).content == b"package evil\n"
    assert (await system.get_file(ada, CART, ref="v1.0.0")).content == GO.encode()
    assert (await system.get_commit(ada, "v1.0.0")).body["sha"] == histories.first
    # A commit of one's own is not one of theirs, even while it is known.
    assert (await system.get_file(ada, CART, ref=evil.sha())).refusal == (404, "not_found")


async def test_a_branch_that_is_named_like_a_commit_is_not_believed_for_ever(
    strict: System, tmp_path: Path
) -> None:
    lying = GitRepository(tmp_path / "lying")
    lying.commit({"main.go": "package first\n"})
    name = "0123456789abcdef0123456789abcdef01234567"
    # As a tag that is annotated is: an id that is not the commit's own, at GraphQL and at REST.
    tag = lying.tag("v1", message="A tag")
    lying.git("update-ref", f"refs/heads/{name}", "HEAD")
    strict.github.add_repository("bob", "lying", lying.path)
    bob = await strict.login("bob")
    url = "https://github.com/bob/lying"
    for ref in (name, tag):
        before = await strict.get_file(bob, "main.go", ref=ref, repository=url)
        strict.github.forget_calls()
        again = await strict.get_file(bob, "main.go", ref=ref, repository=url)
        assert again.status == before.status
        assert strict.asked(), "what a ref that is no commit's own id points to is asked for again"
