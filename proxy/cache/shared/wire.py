"""What the link needs of a connection, whichever client opens it.

::

    LinkError              no answer: no connection, none in time, or one that is of no more use
    └── RefusedError       an answer, and it is no; the connection is as good as before
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.cache.shared.limits import Reason

Command = tuple[bytes, ...]
Reply = Any
"""Bytes, a number, ``None``, or a list of such: whoever asks knows what to expect, and checks it."""


class LinkError(Exception):
    """No answer: why, and Redis's own word for it where it gave one (``READONLY``)."""

    def __init__(self, reason: Reason, word: str = "") -> None:
        super().__init__(word or reason.value)
        self.reason = reason
        self.word = word


class RefusedError(LinkError):
    """Redis refused this one command; the connection is as good as before."""


class Wire(Protocol):
    """A connection that is open and logged in."""

    async def send(self, commands: Sequence[Command]) -> None:
        """Send commands.

        Raises:
            LinkError: the connection is broken.
        """

    async def receive(self) -> Reply:
        """The next answer.

        Raises:
            RefusedError: it is a refusal.
            LinkError: the connection is of no more use.
        """

    async def close(self) -> None:
        """Close it; raises nothing."""
