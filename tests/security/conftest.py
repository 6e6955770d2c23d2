"""The whole system with histories, and somebody who tries everything that the API offers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.conftest import ada, bob, histories, system
from tests.fakes.system import Answer

if TYPE_CHECKING:
    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

__all__ = ["ada", "bob", "histories", "system"]  # fixtures

CART = "services/checkout/internal/cart/cart.go"
PRIVATE = "https://github.com/acme/secret"
GONE = "https://github.com/acme/gone"
LONG = "a" * 300
"""A ref that git might have and GitHub's API is never asked for."""
SPELLINGS = (
    "https://github.com/acme/{}",
    "https://github.com/ACME/{}.git",
    "github.com/acme/{}/",
    "git@github.com:acme/{}.git",
    "ssh://git@github.com/acme/{}",
)


async def explain(system: System, cookie: str, path: str, *, repository: str, ref: str = "") -> Answer:
    """``ExplainFile``, which answers 200 also when there is no file."""
    body = {"repositoryURL": repository, "ref": ref, "localPath": path}
    headers = {"Content-Type": "application/json", "Cookie": cookie}
    url = f"{system.url}/source.v1.SourceService/ExplainFile"
    async with system.http.post(url, data=json.dumps(body), headers=headers) as response:
        return Answer(response.status, response.headers, json.loads(await response.read()))


async def everything(system: System, cookie: str, repository: str, refs: list[str]) -> list[Answer]:
    """Ask for the same in every way that there is."""
    answers = []
    for ref in refs:
        answers += [
            await system.get_file(cookie, CART, ref=ref, repository=repository),
            await system.get_commit(cookie, ref, repository),
            await system.get_commits(cookie, [ref], repository),
            await explain(system, cookie, CART, repository=repository, ref=ref),
        ]
    return answers


async def warm(system: System, cookie: str, histories: Histories, repository: str = PRIVATE) -> None:
    """Let somebody who may see it make it all known."""
    for ref in ("", "main", "v1.0.0", histories.first, histories.second):
        assert (await system.get_file(cookie, CART, ref=ref, repository=repository)).status == 200
        assert (await system.get_commit(cookie, ref, repository)).status == 200
    assert (await system.get_file(cookie, "odd/large.go", ref="main", repository=repository)).status == 200
    system.github.forget_calls()


def told(answer: Answer) -> str:
    """All that an answer says, without what differs from one request to the next."""
    body: dict[str, Any] = dict(answer.body)
    for changing in ("milliseconds", "steps"):
        body.pop(changing, None)
    steps = [{**step, "milliseconds": 0} for step in answer.body.get("steps", [])]
    return json.dumps([answer.status, body, steps, answer.headers.get("X-Source-Stale")], sort_keys=True)
