"""Logging in, reading, renewing: people whose sessions come and go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from faults.client import Client, Question
from faults.judging.outcomes import RIGHT, UNAUTHENTICATED, WRONG, Group
from faults.load import reading
from faults.load.asker import message_of

if TYPE_CHECKING:
    import random

    from faults.client import Answer
    from faults.load.asker import Asker
    from faults.load.reading import Person

_CALLBACK = "http://localhost/callback"
_CODES_KEPT = 50


class Visitors:
    """Those who log in.

    Args:
        github: the port of the stand-in itself, where a browser gets its code; it is not what breaks.
        client_id: of the App.

    Attributes:
        told: codes and cookies that were handed out, for the search of the log.
    """

    def __init__(self, github: int, client_id: str) -> None:
        self._github = github
        self._client_id = client_id
        self.told: list[bytes] = []

    async def log_in(self, asker: Asker, person: Person) -> bool:
        """Get a session; whether there is one now."""
        code = await self._code(person.login)
        result = await reading.call(
            asker, Group.LOGIN, "GithubLogin", {"authorizationCode": code}, _is_session
        )
        person.cookie = self._keep(code, result.message) if result.outcome == RIGHT else ""
        return bool(person.cookie)

    async def one(self, asker: Asker, person: Person, chance: random.Random) -> None:
        """The next thing that a person does: log in, read, or renew the session, at times twice at once."""
        if not person.cookie:
            await self.log_in(asker, person)
        elif chance.random() < 0.6:
            result = await reading.one(asker, person, chance)
            if result.outcome == UNAUTHENTICATED:
                # What the answer asks for, and what alone helps where the token itself came garbled.
                person.cookie = ""
        else:
            await self._renew(asker, person, twice=chance.random() < 0.5)

    async def _renew(self, asker: Asker, person: Person, *, twice: bool) -> None:
        askers = [asker, asker.other()] if twice else [asker]
        calls = [
            reading.call(one, Group.REFRESH, "GithubRefresh", {}, _is_session, cookie=person.cookie)
            for one in askers
        ]
        results = await asyncio.gather(*calls)
        for other in askers[1:]:
            await other.client.close()
        good = [result for result in results if result.outcome == RIGHT]
        # What has failed may have used the refresh token up: only a new login is sure to work.
        person.cookie = self._keep("", good[-1].message) if len(good) == len(results) else ""

    def _keep(self, code: str, message: dict[str, str]) -> str:
        cookie = message["cookie"].partition(";")[0]
        self.told += [code.encode(), cookie.partition("=")[2].encode(), message["token"].encode()]
        del self.told[:-_CODES_KEPT]
        return cookie

    async def _code(self, login: str) -> str:
        """The code that GitHub's page gives when the person says yes."""
        query = f"client_id={self._client_id}&login={login}&redirect_uri={quote(_CALLBACK, safe='')}"
        client = Client(self._github)
        answer = await client.ask(Question("GET", f"/login/oauth/authorize?{query}", "localhost"))
        await client.close()
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def _is_session(answer: Answer) -> str:
    message = message_of(answer)
    fits = isinstance(message.get("cookie"), str) and isinstance(message.get("token"), str)
    return RIGHT if fits else f"{WRONG}:an answer without a session"
