"""What was asked of the stand-in, for tests that count calls and for the demo's output."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECTION_CLOSED = 0
"""The status of a call whose connection was closed, or given up by the caller, before its answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        method: the HTTP method.
        route: GitHub's own template, ``graphql`` or ``unknown``.
        path: as it was sent, percent-encoded, with the query string.
        user: the login that the token belongs to; ``None`` without a valid token.
        status: what was answered, ``CONNECTION_CLOSED`` when nothing was.
        query: the GraphQL document, else empty.
    """

    method: str
    route: str
    path: str
    user: str | None
    status: int
    query: str = ""


class CallLog:
    """The last ``limit`` calls (all of them for ``None``); ``listener`` hears of each."""

    def __init__(self, limit: int | None, listener: Callable[[Call], None] | None) -> None:
        self._calls: deque[Call] = deque(maxlen=limit)
        self._listener = listener

    def add(self, call: Call) -> None:
        """Remember a call."""
        self._calls.append(call)
        if self._listener is not None:
            self._listener(call)

    def list(self) -> list[Call]:
        """The calls, oldest first."""
        return [*self._calls]

    def clear(self) -> None:
        """Forget them."""
        self._calls.clear()
