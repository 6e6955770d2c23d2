"""When a call is worth repeating, and how long to wait before.

Only what can be sent twice without harm is: a GET, and a GraphQL query, which only reads
(https://www.rfc-editor.org/rfc/rfc9110.html#section-9.2.2). An OAuth code and a refresh token work
once: whether the first call was carried out cannot be known, and a second would be refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxy.github.wire import Request, Response

MOST = 2
_TRANSIENT = (502, 503, 504)
_FIRST, _GROWTH = 0.2, 3.0


def is_repeatable(request: Request) -> bool:
    """Whether sending this twice can change nothing."""
    return request.method == "GET" or request.route == "graphql"


def is_transient(response: Response) -> bool:
    """Whether the same request may be answered a moment later; where GitHub says when, it is then."""
    return response.status in _TRANSIENT and "retry-after" not in response.headers


def pause(number: int, chance: float) -> float:
    """Seconds before repetition ``number`` (from 0): up to 0.2 s, then 0.6 s, and never the same for all.

    Args:
        number: how often it has been repeated.
        chance: from 0 to 1; half of the pause is up to it.
    """
    return _FIRST * _GROWTH**number * (0.5 + chance / 2)
