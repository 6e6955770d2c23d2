"""Refs, repository addresses and commits through the whole system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import GO, GO_NOW
from tests.fakes.github import GitRepository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
MISSING = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("ref", "which"),
    [
        ("", "second"),
        ("HEAD", "second"),
        ("main", "second"),
        ("heads/main", "second"),
        ("refs/heads/main", "second"),
        ("v1.0.0", "first"),
        ("tags/v1.0.0", "first"),
        ("v1.1.0", "second"),
        ("tags/v1.1.0", "second"),
        ("v1.0.0-dirty", "first"),
    ],
)
async def test_a_ref_leads_to_its_commit(
    system: System, ada: str, histories: Histories, ref: str, which: str
) -> None:
    sha = getattr(histories, which)
    content = {"first": GO, "second": GO_NOW}[which].encode()
    answer = await system.get_file(ada, CART, ref=ref)
    assert answer.content == content
    assert f"/blob/{sha}/" in answer.body["URL"]
    commit = await system.get_commit(ada, ref)
    assert (commit.status, commit.body["sha"]) == (200, sha)


async def test_a_sha_may_be_short_or_in_capitals(system: System, ada: str, histories: Histories) -> None:
    for ref in (
        histories.first,
        histories.first.upper(),
        histories.first[:10],
        f"v1-3-g{histories.first[:9]}",
    ):
        assert (await system.get_file(ada, CART, ref=ref)).content == GO.encode()
        assert (await system.get_commit(ada, ref)).body["sha"] == histories.first


@pytest.mark.parametrize("ref", [MISSING, "no-such-branch", "feature", "deadbeef"])
async def test_a_ref_that_is_not_there_is_said(system: System, ada: str, ref: str) -> None:
    file = await system.get_file(ada, CART, ref=ref)
    assert file.refusal == (404, "not_found")
    assert ref in file.message
    assert "service_git_ref" in file.message
    commit = await system.get_commit(ada, ref)
    assert commit.refusal == (404, "not_found")
    assert ref in commit.message


@pytest.mark.parametrize("ref", ["a b", "a..b", "main:README.md", "main^", "-x", "@{1}", "a\0b", "x" * 2000])
async def test_what_is_no_ref_is_refused_and_costs_nothing(system: System, ada: str, ref: str) -> None:
    assert (await system.get_file(ada, CART, ref=ref)).refusal == (400, "invalid_argument")
    assert (await system.get_commit(ada, ref)).refusal == (400, "invalid_argument")
    assert system.asked() == []


async def test_a_branch_that_moves_does_not_mix_versions(system: System, ada: str, tmp_path: Path) -> None:
    moving = GitRepository(tmp_path / "moving")
    moving.commit({"a.go": "one", "b.go": "one"})
    old = moving.sha()
    system.github.add_repository("acme", "moving", moving.path)
    repository = "https://github.com/acme/moving"
    assert (await system.get_file(ada, "a.go", ref="main", repository=repository)).content == b"one"
    moving.commit({"a.go": "two", "b.go": "two"})
    # Within ref_ttl the branch is where it was: files of one view belong together.
    answer = await system.get_file(ada, "b.go", ref="main", repository=repository)
    assert answer.content == b"one"
    assert f"/blob/{old}/" in answer.body["URL"]
    assert (await system.get_file(ada, "b.go", ref=moving.sha(), repository=repository)).content == b"two"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop",
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop/",
        "http://github.com/acme/shop",
        "https://www.github.com/acme/shop",
        "https://github.com/ACME/Shop/tree/main/services",
        "https://user:secret@github.com/acme/shop",
        "github.com/acme/shop",
        "github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "git@github.com:acme/shop",
        "ssh://git@github.com/acme/shop.git",
        "git+https://github.com/acme/shop.git",
    ],
)
async def test_every_way_to_write_a_repository_is_understood(
    system: System, ada: str, histories: Histories, url: str
) -> None:
    assert (await system.get_file(ada, CART, repository=url, ref="v1.0.0")).content == GO.encode()
    assert (await system.get_commit(ada, "v1.0.0", url)).body["sha"] == histories.first
    assert len((await system.get_commits(ada, ["v1.0.0"], url)).body["commits"]) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop",
        "https://github.com/acme",
        "https://gitlab.com/acme/shop",
        "https://github.com.evil.example/acme/shop",
        "https://evil.example/github.com/acme/shop",
        "file:///etc/passwd",
        "https://github.com/../..",
        "https://user:hunter2@gitlab.com/a/b",
        "\0",
    ],
)
async def test_what_is_not_on_github_is_refused(system: System, ada: str, url: str) -> None:
    for answer in (
        await system.get_file(ada, CART, repository=url),
        await system.get_commit(ada, "main", url),
        await system.get_commits(ada, ["main"], url),
    ):
        assert answer.refusal == (400, "invalid_argument")
        assert "github.com" in answer.message or "127.0.0.1" in answer.message
        assert "hunter2" not in answer.message
    assert system.asked() == []


async def test_a_commit_says_who_when_and_where(system: System, ada: str, histories: Histories) -> None:
    commit = (await system.get_commit(ada, "v1.0.0")).body
    assert commit["message"] == "Open the shop\n\nWith everything in it."
    assert commit["author"]["login"] == "ada"
    assert commit["author"]["avatarURL"].startswith(system.github.web_url)
    assert commit["date"] == "2023-11-14T22:13:20Z"
    assert commit["sha"] == histories.first
    assert commit["URL"] == f"{system.github.web_url}/acme/shop/commit/{histories.first}"


async def test_an_author_without_account_is_left_out(system: System, ada: str) -> None:
    commit = (await system.get_commit(ada, "feature/discount")).body
    assert commit["message"] == "Discount"
    assert "author" not in commit


async def test_several_commits_come_together(system: System, ada: str, histories: Histories) -> None:
    answer = await system.get_commits(ada, ["v1.0.0", "main", "feature/discount", "v1.1.0", "v1.1.0"])
    assert {commit["sha"] for commit in answer.body["commits"]} == {
        histories.first,
        histories.second,
        histories.shop.sha("feature/discount"),
    }


async def test_some_of_the_commits_are_better_than_none(
    system: System, ada: str, histories: Histories
) -> None:
    answer = await system.get_commits(ada, [MISSING, "v1.0.0", "gone"])
    assert [commit["sha"] for commit in answer.body["commits"]] == [histories.first]


async def test_none_of_the_commits_is_not_found(system: System, ada: str) -> None:
    answer = await system.get_commits(ada, [MISSING, "gone"])
    assert answer.refusal == (404, "not_found")
    assert "acme/shop" in answer.message
    assert (await system.get_commits(ada, [])).body == {}


async def test_too_many_refs_are_refused(system: System, ada: str) -> None:
    answer = await system.get_commits(ada, [f"r{number}" for number in range(1001)])
    assert answer.refusal == (400, "invalid_argument")


async def test_a_repository_that_was_renamed_is_followed(
    system: System, ada: str, histories: Histories
) -> None:
    system.github.rename("acme/shop", "acme/store")
    for _ in range(2):
        answer = await system.get_file(ada, CART, ref="v1.0.0")
        assert answer.content == GO.encode()
        assert "/acme/store/blob/" in answer.body["URL"]
    assert "/acme/store/commit/" in (await system.get_commit(ada, histories.first)).body["URL"]


async def test_a_repository_that_is_not_there_is_said(system: System, ada: str) -> None:
    for _ in range(2):
        for answer in (
            await system.get_file(ada, CART, repository="https://github.com/acme/gone"),
            await system.get_commit(ada, "main", "https://github.com/acme/gone"),
            await system.get_commits(ada, ["main"], "https://github.com/acme/gone"),
        ):
            assert answer.refusal == (404, "not_found")
            assert "acme/gone" in answer.message
            assert "GitHub App" in answer.message
    # The look, and the tree beside it.
    assert len(system.asked()) == 2
