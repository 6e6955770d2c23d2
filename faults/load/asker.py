"""Asks one question, waits no longer than its bound, counts and judges what came."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faults.client import Answer, Client, DroppedError, GoneError, Question
from faults.judging.outcomes import BROKEN, DROPPED, LATE, REFUSED, RIGHT, STALE, WRONG, Group
from proxy.errors import Code
from proxy.metrics import OTHER_ROUTE, ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faults.judging.counting import Seen
    from faults.judging.verdicts import Verdicts

BOUND_SECONDS = 30.0
"""How long any request may take on a busy machine, whatever is broken; the configured timeouts are less."""
_BAD = 400
_CODES = {code.value: code for code in Code}
_ROUTES = frozenset(ROUTES)
# Of passed requests: https://www.rfc-editor.org/rfc/rfc9110#section-15.6.3
_GATEWAY = {"unavailable": 502}
_BODILESS = {502: "unavailable", 504: "deadline_exceeded"}


@dataclass(slots=True)
class Timed:
    """How long right answers took, in seconds, since the last ``take``."""

    seconds: list[float] = field(default_factory=list)

    def take(self) -> list[float]:
        """Those since the last time, ascending."""
        taken, self.seconds = self.seconds, []
        return sorted(taken)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a question; ``answer`` is ``None`` where there was none or not a whole one."""

    outcome: str
    answer: Answer | None = None

    @property
    def message(self) -> dict[str, Any]:
        """The JSON of an answer that is right."""
        return message_of(self.answer) if self.answer is not None else {}


class Asker:
    """One connection, and the books that its answers are entered in."""

    def __init__(self, port: int, seen: Seen, verdicts: Verdicts, timed: Timed) -> None:
        self.client = Client(port)
        self._port = port
        self._seen = seen
        self._verdicts = verdicts
        self._timed = timed

    def other(self) -> Asker:
        """A further connection with the same books."""
        return Asker(self._port, self._seen, self._verdicts, self._timed)

    async def ask(
        self,
        group: Group,
        method: str,
        target: str,
        check: Callable[[Answer], str],
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Result:
        """Ask and judge.

        Args:
            group: what is asked for.
            method: of HTTP.
            target: path and query.
            check: the outcome of a whole answer that is no error, and ``WRONG`` with a reason behind it.
            headers: more of them.
            body: the body.
        """
        question = Question(method, target, f"localhost:{self._port}", headers or {}, body)
        begin = time.monotonic()
        result, detail = await self._outcome(question, check)
        end = time.monotonic()
        if result.outcome == RIGHT:
            self._timed.seconds.append(end - begin)
        fine = self._verdicts.judge(group, result.outcome, begin, end, f"{method} {target} {detail}")
        return result if fine or result.outcome != WRONG else Result(WRONG)

    async def _outcome(self, question: Question, check: Callable[[Answer], str]) -> tuple[Result, str]:
        route = route_of(question.target)
        try:
            async with asyncio.timeout(BOUND_SECONDS):
                answer = await self.client.ask(question)
        except GoneError as error:
            return Result(REFUSED), str(error)
        except DroppedError as error:
            self._seen.lost(route)
            return Result(DROPPED), str(error)
        except TimeoutError:
            self._seen.lost(route)
            return Result(LATE), f"no answer within {BOUND_SECONDS:g} s"
        if not answer.whole:
            self._seen.lost(route)
            outcome = WRONG if answer.garbled else BROKEN
            return Result(outcome), f"status {answer.status}, {answer.size} bytes {answer.garbled}"
        self._seen.answered(route, answer.status)
        if answer.status >= _BAD:
            if question.method == "HEAD":
                return Result(_BODILESS.get(answer.status, WRONG), answer), str(answer.status)
            outcome, detail = error_of(answer)
            return Result(outcome, answer), detail
        outcome, _, detail = check(answer).partition(":")
        if outcome == RIGHT and answer.headers.get("x-source-stale") == "true":
            outcome = STALE
        return Result(outcome, answer), detail


def route_of(target: str) -> str:
    """The label that the metrics give a request."""
    path = target.partition("?")[0].removeprefix("/")
    return path if path in _ROUTES else OTHER_ROUTE


def message_of(answer: Answer) -> dict[str, Any]:
    """A JSON object; empty where the body is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def error_of(answer: Answer) -> tuple[str, str]:
    """The code of a Connect error, and its message; ``WRONG`` where it is none, or not of its status."""
    message = message_of(answer)
    code, words = str(message.get("code")), message.get("message")
    if not isinstance(words, str) or not words or code not in _CODES:
        return WRONG, f"{answer.status} without a code and a message: {answer.body[:200]!r}"
    if answer.status not in {_CODES[code].http_status, _GATEWAY.get(code)}:
        return WRONG, f"{answer.status} for {code}"
    return code, words
