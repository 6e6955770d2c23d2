"""One request to GitHub and its answer as plain values, so that building and reading need no I/O."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be sent.

    Attributes:
        method: the HTTP method.
        url: the whole URL, percent-encoded as it is to be sent.
        route: GitHub's own route template (``/repos/{owner}/{repo}/contents/{path}``) or ``graphql``;
            the metric label.
        headers: names and values; may hold a token, so they are not part of ``repr``.
        body: the bytes; may hold a secret, so they are not part of ``repr``.
    """

    method: str
    url: str
    route: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read to its end; ``headers`` looks names up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


Send = Callable[[Request], Awaitable[Response]]
"""Sends a request and reads the answer; raises ``RpcError`` when GitHub cannot be reached or is too slow."""
