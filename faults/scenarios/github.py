"""GitHub: each status, half answers, wrong types, giants, slow bytes, no name, no TLS, another clock."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from faults.around.gate import Mode
from faults.around.github import Kind, Spoil
from faults.around.surroundings import Place, Tls
from faults.judging.outcomes import (
    DEADLINE,
    EXHAUSTED,
    NOT_FOUND,
    PERMISSION,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNKNOWN,
    Fault,
)
from faults.scenario import Scenario
from faults.scenarios.acts import turned

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.stage import Stage

_DAY = 86_400.0
_HTML = "<html><body>Unicorn!</body></html>"


def _says(message: str) -> str:
    return json.dumps({"message": message, "documentation_url": "https://docs.github.com/rest"})


def _answering(*spoils: Spoil) -> Callable[[Stage, float], Awaitable[None]]:
    """Each of the ways to spoil answers for its part of the time."""

    async def act(stage: Stage, seconds: float) -> None:
        try:
            for spoil in spoils:
                await stage.around.spoil(spoil)
                await asyncio.sleep(seconds / len(spoils))
        finally:
            await stage.around.spoil(None)

    return act


def _statuses(*codes: int, message: str = "", **headers: str) -> Callable[[Stage, float], Awaitable[None]]:
    body = _says(message) if message else _HTML
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return _answering(*(Spoil(Kind.STATUS, code, body, named) for code in codes))


async def _bad_tls(stage: Stage, seconds: float) -> None:
    try:
        for tls in (Tls.UNTRUSTED, Tls.NONE):
            await stage.around.encrypt(tls)
            await asyncio.sleep(seconds / 2)
    finally:
        await stage.around.encrypt(Tls.TRUSTED)


async def _no_name(stage: Stage, seconds: float) -> None:
    """GitHub's API has a name that nobody resolves (https://www.rfc-editor.org/rfc/rfc6761#section-6.4)."""
    nowhere = f"https://github.invalid:{stage.around.ports[Place.GITHUB]}"
    settings = stage.configuration()["github"] | {"api_url": nowhere}
    await stage.subject.end()
    stage.configure(github=settings)
    await stage.subject.start()
    await asyncio.sleep(seconds)
    await stage.subject.end()
    stage.configure()
    await stage.subject.start()


async def _garbled(stage: Stage, seconds: float) -> None:
    """Also the tokens that it gives out, so that those who log in meanwhile have to do so again."""
    await turned(Place.GITHUB, Mode.GARBLE)(stage, seconds)
    for person in stage.guests:
        person.cookie = ""


async def _other_clock(stage: Stage, seconds: float) -> None:
    """GitHub's clock is a day ahead, then as far behind: tokens have ended, limits reset in the past."""
    try:
        for skew in (_DAY, -_DAY):
            await stage.around.skew(skew)
            await asyncio.sleep(seconds / 2)
    finally:
        await stage.around.skew(0.0)


SCENARIOS = (
    Scenario(
        "GitHub refuses connections",
        (Fault.GITHUB_GONE,),
        turned(Place.GITHUB, Mode.REFUSE),
        shows=frozenset({UNAVAILABLE}),
    ),
    Scenario(
        "GitHub resets and breaks off",
        (Fault.GITHUB_GONE,),
        turned(Place.GITHUB, Mode.RESET, Mode.CUT),
        shows=frozenset({UNAVAILABLE}),
    ),
    Scenario(
        "GitHub hangs",
        (Fault.GITHUB_SILENT,),
        _answering(Spoil(Kind.SILENT)),
        shows=frozenset({DEADLINE}),
        short=True,
    ),
    Scenario(
        "GitHub sends byte by byte",
        (Fault.GITHUB_SILENT,),
        _answering(Spoil(Kind.DROPS)),
        shows=frozenset({DEADLINE}),
    ),
    Scenario(
        "GitHub fails: 500, 502, 503, 504",
        (Fault.GITHUB_GONE,),
        _statuses(500, 502, 503, 504),
        shows=frozenset({UNAVAILABLE}),
    ),
    Scenario(
        "GitHub takes no token: 401",
        (Fault.GITHUB_REFUSES_TOKENS,),
        _statuses(401, message="Bad credentials"),
        shows=frozenset({UNAUTHENTICATED}),
        short=True,
    ),
    Scenario(
        "GitHub forbids: 403, 451",
        (Fault.GITHUB_FORBIDS,),
        _statuses(403, 451, message="Resource not accessible by integration"),
        shows=frozenset({PERMISSION}),
    ),
    Scenario(
        "GitHub says: 404, not there",
        (Fault.GITHUB_DENIES,),
        _statuses(404, message="Not Found"),
        shows=frozenset({NOT_FOUND}),
    ),
    Scenario(
        "something between says 404 in HTML",
        (Fault.GITHUB_GARBLED,),
        _statuses(404),
        shows=frozenset({UNAVAILABLE}),
    ),
    Scenario(
        "GitHub limits the rate: 429, 403",
        (Fault.GITHUB_LIMITS,),
        _statuses(429, 403, message="You have exceeded a secondary rate limit.", retry_after="1"),
        shows=frozenset({EXHAUSTED}),
    ),
    Scenario(
        "GitHub answers 400, 406, 409, 410, 415, 418, 422",
        (Fault.GITHUB_ODD,),
        _statuses(400, 406, 409, 410, 415, 418, 422, message="Something else"),
        shows=frozenset({UNKNOWN, UNAVAILABLE}),
        seconds=7.0,
    ),
    Scenario(
        "GitHub answers 201, 202, 204, 206, 301, 304, 307 without a body that makes sense",
        (Fault.GITHUB_GARBLED, Fault.GITHUB_ODD),
        _statuses(201, 202, 204, 206, 301, 304, 307),
        shows=frozenset({UNKNOWN, UNAVAILABLE}),
        seconds=7.0,
    ),
    Scenario(
        "GitHub sends half answers",
        (Fault.GITHUB_GARBLED,),
        _answering(Spoil(Kind.HALF)),
        shows=frozenset({UNAVAILABLE}),
    ),
    Scenario(
        "GitHub sends values of other types",
        (Fault.GITHUB_GARBLED, Fault.GITHUB_ODD),
        _answering(Spoil(Kind.OTHER_TYPES)),
        seconds=8.0,
        shows=frozenset({UNAVAILABLE}),
        short=True,
    ),
    Scenario(
        "GitHub sends giant answers",
        (Fault.GITHUB_GARBLED, Fault.GITHUB_SILENT),
        _answering(Spoil(Kind.GIANT)),
        shows=frozenset({UNAVAILABLE, DEADLINE}),
    ),
    Scenario(
        "GitHub's bytes are garbled",
        (Fault.GITHUB_GARBLED, Fault.GITHUB_REFUSES_TOKENS),
        _garbled,
        shows=frozenset({UNAVAILABLE}),
    ),
    Scenario(
        "GitHub's name is not resolved",
        (Fault.GITHUB_GONE, Fault.GITHUB_SILENT, Fault.STOPPING),
        _no_name,
        shows=frozenset({UNAVAILABLE, DEADLINE}),
        ends=True,
    ),
    Scenario("GitHub's TLS fails", (Fault.GITHUB_GONE,), _bad_tls, shows=frozenset({UNAVAILABLE})),
    Scenario(
        "GitHub's clock is a day off",
        (Fault.GITHUB_REFUSES_TOKENS,),
        _other_clock,
        shows=frozenset({UNAUTHENTICATED}),
    ),
)
