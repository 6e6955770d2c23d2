"""Requests for Pyroscope: every method, sizes from nothing to a megabyte, each byte checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from faults.around.bodies import SIZES, body, digest
from faults.around.sources import MARKER
from faults.judging.outcomes import RIGHT, WRONG, Group

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from faults.client import Answer
    from faults.load.asker import Asker

_SEEDS = 8
_WEIGHTS = (2, 2, 8, 4, 3, 1)
_QUERIES = ("SelectSeries", "Series", "LabelNames", "ProfileTypes", "SelectMergeStacktraces")


async def one(asker: Asker, chance: random.Random) -> None:
    """One passed request of any kind."""
    (size,) = chance.choices(SIZES, _WEIGHTS)
    seed = chance.randrange(_SEEDS)
    nonce = f"{chance.getrandbits(64):x}"
    headers = {"X-Nonce": nonce, "Authorization": f"Bearer {MARKER}", "Cookie": f"other={MARKER}"}
    if chance.random() < 0.55:
        method = chance.choice(("GET", "GET", "GET", "HEAD"))
        query = chance.choice(("", "?chunked", f"?code={MARKER}"))
        expected = body(seed, size) if method == "GET" else b""
        await asker.ask(
            Group.PASS, method, f"/give/{seed}/{size}{query}", _given(expected, nonce), headers=headers
        )
        return
    method = chance.choice(("POST", "POST", "PUT", "PATCH", "DELETE"))
    target = chance.choice(("/ingest", f"/querier.v1.QuerierService/{chance.choice(_QUERIES)}", "/a%2Fb//c"))
    if target.startswith("/querier"):
        method = "POST"
    sent = b"" if method == "DELETE" else body(seed, size)
    await asker.ask(Group.PUSH, method, target, _taken(sent, nonce), headers=headers, body=sent)


def _given(expected: bytes, nonce: str) -> Callable[[Answer], str]:
    def check(answer: Answer) -> str:
        if answer.headers.get("x-nonce") != nonce:
            return f"{WRONG}:the answer to another request"
        if answer.body != expected:
            return f"{WRONG}:{answer.size} bytes that are not the {len(expected)} asked for"
        return RIGHT

    return check


def _taken(sent: bytes, nonce: str) -> Callable[[Answer], str]:
    def check(answer: Answer) -> str:
        if answer.headers.get("x-nonce") != nonce:
            return f"{WRONG}:the answer to another request"
        if json.loads(answer.body) != {"digest": digest(sent), "length": len(sent)}:
            return f"{WRONG}:another body arrived than the {len(sent)} bytes sent"
        return RIGHT

    return check
