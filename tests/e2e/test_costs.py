"""What GitHub is asked, counted at the stand-in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import Cache
from tests.e2e.conftest import BINARY, FILES, GO, LARGE, Histories, add
from tests.fakes.github import GitRepository
from tests.fakes.system import SHOP, TREE, System, running_system

if TYPE_CHECKING:
    from pathlib import Path

    from proxy.config.model import Config

CART = "services/checkout/internal/cart/cart.go"
SECRET_REPOSITORY = "https://github.com/acme/secret"
GRAPHQL = "graphql"
BLOB = "/repos/{owner}/{repo}/git/blobs/{file_sha}"
CONTENTS = "/repos/{owner}/{repo}/contents/{path}"
PEOPLE = 60


@pytest.mark.parametrize(
    ("path", "root_path"),
    [
        ("internal/cart/cart.go", "services/checkout"),
        ("/build/internal/cart/cart.go", "services/checkout"),
        (CART, ""),
        (f"/home/ci/src/{CART}", ""),
        (f"github.com/acme/shop/{CART}", "services/checkout"),
        ("src/recommender/similarity.py", "services/reco"),
        ("src/index.ts", "web"),
        ("run.rb", "tools"),
    ],
)
@pytest.mark.parametrize("ref", ["", "main", "v1.1.0", "second"])
async def test_an_own_file_costs_one_call_and_then_none(
    system: System, ada: str, histories: Histories, *, path: str, root_path: str, ref: str
) -> None:
    ref = histories.second if ref == "second" else ref
    for _ in range(3):
        assert (await system.get_file(ada, path, ref=ref, root_path=root_path)).status == 200
    assert system.waited_for() == [GRAPHQL]
    assert system.asked().count(TREE) == 1


@pytest.mark.parametrize(
    ("path", "content", "second"),
    [
        ("odd/large.go", LARGE, BLOB),
        ("odd/binary.go", BINARY, BLOB),
        ("odd/latin.py", FILES["odd/latin.py"], BLOB),
        ("odd/link.go", GO.encode(), CONTENTS),
    ],
)
async def test_a_file_that_graphql_does_not_give_costs_one_more(
    system: System, ada: str, histories: Histories, *, path: str, content: bytes, second: str
) -> None:
    for _ in range(2):
        assert (await system.get_file(ada, path, ref=histories.first)).content == content
    assert system.waited_for() == [GRAPHQL, second]


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("App.java", "org/example/App.main"),
        ("org/example/App.java", "org/example/App.main"),
        ("/opt/service/similarity.py", "similar"),
        ("/srv/dist/checkout/cart/cart.go", "main.Total"),
        ("/app/build/index.ts", "render"),
    ],
)
@pytest.mark.parametrize("ref", ["", "main", "v1.1.0", "second"])
async def test_a_file_that_only_the_tree_can_find_costs_two_after_each_other(
    system: System, ada: str, histories: Histories, *, path: str, function: str, ref: str
) -> None:
    ref = histories.second if ref == "second" else ref
    for _ in range(2):
        assert (await system.get_file(ada, path, ref=ref, function=function)).status == 200
        assert len(system.waited_for()) <= 2
        assert TREE in system.asked()


async def test_the_empty_file_costs_no_more(system: System, ada: str) -> None:
    for _ in range(2):
        assert (await system.get_file(ada, "odd/empty.go")).content == b""
    assert len(system.asked()) <= 2


async def test_the_same_question_two_hundred_times_costs_one_call(system: System, ada: str) -> None:
    answers = await asyncio.gather(*(system.get_file(ada, CART, ref="v1.0.0") for _ in range(200)))
    assert {answer.content for answer in answers} == {GO.encode()}
    assert system.waited_for() == [GRAPHQL]


async def test_so_it_does_where_it_is_private(system: System, ada: str) -> None:
    asking = (system.get_file(ada, CART, ref="v1.0.0", repository=SECRET_REPOSITORY) for _ in range(200))
    assert {answer.content for answer in await asyncio.gather(*asking)} == {GO.encode()}
    assert system.waited_for() == [GRAPHQL]


async def people(system: System, count: int = PEOPLE) -> list[str]:
    for number in range(count):
        system.github.add_user(f"person-{number}")
    cookies = await asyncio.gather(*(system.login(f"person-{number}") for number in range(count)))
    system.github.forget_calls()
    return list(cookies)


async def test_many_people_asking_for_one_public_file_cost_what_one_costs(system: System) -> None:
    cookies = await people(system)
    answers = await asyncio.gather(*(system.get_file(cookie, CART, ref="v1.0.0") for cookie in cookies))
    assert {answer.content for answer in answers} == {GO.encode()}
    assert system.waited_for() == [GRAPHQL]


async def test_so_do_large_files(system: System) -> None:
    cookies = await people(system, 12)
    answers = await asyncio.gather(*(system.get_file(cookie, "odd/large.go") for cookie in cookies))
    assert {answer.content for answer in answers} == {LARGE}
    assert system.waited_for() == [GRAPHQL, BLOB]


async def test_where_it_is_private_each_proves_that_they_may_read_it(system: System) -> None:
    cookies = await people(system)
    readers = [f"person-{number}" for number in range(0, PEOPLE, 2)]
    system.github.make_private("acme/secret", readers=readers)
    asking = (system.get_file(cookie, CART, ref="v1.0.0", repository=SECRET_REPOSITORY) for cookie in cookies)
    answers = await asyncio.gather(*asking)
    assert {answer.content for answer in answers[::2]} == {GO.encode()}
    assert {answer.refusal for answer in answers[1::2]} == {(404, "not_found")}
    assert system.waited_for() == [GRAPHQL] * PEOPLE
    assert len({call.user for call in system.github.calls}) == PEOPLE


async def test_one_whose_token_is_refused_costs_the_others_nothing(system: System) -> None:
    cookies = await people(system, 10)
    fault = system.github.fail_next(route=GRAPHQL, status=401, body=b'{"message":"Bad credentials"}')
    answers = await asyncio.gather(*(system.get_file(cookie, CART, ref="v1.0.0") for cookie in cookies))
    assert fault.reached.is_set()
    assert sorted(answer.status for answer in answers) == [200] * 9 + [401]


async def test_thirty_files_of_one_commit_cost_thirty_calls_at_most(
    system: System, ada: str, tmp_path: Path
) -> None:
    many = GitRepository(tmp_path / "many")
    many.commit({f"pkg/file{number}.go": f"package p{number}\n" for number in range(30)})
    system.github.add_repository("acme", "many", many.path)
    for number in range(30):
        answer = await system.get_file(
            ada, f"pkg/file{number}.go", ref=many.sha(), repository="https://github.com/acme/many"
        )
        assert answer.content == f"package p{number}\n".encode()
    assert len(system.asked()) <= 32


async def test_what_is_not_there_is_asked_once_under_a_commit(
    system: System, ada: str, histories: Histories
) -> None:
    asked = set()
    for _ in range(3):
        answer = await system.get_file(ada, "gone/away.rb", ref=histories.first)
        assert answer.refusal == (404, "not_found")
        asked.add(len(system.asked()))
    # The files that it might be, then the tree.
    assert asked == {2}


async def test_commits_cost_one_call_and_then_none(system: System, ada: str, histories: Histories) -> None:
    refs = ["main", "v1.0.0", "v1.1.0", histories.first, "gone"]
    assert (await system.get_file(ada, CART)).status == 200
    system.github.forget_calls()
    for _ in range(2):
        assert (await system.get_commits(ada, refs)).status == 200
        for ref in refs[:4]:
            assert (await system.get_commit(ada, ref)).status == 200
    assert system.asked() == [GRAPHQL]


async def test_a_commit_alone_proves_access_for_what_comes_after(
    system: System, ada: str, histories: Histories
) -> None:
    for _ in range(3):
        assert (await system.get_commit(ada, "v1.0.0", SECRET_REPOSITORY)).body["sha"] == histories.first
    assert system.asked() == [GRAPHQL]


async def test_the_same_commit_two_hundred_times_costs_one_call(system: System, ada: str) -> None:
    answers = await asyncio.gather(*(system.get_commit(ada, "main") for _ in range(200)))
    assert {answer.status for answer in answers} == {200}
    assert system.asked() == [GRAPHQL]


async def test_a_cache_that_holds_nothing_changes_the_cost_and_nothing_else(histories: Histories) -> None:
    def change(config: Config) -> Config:
        return replace(config, cache=Cache(max_size=0))

    async with running_system(change) as system:
        add(system, histories)
        cookie = await system.login("ada")
        for path, content in ((CART, GO.encode()), ("odd/large.go", LARGE), ("odd/link.go", GO.encode())):
            for _ in range(2):
                assert (await system.get_file(cookie, path, ref="v1.0.0")).content == content
        answer = await system.get_file(cookie, "/opt/app/app.py", ref="v1.0.0", root_path="mapped")
        assert answer.status == 200
        assert (await system.get_commits(cookie, ["main", "v1.0.0"], SHOP)).status == 200
