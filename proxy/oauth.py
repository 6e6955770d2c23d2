"""Building the requests of a GitHub App's login and refresh, and reading their answers.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens

Rules that hold here:

- Secrets travel in the body of a request only, never in its URL, where proxies would log them.
- A refusal of GitHub's, which comes with HTTP 200, is ``unauthenticated``; that GitHub cannot answer
  now is not, since clients throw a session away that is refused.
- No word of GitHub's answer gets into a message, but for the name of its error.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, urlencode

from proxy.errors import Code, RpcError
from proxy.github.wire import Request, Response
from proxy.session.token import Token, is_visible, read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.config.model import GitHub

REFRESH_TOKEN_LIFETIME = 15_897_600
"""Seconds that GitHub lets a refresh token live, for answers that do not say."""
ROUTE = "/login/oauth/access_token"

_MAX_ANSWER = 64 * 1024
_MAX_TOKEN = 2048  # a session has to fit into a cookie
_MAX_SECONDS = 2**31 - 1  # as Go's oauth2 limits it; no date overflows
_MAX_FIELDS = 32
_DIGITS = 18  # of a number of seconds; more would only be limited again
_DEFAULT_WAIT = 60  # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
_MAX_WAIT = 24 * 3600
_ERROR_NAME = re.compile(r"[A-Za-z_ ]{1,64}")
_LOGIN_AGAIN = "log in with GitHub again"
# https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
_ADVICE = {
    "bad_verification_code": "the authorization code is wrong, was used before or is over ten minutes old; "
    + _LOGIN_AGAIN,
    "bad_refresh_token": f"the refresh token was used before or has expired; {_LOGIN_AGAIN}",
    "invalid_grant": f"the code or refresh token is not valid any more; {_LOGIN_AGAIN}",
    "access_denied": f"access was declined on GitHub's page; {_LOGIN_AGAIN} and authorize the App",
    "unverified_user_email": "the GitHub account has no verified primary e-mail address; "
    f"verify it in GitHub's settings (Emails), then {_LOGIN_AGAIN}",
    "incorrect_client_credentials": "the operator has to correct github.client_id and github.client_secret, "
    "they do not belong to one GitHub App",
    "redirect_uri_mismatch": "the operator has to add the page's address (github.callback_url) "
    "to the callback URLs of the GitHub App",
    "application_suspended": "the GitHub App is suspended; its owner has to ask GitHub's support",
    "Not Found": "the operator has to correct github.client_id or github.url, no such App is known there",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What GitHub granted.

    Attributes:
        token: the new token; its expiry is counted from when the request was sent.
        refresh_token_expires_in: seconds, or ``None`` where GitHub does not say.
    """

    token: Token
    refresh_token_expires_in: int | None = None


def authorize_url(github: GitHub, *, redirect_uri: str, state: str, code_challenge: str = "") -> str:
    """The page of GitHub's where a person lets the App act for them.

    Args:
        github: where GitHub is, and the App's client id.
        redirect_uri: where GitHub sends the person afterwards; empty for the App's first callback URL.
        state: what comes back unchanged, to be compared by whoever starts the login.
        code_challenge: from ``code_challenge``, so that only the holder of the verifier can use the code.
    """
    query = {"client_id": github.client_id, "redirect_uri": redirect_uri, "state": state}
    if code_challenge:
        query |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
    return f"{_base(github)}/login/oauth/authorize?{urlencode({k: v for k, v in query.items() if v})}"


