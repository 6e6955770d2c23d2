"""Logging in, refreshing and logging out without Grafana: the same session, in the same cookie.

::

    GET  /-/source/login?return=…     → GitHub, with a state and PKCE that a sealed cookie remembers
    GET  /-/source/callback?code&state → the session's cookie, back to where the login was started
    POST /-/source/refresh            → the session's cookie anew, {"expiry": Unix ms}
    POST /-/source/logout             → no session

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from proxy import oauth
from proxy.connect.edge import error_response
from proxy.errors import Code, RpcError
from proxy.session import COOKIE_NAME as SESSION_COOKIE
from proxy.tenancy import HEADER as TENANT_HEADER
from proxy.tenancy import tenant_of
from proxy.ui.origin import HOME, is_cross_site, origin_of, require_same_origin, safe_return
from proxy.ui.ticket import COOKIE_NAME as LOGIN_COOKIE
from proxy.ui.ticket import LIFETIME, Ticket, open_ticket, seal_ticket, ticket_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from multidict import CIMultiDictProxy

    from proxy.config.model import Config
    from proxy.live import Live
    from proxy.login import Established, Logins

CALLBACK = f"{HOME}callback"
_VERIFIER_BYTES = (
    32  # 43 characters, as RFC 7636 recommends: https://www.rfc-editor.org/rfc/rfc7636#section-4.1
)
_NONCE_BYTES = 12
_ERROR_NAME = re.compile(r"[a-z_]{1,64}")
_NOT_OURS = (
    "this answer of GitHub belongs to no login that was started in this browser in the last ten minutes; "
    "connect again, in one tab"
)
_REFUSALS = {
    "access_denied": "access was declined on GitHub's page; connect again and authorize the App",
    "redirect_uri_mismatch": "the operator has to add this page's address with /-/source/callback to the "
    "callback URLs of the GitHub App",
    "application_suspended": "the GitHub App is suspended; its owner has to ask GitHub's support",
}


class LoginRoutes:
    """Answers what concerns the session.

    Args:
        config: for GitHub, the tenancy and the secrets.
        logins: makes sessions.
        clock: tells the Unix time in seconds.
        random: makes so many random bytes.
    """

    def __init__(
        self,
        config: Live[Config],
        logins: Logins,
        *,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self._config = config
        self._multitenancy_enabled = config.value.tenancy.multitenancy_enabled
        self._logins = logins
        self._clock = clock
        self._random = random
        self._keys = config.derive(
            lambda config: tuple(ticket_key(secret.reveal()) for secret in config.session.secrets if secret)
        )

    async def start(self, request: web.Request) -> web.Response:
        """Send the person to GitHub.

        Raises:
            RpcError: nobody can log in here, or another site asked.
        """
        if is_cross_site(request.headers):
            raise RpcError(Code.PERMISSION_DENIED, "another site asked to connect you to GitHub; do so here")
        self._logins.require_configured()
        origin = origin_of(request.headers)
        ticket = Ticket(
            state=self._word(),
            verifier=self._word(),
            origin=origin,
            return_path=safe_return(request.query.get("return", "")),
            tenant=self._tenant(request.headers, request.query.get("tenant", "")),
            expires=int(self._clock()) + LIFETIME,
        )
        where = oauth.authorize_url(
            self._config.value.github,
            redirect_uri=origin + CALLBACK,
            state=ticket.state,
            code_challenge=oauth.code_challenge(ticket.verifier),
        )
        response = _redirect(where)
        sealed = seal_ticket(ticket, self._keys.value[0], self._random(_NONCE_BYTES))
        response.headers.add(hdrs.SET_COOKIE, _ticket_cookie(sealed, LIFETIME, origin))
        return response

    async def callback(self, request: web.Request) -> web.Response:
        """Make a session of what GitHub sent the person back with.

        Raises:
            RpcError: the login was not started here, or GitHub refused.
        """
        ticket = self._ticket(request)
        if ticket is None:
            raise RpcError(Code.FAILED_PRECONDITION, _NOT_OURS)
        refusal = request.query.get("error", "")
        if refusal:
            raise RpcError(Code.PERMISSION_DENIED, _refusal(refusal))
        established = await self._logins.login(
            request.query.get("code", ""),
            ticket.tenant,
            redirect_uri=ticket.origin + CALLBACK,
            code_verifier=ticket.verifier,
        )
        response = _redirect(ticket.return_path)
        response.headers.add(hdrs.SET_COOKIE, session_cookie(established, ticket.origin))
        response.headers.add(hdrs.SET_COOKIE, _ticket_cookie("", 0, ticket.origin))
        return response

    async def refresh(self, request: web.Request) -> web.Response:
        """Renew the session; only one that GitHub refuses to renew is given up."""
        try:
            require_same_origin(request.headers)
            tenant = self._tenant(request.headers)
            origin = origin_of(request.headers)
        except RpcError as error:
            return error_response(error)
        try:
            established = await self._logins.refresh(request.headers.getall(hdrs.COOKIE, []), tenant)
        except RpcError as error:
            response = error_response(error)
            if error.code is Code.UNAUTHENTICATED:
                response.headers.add(hdrs.SET_COOKIE, _no_session(origin))
            return response
        response = web.json_response({"expiry": established.token_expires_at})
        response.headers.add(hdrs.SET_COOKIE, session_cookie(established, origin))
        return response

    async def logout(self, request: web.Request) -> web.Response:
        """Forget the session, here and in Grafana on the same host."""
        try:
            require_same_origin(request.headers)
            origin = origin_of(request.headers)
        except RpcError as error:
            return error_response(error)
        return web.Response(status=204, headers={hdrs.SET_COOKIE: _no_session(origin)})

    def _word(self) -> str:
        return oauth.code_challenge(self._random(_VERIFIER_BYTES).hex())

    def _tenant(self, headers: CIMultiDictProxy[str], chosen: str = "") -> str:
        """The tenant; a browser that goes to an address sends no header, so the page names it there."""
        known: Mapping[str, str] = headers if headers.get(TENANT_HEADER) else {TENANT_HEADER: chosen}
        return tenant_of(known, multitenancy_enabled=self._multitenancy_enabled)

    def _ticket(self, request: web.Request) -> Ticket | None:
        state, now = request.query.get("state", ""), self._clock()
        for value in _cookies(request.headers, LOGIN_COOKIE):
            ticket = open_ticket(value, self._keys.value, now)
            if ticket is not None and ticket.matches(state):
                return ticket
        return None


def session_cookie(established: Established, origin: str) -> str:
    """The ``Set-Cookie`` line of a session.

    It is the one that Grafana's app makes: for the whole host, so that both use one session where they share
    a host, and readable by scripts, as browsers would let Grafana's never replace one that is not.
    ``Secure`` only where the page came over https: browsers drop such a cookie elsewhere.

    Args:
        established: the session.
        origin: of the page.
    """
    attributes = [part for part in established.cookie.split("; ") if part != "Secure"]
    return "; ".join([*attributes, "Path=/", *_secure(origin)])


def _no_session(origin: str) -> str:
    return "; ".join([f"{SESSION_COOKIE}=", "Max-Age=0", "SameSite=Lax", "Path=/", *_secure(origin)])


def _ticket_cookie(value: str, seconds: int, origin: str) -> str:
    attributes = [f"Max-Age={seconds}", f"Path={HOME}", "HttpOnly", "SameSite=Lax", *_secure(origin)]
    return "; ".join([f"{LOGIN_COOKIE}={value}", *attributes])


def _secure(origin: str) -> tuple[str, ...]:
    return ("Secure",) if origin.startswith("https:") else ()


def _redirect(where: str) -> web.Response:
    # As it is: aiohttp's own redirects quote addresses anew.
    return web.Response(status=303, headers={hdrs.LOCATION: where})


def _refusal(name: str) -> str:
    shown = name if _ERROR_NAME.fullmatch(name) else "an unknown error"
    return f"GitHub did not connect you ({shown}): {_REFUSALS.get(name, 'connect again')}"


def _cookies(headers: CIMultiDictProxy[str], name: str) -> Iterator[str]:
    for header in headers.getall(hdrs.COOKIE, []):
        for pair in header.split(";"):
            key, _, value = pair.partition("=")
            if key.strip() == name:
                yield value.strip()
