"""Another person, who may not read what somebody has made warm, asks for it in every way there is."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import Tenancy
from tests.e2e.conftest import GO, add
from tests.fakes.github import GitRepository
from tests.fakes.system import SHOP, running_system, session_of
from tests.security.conftest import CART, GONE, LONG, PRIVATE, SPELLINGS, everything, explain, told, warm

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Histories
    from tests.fakes.system import Answer, System


def shows_nothing(answers: list[Answer], histories: Histories, asked: list[str]) -> None:
    for answer in answers:
        assert answer.status == 404 or answer.body.get("found", False) is False, answer.body
        text = json.dumps(answer.body)
        for ref in asked:
            text = text.replace(ref, "")
        for secret in (histories.first, histories.second, "package cart", "Open the shop", "cGFja2FnZS"):
            assert secret not in text


async def test_another_person_is_told_nothing(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    await warm(system, ada, histories)
    refs = ["", "main", "v1.0.0", histories.first, histories.second, histories.first[:12], LONG]
    # Twice, and the ref that nobody is asked for among them: what was refused once stays refused.
    for _ in range(2):
        shows_nothing(await everything(system, bob, PRIVATE, [LONG, *refs]), histories, refs)


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_by_no_spelling(
    system: System, ada: str, bob: str, histories: Histories, spelling: str
) -> None:
    await warm(system, ada, histories)
    asked = ["main", histories.first]
    shows_nothing(await everything(system, bob, spelling.format("secret"), asked), histories, asked)


async def test_not_while_the_other_one_asks(system: System, ada: str, bob: str, histories: Histories) -> None:
    for ref in ("main", histories.first):
        asking = (system.get_file(who, CART, ref=ref, repository=PRIVATE) for who in (ada, bob) * 20)
        answers = await asyncio.gather(*asking)
        assert {answer.status for answer in answers[::2]} == {200}
        shows_nothing(list(answers[1::2]), histories, [ref])


async def test_not_by_a_repository_of_one_s_own_that_points_there(
    system: System, ada: str, bob: str, histories: Histories, tmp_path: Path
) -> None:
    """Mappings and submodules name other repositories: each is opened with the viewer's own token."""
    await warm(system, ada, histories)
    lure = GitRepository(tmp_path / "lure")
    mapping = (
        "version: v1\nsource_code:\n  mappings:\n    - path: [{prefix: /x}]\n      language: go\n"
        "      source: {github: {owner: acme, repo: secret, ref: main, path: services/checkout}}\n"
    )
    lure.commit({".pyroscope.yaml": mapping})
    lure.submodule("sub", f"{system.github.web_url}/acme/secret", histories.first)
    system.github.add_repository("bob", "lure", lure.path)
    for path in ("/x/internal/cart/cart.go", f"sub/{CART}"):
        url = "https://github.com/bob/lure"
        mine = await system.get_file(bob, path, repository=url)
        assert mine.status == 404
        shows_nothing(
            [mine, await explain(system, bob, path, repository=url)], histories, ["main", histories.first]
        )
    theirs = await system.get_file(ada, "/x/internal/cart/cart.go", repository="https://github.com/bob/lure")
    assert theirs.status == 200


async def test_what_may_not_be_seen_looks_like_what_is_not_there(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    await warm(system, ada, histories)
    refs = [LONG, "main", "gone", histories.first, "f" * 40]
    secret = await everything(system, bob, PRIVATE, refs)
    gone = await everything(system, bob, GONE, refs)
    for one, other in zip(secret, gone, strict=True):
        assert told(one).replace("secret", "gone") == told(other)


async def test_nor_does_its_time_or_its_cost_tell(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    """What is not the viewer's to see is not even looked up: the same work, whatever others made warm."""
    await warm(system, ada, histories)

    async def work(repository: str) -> list[str]:
        system.github.forget_calls()
        before = await lookups(system)
        answers = await everything(system, bob, repository, [histories.first, "main"])
        after = await lookups(system)
        done = [f"{name} {after[name] - before.get(name, 0)}" for name in after]
        timings = [answer.headers.get("Server-Timing", "").rpartition(",")[2] for answer in answers]
        return [*system.asked(), *done, *timings]

    assert await work(PRIVATE) == await work(GONE)


async def lookups(system: System) -> dict[str, float]:
    """How often each cache was asked, and what came of it."""
    lines = (await system.metrics()).splitlines()
    found = [line.rpartition(" ") for line in lines if line.startswith("sourceproxy_cache_requests_total{")]
    return {name: float(value) for name, _, value in found}


async def test_knowing_content_proves_nothing(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    """The private repository holds the same blobs and commits as a public one that Bob has read."""
    await warm(system, bob, histories, SHOP)
    await warm(system, ada, histories)
    shows_nothing(await everything(system, bob, PRIVATE, [histories.first]), histories, [histories.first])


async def test_the_same_token_is_another_viewer_in_another_tenant(histories: Histories) -> None:
    async with running_system(
        lambda config: replace(config, tenancy=Tenancy(multitenancy_enabled=True))
    ) as system:
        add(system, histories)
        token = system.github.token_for("ada")
        mine = session_of(token, "team-a")
        answer = await system.get_file(mine, CART, repository=PRIVATE, X_Scope_OrgID="team-a")
        assert answer.content == GO.encode().replace(b"1", b"2")
        # The cookie of one tenant opens nothing in another, and a proof made in one counts in no other.
        assert (await system.get_file(mine, CART, repository=PRIVATE, X_Scope_OrgID="team-b")).status == 401
        system.github.make_private("acme/secret", readers=[])
        other = session_of(token, "team-b")
        refused = await system.get_file(other, CART, repository=PRIVATE, X_Scope_OrgID="team-b")
        assert refused.refusal == (404, "not_found")
