"""What GitHub calls a repository for good is told with every answer that shows it, or left empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from proxy.source.model import Repository
from tests.github.server import answer

if TYPE_CHECKING:
    from proxy.github.client import GitHub
    from tests.github.server import Server

TOKEN = "ghu_secret"
REPOSITORY = Repository("o", "n")
SHA = "0123456789abcdef0123456789abcdef01234567"
ODD: list[Any] = [None, 7, "", "a b", "x" * 201, "\u00e4", "line\n", ["R_1"]]


def told(**more: Any) -> dict[str, Any]:
    return {"data": {"repository": {"nameWithOwner": "o/n", "isPrivate": True, "ref": None, **more}}}


def repository(**more: Any) -> dict[str, Any]:
    return {"full_name": "o/n", "private": True, "visibility": "private", "default_branch": "main", **more}


async def test_a_look_tells_it(github: GitHub, server: Server) -> None:
    server.on("POST", "/graphql", answer(told(id="R_kgDOAAAAAQ")))
    look = await github.look(TOKEN, REPOSITORY, "main", [])
    assert look is not None
    assert look.identity == "R_kgDOAAAAAQ"


async def test_a_survey_tells_it_with_who_may_see_it(github: GitHub, server: Server) -> None:
    server.on("POST", "/graphql", answer(told(id="R_1", r0x0=None)))
    survey = await github.survey(TOKEN, REPOSITORY, [SHA])
    assert survey is not None
    assert survey.commits == {SHA: None}
    assert (survey.repository.identity, survey.repository.private) == ("R_1", True)
    assert survey.repository.repository == REPOSITORY


async def test_a_survey_of_more_than_a_query_takes_is_of_one_repository(
    github: GitHub, server: Server
) -> None:
    refs = [f"{number:040x}" for number in range(101)]
    nothing = {f"r{number}x0": None for number in range(100)}
    server.on("POST", "/graphql", answer(told(id="R_1", **nothing)), answer(told(id="R_1", r0x0=None)))
    survey = await github.survey(TOKEN, REPOSITORY, refs)
    assert survey is not None
    assert survey.commits == dict.fromkeys(refs)
    assert len(server.targets) == 2


async def test_the_repository_itself_tells_it(github: GitHub, server: Server) -> None:
    server.on("GET", "/repos/o/n", answer(repository(node_id="R_1")))
    found = await github.repository(TOKEN, REPOSITORY)
    assert found is not None
    assert found.identity == "R_1"


@pytest.mark.parametrize("identity", ODD)
async def test_what_is_no_id_counts_as_none(github: GitHub, server: Server, identity: object) -> None:
    server.on("POST", "/graphql", answer(told(id=identity)))
    server.on("GET", "/repos/o/n", answer(repository(node_id=identity)))
    look = await github.look(TOKEN, REPOSITORY, "main", [])
    found = await github.repository(TOKEN, REPOSITORY)
    assert look is not None
    assert found is not None
    assert look.identity == ""
    assert found.identity == ""