def code_challenge(code_verifier: str) -> str:
    """The challenge ``S256`` of a verifier: https://www.rfc-editor.org/rfc/rfc7636#section-4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()


def exchange_request(
    github: GitHub, code: str, *, redirect_uri: str = "", code_verifier: str = ""
) -> Request:
    """The request that turns an authorization code into a token.

    Args:
        github: where GitHub is, and the App's credentials.
        code: what GitHub gave the page after the login.
        redirect_uri: the one of the authorize page, where one was given there.
        code_verifier: the one whose challenge was given to the authorize page.

    Raises:
        RpcError: ``invalid_argument`` when something has characters that OAuth does not allow.
    """
    grant = {"grant_type": "authorization_code", "code": code}
    if redirect_uri:
        grant["redirect_uri"] = redirect_uri
    if code_verifier:
        grant["code_verifier"] = code_verifier
    for name, value in grant.items():
        if len(value) > _MAX_TOKEN or not is_visible(value):
            raise RpcError(
                Code.INVALID_ARGUMENT, f"the {name} is longer than {_MAX_TOKEN} bytes or is no plain text"
            )
    return _token_request(github, grant)


def refresh_request(github: GitHub, refresh_token: str) -> Request:
    """The request that turns a refresh token into a new token; both old ones are gone when it is answered."""
    return _token_request(github, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def read_token_answer(response: Response, now: float) -> Grant:
    """Read GitHub's answer to an exchange or a refresh, JSON or form-encoded.

    Args:
        response: the answer.
        now: Unix seconds when the request was sent.

    Raises:
        RpcError: ``unauthenticated`` when GitHub refused, ``resource_exhausted`` when it limits calls,
            ``permission_denied`` when something in front of GitHub forbids them, ``unavailable`` when it
            is down or what answered does not speak as GitHub does.
    """
    if response.status >= 500:  # noqa: PLR2004 - where HTTP's server errors begin
        raise RpcError(
            Code.UNAVAILABLE,
            f"GitHub could not answer a login (HTTP {response.status}); try again, see githubstatus.com",
            retry_after=_header_seconds(response.headers, "retry-after"),
        )
    if _is_limited(response):
        raise RpcError(
            Code.RESOURCE_EXHAUSTED,
            "GitHub limits how often one may log in or refresh now; wait before trying again",
            retry_after=_wait(response.headers, now),
        )
    fields = _read_fields(response.body) if len(response.body) <= _MAX_ANSWER else {}
    if fields.get("error") is not None:
        _refuse(fields["error"])
    if response.status == 403:  # noqa: PLR2004 - forbidden
        raise RpcError(
            Code.PERMISSION_DENIED,
            "GitHub or a proxy before it forbids logging in (HTTP 403); "
            "the operator has to look at the addresses that it allows",
        )
    if response.status != 200 or not fields:  # noqa: PLR2004 - anything else is no answer of this kind
        _reject(f"HTTP {response.status}{'' if fields else ', neither JSON nor a form of a sensible size'}")
    return _read_grant(fields, now)


def _base(github: GitHub) -> str:
    return str(github.url).rstrip("/")


def _token_request(github: GitHub, grant: dict[str, str]) -> Request:
    credentials = {"client_id": github.client_id, "client_secret": github.client_secret.reveal()}
    return Request(
        method="POST",
        url=_base(github) + ROUTE,
        route=ROUTE,
        headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(credentials | grant, errors="surrogateescape").encode(),
    )


def _read_fields(body: bytes) -> Mapping[str, Any]:
    """The answer's fields; none when it is neither JSON nor a form with what is looked for."""
    if body.lstrip()[:1] == b"{":
        return read_object(body) or {}
    try:
        form = dict(parse_qsl(body.decode(), strict_parsing=True, max_num_fields=_MAX_FIELDS))
    except ValueError:
        return {}
    return form if "access_token" in form or "error" in form else {}


def _read_grant(fields: Mapping[str, Any], now: float) -> Grant:
    access_token = _text(fields, "access_token")
    if not access_token:
        _reject("no access_token in its answer")
    expires_in = _seconds(fields, "expires_in")
    expiry = datetime.fromtimestamp(now, UTC) + timedelta(seconds=expires_in) if expires_in else None
    token = Token(access_token, _text(fields, "token_type"), _text(fields, "refresh_token"), expiry)
    return Grant(token, _seconds(fields, "refresh_token_expires_in"))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not is_visible(value) or len(value) > _MAX_TOKEN:
        _reject(f"{name} in its answer is no text, or is longer than {_MAX_TOKEN} bytes")
    return value


def _seconds(fields: Mapping[str, Any], name: str) -> int | None:
    """A lifetime; ``None`` where it is absent or zero, which both say "no end"."""
    value = fields.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:_DIGITS])
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if value in (None, "", 0):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _reject(f"{name} in its answer is no number of seconds")
    return min(value, _MAX_SECONDS)


def _refuse(error: Any) -> NoReturn:
    name = error if isinstance(error, str) and _ERROR_NAME.fullmatch(error) else "an unknown error"
    advice = _ADVICE.get(
        name, f"{_LOGIN_AGAIN}; if that does not help, the operator has to check the GitHub App's settings"
    )
    raise RpcError(Code.UNAUTHENTICATED, f"GitHub refused to give a token ({name}): {advice}")


def _reject(what: str) -> NoReturn:
    raise RpcError(
        Code.UNAVAILABLE,
        f"what answered the login is not understood ({what}); "
        "the operator has to check github.url and any proxy on the way to it",
    )


def _is_limited(response: Response) -> bool:
    if response.status == 429:  # noqa: PLR2004 - too many requests
        return True
    told = "retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0"
    return response.status == 403 and (told or b"rate limit" in response.body[:_MAX_ANSWER].lower())  # noqa: PLR2004 - forbidden


def _wait(headers: Mapping[str, str], now: float) -> int:
    """Seconds to wait: what GitHub says, else until the window ends, else a minute.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    seconds = _header_seconds(headers, "retry-after")
    if seconds is None and headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        if reset.isascii() and reset.isdigit():
            seconds = min(max(1, int(reset[:_DIGITS]) - int(now)), _MAX_WAIT)
    return _DEFAULT_WAIT if seconds is None else seconds


def _header_seconds(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return min(int(value[:_DIGITS]), _MAX_WAIT) if value.isascii() and value.isdigit() else None
