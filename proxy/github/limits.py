"""GitHub's rate limits: what its headers say, when an answer means "limited", who has the fewest calls left.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["primary", "secondary"]

RESOURCES = ("core", "graphql", "search", "code_search", "integration_manifest")
"""The resources that get a metric label of their own; any other is ``other``."""
OAUTH = "oauth"
"""What logins and refreshes draw on: GitHub gives it no name and no headers, only refusals."""

UNTOLD_WAIT = 60
LONGEST_WAIT = 3600 * 24
TOKENS_KEPT = 10_000
_LONGEST_DATE = 64
_SAME_WINDOW = 60.0
"""Resets this close to each other are one window: GitHub's drift by seconds, windows last an hour."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is left of a token's budget: ``reset`` is when the window ends, in epoch seconds."""

    resource: str
    limit: int
    remaining: int
    reset: int


@dataclass(frozen=True, slots=True)
class Limited:
    """GitHub refused a call for its rate; calling on before ``retry_after`` seconds may ban the App.

    Attributes:
        kind: which limit it was.
        retry_after: seconds to wait.
        told: whether GitHub said how long; otherwise it is the least that its documentation asks for.
    """

    kind: Kind
    retry_after: int
    told: bool = True


def token_key(token: str, secret: bytes = b"") -> str:
    """What stands for a token where the token itself must not be kept.

    Args:
        token: the token.
        secret: at most 64 bytes that only this process knows, so that the key tells nobody anything.
    """
    return hashlib.blake2b(token.encode("utf-8", "replace"), key=secret, digest_size=32).hexdigest()


def resource_of(route: str) -> str:
    """The resource that a call of this route draws on."""
    if route == "graphql":
        return "graphql"
    return OAUTH if route.startswith("/login/") else "core"


def resource_label(resource: str, route: str) -> str:
    """The metric label of a resource; where the answer names none, the route tells."""
    if not resource:
        return resource_of(route)
    return resource if resource in RESOURCES else "other"


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None  # noqa: PLR2004 - epoch seconds and to spare


def read_rate_limit(headers: Mapping[str, str], route: str) -> RateLimit | None:
    """The budget that an answer reports, ``None`` when it reports none or nothing that makes sense."""
    limit, remaining, reset = (
        _number(headers, f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset")
    )
    if limit is None or remaining is None or reset is None:
        return None
    resource = resource_label(headers.get("x-ratelimit-resource", ""), route)
    return RateLimit(resource, limit, remaining, reset)


def _retry_after(headers: Mapping[str, str], now: float) -> int | None:
    """Seconds, given as such or as a date: https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3."""
    seconds, text = _number(headers, "retry-after"), headers.get("retry-after", "")
    if seconds is not None or not 0 < len(text) <= _LONGEST_DATE:
        return seconds
    try:
        date = parsedate_to_datetime(text)
        return _ahead(date.replace(tzinfo=date.tzinfo or UTC).timestamp(), now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _ahead(moment: float, now: float) -> int | None:
    """Seconds until a moment; ``None`` when it has passed, which is no advice to who is still refused."""
    return math.ceil(moment - now) if moment > now else None


def told_wait(headers: Mapping[str, str], now: float) -> int | None:
    """Seconds that GitHub asks to wait: ``retry-after``, else the window's end; ``None``: it does not say."""
    seconds = _retry_after(headers, now)
    if seconds is None and _number(headers, "x-ratelimit-remaining") == 0:
        reset = _number(headers, "x-ratelimit-reset")
        seconds = None if reset is None else _ahead(reset, now)
    return None if seconds is None else min(max(seconds, 1), LONGEST_WAIT)


def wait(headers: Mapping[str, str], now: float) -> int:
    """Seconds to wait after a limited answer; a minute at least where GitHub does not say."""
    return told_wait(headers, now) or UNTOLD_WAIT


def limited(headers: Mapping[str, str], message: str, now: float, *, primary: bool = False) -> Limited:
    """How a call was limited, once it is known that it was; ``primary`` where something else says so."""
    primary = primary or _number(headers, "x-ratelimit-remaining") == 0
    kind: Kind = "primary" if primary and "secondary" not in message.lower() else "secondary"
    seconds = told_wait(headers, now)
    return Limited(kind, seconds or UNTOLD_WAIT, told=seconds is not None)


def read_limited(status: int, headers: Mapping[str, str], message: str, now: float) -> Limited | None:
    """Whether an answer of the REST API means "limited": 429, or a 403 that shows one of its signs."""
    signs = (
        "retry-after" in headers,
        _number(headers, "x-ratelimit-remaining") == 0,
        "rate limit" in message.lower(),
        "abuse detection" in message.lower(),
    )
    if status == 429 or (status == 403 and any(signs)):  # noqa: PLR2004 - HTTP statuses read best as numbers
        return limited(headers, message, now)
    return None


class Windows:
    """The budgets of the tokens seen, by hash: each token's newest window, forgotten when it has passed.

    Args:
        most: how many tokens are kept of a resource; those with the most calls left go first.
    """

    def __init__(self, most: int = TOKENS_KEPT) -> None:
        self._most = most
        self._seen: dict[str, dict[str, RateLimit]] = {}
        self._last: dict[str, RateLimit] = {}

    def observe(self, key: str, seen: RateLimit, now: float) -> None:
        """Note what an answer reported for the token with this key (``token_key``).

        Answers may arrive out of order, so within one window the lowest count is the true one. A
        window that ends in more than a day is none of GitHub's, which last an hour.
        """
        tokens = self._seen.setdefault(seen.resource, {})
        known = tokens.get(key)
        if seen.reset > now + LONGEST_WAIT:
            return
        if known is not None and seen.reset < known.reset - _SAME_WINDOW:
            return  # a straggler from the window before
        if (
            known is not None
            and abs(seen.reset - known.reset) <= _SAME_WINDOW
            and known.remaining < seen.remaining
        ):
            seen = known
        tokens[key] = self._last[seen.resource] = seen
        if len(tokens) > self._most:
            self._shrink(tokens, now)

    def of(self, key: str, resource: str, now: float) -> RateLimit | None:
        """The budget of one token in its current window, ``None`` when nothing is known of it."""
        known = self._seen.get(resource, {}).get(key)
        return known if known is not None and known.reset > now else None

    def lowest(self, resource: str, now: float) -> RateLimit | None:
        """The budget of the token with the fewest calls left in a window that has not passed.

        When all have passed, the last one seen counts as full again; ``None`` when none was ever seen.
        Those that have passed are forgotten: this is asked whenever the metrics are.
        """
        tokens = self._seen.get(resource, {})
        _forget_passed(tokens, now)
        if tokens:
            return min(tokens.values(), key=lambda known: known.remaining)
        last = self._last.get(resource)
        return last and RateLimit(last.resource, last.limit, last.limit, last.reset)

    def _shrink(self, tokens: dict[str, RateLimit], now: float) -> None:
        """Make room for some more at once, so that not each further token costs a search."""
        _forget_passed(tokens, now)
        excess = len(tokens) - self._most
        if excess > 0:
            fullest = sorted(tokens, key=lambda key: tokens[key].remaining, reverse=True)
            for key in fullest[: excess + self._most // 10]:
                del tokens[key]


def _forget_passed(tokens: dict[str, RateLimit], now: float) -> None:
    for key in [key for key, known in tokens.items() if known.reset <= now]:
        del tokens[key]
