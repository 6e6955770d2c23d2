"""What a refusal of GitHub means, in the proxy's own errors, with what a person can do about it.

Only three answers mean "not there" (``is_absent``); everything else is raised.
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yarl import URL

from proxy.errors import Code, RpcError
from proxy.github import jsonvalue, limits

if TYPE_CHECKING:
    from proxy.github.wire import Response

_LONGEST_MESSAGE = 200
_TOKEN = re.compile(r"gh[a-z]_\w+|github_pat_\w+|(?i:bearer|token)\s+[\w.~+/-]{16,}=*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_NOT_ACCESSIBLE = "resource not accessible by"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as far as an error needs it: the time in epoch seconds, GitHub's web URL, the token."""

    now: float
    web: URL
    token: str

    def __repr__(self) -> str:
        return "Asked()"


def message_of(response: Response) -> str | None:
    """GitHub's own ``message``, as sent; ``None`` when the answer is none of GitHub's API."""
    try:
        found = jsonvalue.parse_object(response.body).get("message")
    except jsonvalue.Malformed:
        return None
    return found if isinstance(found, str) else None


def printable(message: str, token: str = "") -> str:
    """GitHub's words made safe to show: short, one line, no control characters, no token."""
    if token:
        message = message.replace(token, "***")
    text = (
        _TOKEN.sub("***", _UNPRINTABLE.sub(" ", message[:10_000])).encode("utf-8", "replace").decode().strip()
    )
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"


def is_absent(response: Response) -> bool:
    """Whether the answer means "not there": 404, the 409 of an empty repository, the 422 of an unknown ref.

    A 404 without GitHub's ``message`` comes from something in between or from a wrong ``api_url``,
    and says nothing about the repository.
    """
    if response.status not in (404, 409, 422):
        return False
    message = (message_of(response) or "").lower()
    match response.status:
        case 404:
            return bool(message)
        case 409:
            return "empty" in message
        case _:
            return "no commit found" in message


def refusal(response: Response, asked: Asked) -> RpcError:
    """The error for any answer that is neither a success nor "not there"."""
    original = message_of(response)
    words = f": {printable(original, asked.token)}" if original else ""
    if permission := _permission(response, original or "", asked):
        return permission
    if limit := limits.read_limited(response.status, response.headers, original or "", asked.now):
        return rate_limited(limit, words)
    match response.status:
        case 401:
            return unauthenticated()
        case 403:
            return RpcError(Code.PERMISSION_DENIED, f"GitHub refuses access (403){words}")
        case 451:
            return RpcError(Code.PERMISSION_DENIED, f"GitHub blocks this for legal reasons (451){words}")
        case status if status >= 500:  # noqa: PLR2004 - HTTP statuses read best as numbers
            return _unavailable(response, words, asked)
        case status if original is None:
            return RpcError(
                Code.UNAVAILABLE,
                f"Something that is not GitHub's API answered {status}: check github.api_url and any proxy",
            )
        case status:
            return RpcError(Code.UNKNOWN, f"GitHub answered {status}{words}")


def unauthenticated() -> RpcError:
    """The error for a token that GitHub does not accept."""
    return RpcError(
        Code.UNAUTHENTICATED, "GitHub does not accept the token (expired or revoked): connect to GitHub again"
    )


def rate_limited(limit: limits.Limited, words: str = "") -> RpcError:
    """The error for a call that GitHub refused for its rate."""
    return RpcError(
        Code.RESOURCE_EXHAUSTED,
        f"GitHub's {limit.kind} rate limit is reached, try again in {limit.retry_after} s{words}",
        retry_after=limit.retry_after,
    )


def forbidden(message: str, response: Response, asked: Asked) -> RpcError:
    """The error for a lack of permission, from the REST API or from GraphQL, with the way to get it."""
    words = printable(message, asked.token)
    if single_sign_on := response.headers.get("X-GitHub-SSO", ""):
        return _single_sign_on(single_sign_on, asked)
    if "saml" in message.lower():
        advice = "authorize with the organization's single sign-on at GitHub, then connect again"
        return RpcError(Code.PERMISSION_DENIED, f"GitHub asks for single sign-on: {advice} ({words})")
    if _NOT_ACCESSIBLE in message.lower():
        advice = "install the GitHub App on this repository, or ask its owner for permission to read contents"
        return RpcError(Code.PERMISSION_DENIED, f"The GitHub App may not read this: {advice} ({words})")
    return RpcError(Code.PERMISSION_DENIED, f"GitHub refuses access: {words}")


def _permission(response: Response, message: str, asked: Asked) -> RpcError | None:
    if not is_permission(response):
        return None
    if is_too_large(response):
        return RpcError(
            Code.FAILED_PRECONDITION, "The file is larger than 100 MB, the most that GitHub's API gives out"
        )
    return forbidden(message, response, asked)


def is_permission(response: Response) -> bool:
    """Whether a 403 is about permission (or size) for sure, whatever the rate-limit headers say."""
    message = (message_of(response) or "").lower()
    single_sign_on = response.headers.get("X-GitHub-SSO", "").startswith("required")
    return response.status == 403 and (  # noqa: PLR2004 - HTTP statuses read best as numbers
        single_sign_on or _NOT_ACCESSIBLE in message or is_too_large(response)
    )


def is_too_large(response: Response) -> bool:
    """Whether GitHub refuses because the file is too large for the media type that was asked."""
    if response.status != 403:  # noqa: PLR2004 - HTTP statuses read best as numbers
        return False
    errors = jsonvalue.parse_object(response.body).get("errors") if message_of(response) is not None else None
    return isinstance(errors, list) and any(
        isinstance(e, dict) and e.get("code") == "too_large" for e in errors
    )


def _single_sign_on(header: str, asked: Asked) -> RpcError:
    """Only a page of the configured GitHub is shown: the header names it, and people will open it.

    https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
    """
    found = re.search(r"url=(\S+)", header)
    where = " at GitHub"
    if found is not None and len(found[1]) <= 500:  # noqa: PLR2004 - long enough for any of GitHub's
        page = _url(found[1])
        is_ours = page is not None and (page.scheme, page.authority) == (
            asked.web.scheme,
            asked.web.authority,
        )
        if is_ours and not _holds_token(str(page), asked.token):
            where = f" at {page}"
    return RpcError(
        Code.PERMISSION_DENIED, f"The organization asks for single sign-on: authorize{where}, then try again"
    )


def _holds_token(text: str, token: str) -> bool:
    return bool(token and token in text) or _TOKEN.search(text) is not None


def _url(text: str) -> URL | None:
    try:
        return URL(text)
    except ValueError:
        return None


def _unavailable(response: Response, words: str, asked: Asked) -> RpcError:
    retry_after = limits.wait(response.headers, asked.now) if "retry-after" in response.headers else None
    return RpcError(
        Code.UNAVAILABLE,
        f"GitHub is not well (it answered {response.status}), try again{words}",
        retry_after=retry_after,
    )
