"""Logging in: the authorize page and the exchange of codes and refresh tokens.

Refusals of the exchange come with HTTP 200:
https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors

Rule of our own: secrets in a query string are refused with 400, which GitHub (sadly) does not do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from yarl import URL

from proxy.demo.github.authorize import HEADERS, page
from proxy.demo.github.pipeline import recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.demo.github.state import State
    from proxy.demo.github.tokens import Issued

AUTHORIZE, ACCESS_TOKEN = "/login/oauth/authorize", "/login/oauth/access_token"
CODE_SECONDS = 600
_DOCS = (
    "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/"
)
_SECRET = ("client_secret", "code", "code_verifier", "refresh_token")
_SENT_ON = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")
_DESCRIPTIONS = {
    "bad_verification_code": "The code passed is incorrect or expired.",
    "bad_refresh_token": "The refresh token passed is incorrect or expired.",
    "incorrect_client_credentials": "The client_id and/or client_secret passed are incorrect.",
    "redirect_uri_mismatch": "The redirect_uri MUST match the registered callback URL for this application.",
    "unverified_user_email": "The user must have a verified primary email.",
    "unsupported_grant_type": "The grant type passed is not supported.",
}


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code stands for."""

    login: str
    redirect_uri: str
    challenge: str
    expires_at: float


class _ExchangeError(Exception):
    """Why there is no token; its one argument is GitHub's word for it."""


def add_routes(app: web.Application, state: State) -> None:
    """Answer logins on an application."""
    login = OAuth(state)
    app.router.add_get(AUTHORIZE, recorded(state, AUTHORIZE, login.authorize))
    app.router.add_post(AUTHORIZE, recorded(state, AUTHORIZE, login.approve))
    app.router.add_post(ACCESS_TOKEN, recorded(state, ACCESS_TOKEN, login.access_token))


class OAuth:
    """The codes that are out, and the handlers that make and take them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._codes: dict[str, _Grant] = {}

    async def authorize(self, request: web.Request) -> web.Response:
        """Show the page; with ``login=USER`` go on at once, for scripts."""
        asked = dict(request.query)
        redirect_uri = self._checked(asked)
        if "login" in asked:
            raise web.HTTPFound(self._approved(asked, redirect_uri))
        parameters = {name: asked[name] for name in _SENT_ON if name in asked}
        back = str(redirect_uri.with_query(None))
        text = page(self._state.app.client_id, parameters, self._state.world.users, back)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def approve(self, request: web.Request) -> web.Response:
        """The page's button: back to whoever asked, with a code."""
        asked = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        redirect_uri = self._checked(asked)
        raise web.HTTPSeeOther(self._approved(asked, redirect_uri))

    async def access_token(self, request: web.Request) -> web.Response:
        """Exchange a code or a refresh token."""
        if any(name in request.query for name in _SECRET):
            raise web.HTTPBadRequest(text="Secrets belong in the body, not in the address.")
        asked = _parameters(await request.read(), request.content_type)
        try:
            answer = self._exchange(asked)
        except _ExchangeError as refusal:
            error = str(refusal)
            answer = {
                "error": error,
                "error_description": _DESCRIPTIONS[error],
                "error_uri": _DOCS + "#" + error,
            }
        if "json" in request.headers.get("accept", ""):
            return web.json_response(answer)
        return web.Response(text=urlencode(answer), content_type="application/x-www-form-urlencoded")

    def _checked(self, asked: Mapping[str, str]) -> URL:
        """Where to go back to, once the parameters are right."""
        app = self._state.app
        if asked.get("client_id") != app.client_id:
            raise web.HTTPNotFound(text="There is no App of this client_id.")
        if asked.get("code_challenge_method", "S256") != "S256":
            raise web.HTTPBadRequest(text="code_challenge_method must be S256.")
        written = asked.get("redirect_uri") or next(iter(app.callback_urls), "")
        try:
            redirect_uri = URL(written)
        except ValueError:
            redirect_uri = URL()
        if redirect_uri.scheme not in {"http", "https"}:
            raise web.HTTPBadRequest(text="redirect_uri must be a web address.")
        if app.callback_urls and written not in app.callback_urls:
            back = {"error": "redirect_uri_mismatch", "state": asked.get("state", "")}
            raise web.HTTPFound(URL(app.callback_urls[0]).update_query(back))
        return redirect_uri

    def _approved(self, asked: Mapping[str, str], redirect_uri: URL) -> URL:
        user = self._state.world.user(asked.get("login", ""))
        if user is None:
            raise web.HTTPNotFound(text="There is no such user.")
        code = secrets.token_hex(10)
        self._codes[code] = _Grant(
            user.login,
            asked.get("redirect_uri", ""),
            asked.get("code_challenge", ""),
            self._state.clock() + CODE_SECONDS,
        )
        back = {"code": code} | ({"state": asked["state"]} if "state" in asked else {})
        return redirect_uri.update_query(back)

    def _exchange(self, asked: Mapping[str, str]) -> dict[str, Any]:
        app = self._state.app
        given = (asked.get("client_id", ""), asked.get("client_secret", ""))
        if not all(map(_same, given, (app.client_id, app.client_secret))):
            raise _ExchangeError("incorrect_client_credentials")
        grant_type = asked.get("grant_type", "authorization_code")
        if grant_type == "authorization_code":
            return self._answer(self._from_code(asked))
        if grant_type == "refresh_token":
            issued = self._state.tokens.refresh(asked.get("refresh_token", ""), self._state.clock())
            if issued is None:
                raise _ExchangeError("bad_refresh_token")
            return self._answer(issued)
        raise _ExchangeError("unsupported_grant_type")

    def _from_code(self, asked: Mapping[str, str]) -> Issued:
        grant = self._codes.pop(asked.get("code", ""), None)
        now = self._state.clock()
        if grant is None or now >= grant.expires_at or not _proves(asked, grant.challenge):
            raise _ExchangeError("bad_verification_code")
        if asked.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
            raise _ExchangeError("redirect_uri_mismatch")
        user = self._state.world.user(grant.login)
        if user is None or not user.email_verified:
            raise _ExchangeError("unverified_user_email")
        return self._state.tokens.issue(grant.login, now, expiring=self._state.expiring_tokens)

    def _answer(self, issued: Issued) -> dict[str, Any]:
        answer: dict[str, Any] = {"access_token": issued.access}
        if issued.expires_at is not None and issued.refresh_expires_at is not None:
            now = self._state.clock()
            answer["expires_in"] = round(issued.expires_at - now)
            answer["refresh_token"] = issued.refresh
            answer["refresh_token_expires_in"] = round(issued.refresh_expires_at - now)
        # A GitHub App has permissions instead of scopes, so this is always empty.
        return answer | {"scope": "", "token_type": "bearer"}


def _proves(asked: Mapping[str, str], challenge: str) -> bool:
    """Whether the verifier is the one of the challenge: https://www.rfc-editor.org/rfc/rfc7636#section-4.6."""
    if not challenge:
        return True
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    return _same(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _parameters(body: bytes, content_type: str) -> dict[str, str]:
    text = body.decode("utf-8", "replace")
    if content_type != "application/json":
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}
