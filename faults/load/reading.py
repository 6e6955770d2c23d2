"""Questions about source: warm and cold, by commit and by branch, of people with different rights."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faults.around.sources import path_of
from faults.judging.outcomes import RIGHT, WRONG, Group
from faults.load.asker import message_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from faults.around.sources import History
    from faults.client import Answer
    from faults.load.asker import Asker, Result

VCS, SOURCE = "/vcs.v1.VCSService/", "/source.v1.SourceService/"
_FILES, _HOT = 40, 6
_NAMES_NOT_THERE = 200


@dataclass(slots=True)
class Person:
    """Someone with a session.

    Attributes:
        login: at GitHub.
        cookie: the ``Cookie`` header.
        readable: the repositories that the person may read.
        hidden: those that the person may not read.
    """

    login: str
    readable: tuple[History, ...]
    hidden: tuple[History, ...] = ()
    cookie: str = field(default="", repr=False)


async def call(
    asker: Asker,
    group: Group,
    method: str,
    message: dict[str, Any],
    check: Callable[[Answer], str],
    *,
    cookie: str = "",
    service: str = VCS,
) -> Result:
    """Call a method in JSON as Grafana's browser path does."""
    headers = {"Content-Type": "application/json"} | ({"Cookie": cookie} if cookie else {})
    return await asker.ask(
        group, "POST", service + method, check, headers=headers, body=json.dumps(message).encode()
    )


async def one(asker: Asker, person: Person, chance: random.Random) -> Result:
    """One question of any kind, of this person."""
    kind = chance.choices(
        (file, commit, commits, explain, missing, hidden, app), (10, 2, 1, 2, 1, 2 if person.hidden else 0, 1)
    )[0]
    return await kind(asker, person, chance)


async def file(asker: Asker, person: Person, chance: random.Random) -> Result:
    """A file that is there."""
    history, number, ref = _place(person.readable, chance)
    at = chance.randrange(_HOT if chance.random() < 0.6 else _FILES)
    return await call(
        asker,
        Group.FILE,
        "GetFile",
        _frame(history, ref, at),
        _holds(history, number, at),
        cookie=person.cookie,
    )


async def missing(asker: Asker, person: Person, chance: random.Random) -> Result:
    """A file that is not there."""
    history, _, ref = _place(person.readable, chance)
    asked = _frame(history, ref, 0) | {"localPath": f"src/shop/none{chance.randrange(_NAMES_NOT_THERE)}.py"}
    return await call(asker, Group.MISSING, "GetFile", asked, _is_a_lie, cookie=person.cookie)


async def hidden(asker: Asker, person: Person, chance: random.Random) -> Result:
    """A file or commit that is there, and that is not for this person."""
    history, _, ref = _place(person.hidden, chance)
    if chance.random() < 0.7:
        asked = _frame(history, ref, chance.randrange(_FILES))
        return await call(asker, Group.HIDDEN, "GetFile", asked, _is_a_lie, cookie=person.cookie)
    asked = {"repositoryURL": history.url, "ref": ref}
    return await call(asker, Group.HIDDEN, "GetCommit", asked, _is_a_lie, cookie=person.cookie)


async def commit(asker: Asker, person: Person, chance: random.Random) -> Result:
    """One commit."""
    history, number, ref = _place(person.readable, chance)
    asked = {"repositoryURL": history.url, "ref": ref}

    def check(answer: Answer) -> str:
        return _is_commit(message_of(answer), history, number)

    return await call(asker, Group.COMMIT, "GetCommit", asked, check, cookie=person.cookie)


async def commits(asker: Asker, person: Person, chance: random.Random) -> Result:
    """Three commits of one repository."""
    history = chance.choice(person.readable)
    numbers = chance.sample(range(len(history.commits)), 3)
    asked = {"repository_url": history.url, "refs": [history.commits[number] for number in numbers]}

    def check(answer: Answer) -> str:
        found = message_of(answer).get("commits", [])
        if len(found) != len(numbers):
            return f"{WRONG}:{len(found)} commits for {len(numbers)}"
        told = [_is_commit(one, history, number) for one, number in zip(found, numbers, strict=True)]
        return next((outcome for outcome in told if outcome != RIGHT), RIGHT)

    return await call(asker, Group.COMMIT, "GetCommits", asked, check, cookie=person.cookie)


async def explain(asker: Asker, person: Person, chance: random.Random) -> Result:
    """How a file is found; what kept it from being found comes within a good answer."""
    history, number, ref = _place(person.readable, chance)
    at = chance.randrange(_FILES)

    def check(answer: Answer) -> str:
        found = message_of(answer)
        if "error" in found:
            return str(found["error"].get("code", f"{WRONG}:an error without a code"))
        if not found.get("found"):
            return "not_found"
        place = found["file"]
        fits = (place.get("path"), place.get("commit")) == (path_of(at), history.commits[number])
        return RIGHT if fits else f"{WRONG}:another file: {place.get('path')} at {place.get('commit')}"

    asked = _frame(history, ref, at)
    return await call(asker, Group.EXPLAIN, "ExplainFile", asked, check, cookie=person.cookie, service=SOURCE)


async def app(asker: Asker, _: Person, __: random.Random) -> Result:
    """The App's id, which needs nobody."""

    def check(answer: Answer) -> str:
        return RIGHT if message_of(answer).get("clientID") else f"{WRONG}:no client id"

    return await call(asker, Group.APP, "GithubApp", {}, check)


def _place(histories: tuple[History, ...], chance: random.Random) -> tuple[History, int, str]:
    """A repository, the number of a commit, and a ref that names it."""
    history = chance.choice(histories)
    last = len(history.commits) - 1
    if chance.random() < 0.25:
        return history, last, "main"
    number = chance.randrange(3) if chance.random() < 0.5 else chance.randrange(last + 1)
    return history, number, history.commits[number]


def _frame(history: History, ref: str, file: int) -> dict[str, str]:
    return {"repositoryURL": history.url, "ref": ref, "localPath": path_of(file)}


def _holds(history: History, number: int, file: int) -> Callable[[Answer], str]:
    def check(answer: Answer) -> str:
        told = base64.b64decode(message_of(answer).get("content", ""))
        return RIGHT if told == history.content(number, file) else f"{WRONG}:{len(told)} other bytes"

    return check


def _is_commit(found: dict[str, Any], history: History, number: int) -> str:
    fits = (found.get("sha"), found.get("message")) == (history.commits[number], f"Change {number}")
    return RIGHT if fits else f"{WRONG}:another commit: {found.get('sha')} {found.get('message')!r}"


def _is_a_lie(answer: Answer) -> str:
    return f"{WRONG}:{answer.size} bytes of what is not there for this person"
