"""Logging in, refreshing and opening sessions: the one place that calls GitHub's OAuth routes.

https://github.com/grafana/pyroscope/blob/main/pkg/frontend/vcs/service.go
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from proxy import oauth
from proxy.cache.shared import Share
from proxy.cache.shared.codecs import NUMBER, TEXT, either, json_codec, record
from proxy.errors import Code, RpcError
from proxy.login.refreshes import REPLAY_SECONDS, Refreshes, outcome
from proxy.login.replicas import Refusal, Replicas
from proxy.login.siblings import Siblings
from proxy.session import (
    InvalidSession,
    Token,
    derive_key,
    legacy_cookie_value,
    read_cookies,
    seal,
    set_cookie,
    unix_ms,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from proxy.cache.shared import SharedStore
    from proxy.config.model import GitHub, Session
    from proxy.github.wire import Request, Send
    from proxy.live import Live
    from proxy.login.siblings import Turnstile
    from proxy.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Established:
    """A session as ``GithubLogin`` and ``GithubRefresh`` answer it; nothing of it may be logged.

    Attributes:
        cookie: the whole ``Set-Cookie`` line, which Grafana's page sets itself.
        token: the sealed token alone, for clients that make their own cookie.
        token_expires_at: when the client has to have refreshed, Unix milliseconds.
        refresh_token_expires_at: when the session ends for good, Unix milliseconds.
    """

    cookie: str = field(repr=False)
    token: str = field(repr=False)
    token_expires_at: int
    refresh_token_expires_at: int


_OUTCOMES = json_codec(
    1,
    either(
        established=(
            Established,
            record(
                Established, cookie=TEXT, token=TEXT, token_expires_at=NUMBER, refresh_token_expires_at=NUMBER
            ),
        ),
        refused=(Refusal, record(Refusal, message=TEXT)),
    ),
)
# A call to GitHub ends with its timeout; the rest is for the way to it and back.
_BESIDES_THE_CALL = 5.0


class Logins:
    """Makes, renews and opens sessions.

    Args:
        send: sends one request to GitHub.
        github: where GitHub is, and the App's credentials.
        session: the secrets; the first seals, all open.
        clock: tells the Unix time in seconds.
        nonce: makes 12 random bytes.
        metrics: where logins, refreshes and refusals are counted.
        shared: what replicas share, so that they refresh a session once; ``None``: each for itself.
        turnstile: keeps the processes of this proxy apart; ``None``: there is one only.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        *,
        send: Send,
        github: Live[GitHub],
        session: Live[Session],
        clock: Callable[[], float],
        nonce: Callable[[], bytes],
        metrics: Metrics,
        shared: SharedStore | None = None,
        turnstile: Turnstile | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._send = send
        self._github = github
        self._secrets = session.derive(lambda session: tuple(filter(None, session.secrets)))
        self._clock = clock
        self._nonce = nonce
        self._events = metrics.sessions
        self._refreshes: Refreshes[tuple[Established, bool]] = Refreshes(clock)
        longest = github.value.request_timeout + _BESIDES_THE_CALL
        self._siblings: Siblings[Established] = Siblings(turnstile, _OUTCOMES, seconds=longest)
        self._replicas: Replicas[Established] = Replicas(
            None if shared is None else Share(shared, "refreshes", _OUTCOMES),
            lock_seconds=longest,
            replay_seconds=REPLAY_SECONDS,
            sleep=sleep,
        )

    def require_configured(self) -> None:
        """Make sure that people can log in.

        Raises:
            RpcError: ``unimplemented``, naming what is not set.
        """
        github = self._github.value
        settings = (
            (github.client_id, "github.client_id (GITHUB_CLIENT_ID)"),
            (github.client_secret, "github.client_secret (GITHUB_CLIENT_SECRET)"),
            (self._secrets.value, "session.secrets (GITHUB_SESSION_SECRET)"),
        )
        missing = [name for value, name in settings if not value]
        if missing:
            raise RpcError(
                Code.UNIMPLEMENTED,
                f"GitHub integration is not configured: the operator has to set {', '.join(missing)}",
            )

    async def login(
        self, code: str, tenant: str, *, redirect_uri: str = "", code_verifier: str = ""
    ) -> Established:
        """Turn the authorization code of a login into a session of the tenant.

        Args:
            code: what GitHub gave the page.
            tenant: whose session it becomes.
            redirect_uri: the one that the login was started with, where it was.
            code_verifier: the one that the login was started with, where it was.

        Raises:
            RpcError: ``unimplemented`` when GitHub is not configured, ``invalid_argument`` for a code that
                is none, ``unauthenticated`` when GitHub refuses it, and what ``read_token_answer`` and
                the sender raise.
        """
        self.require_configured()
        code = code.strip()
        if not code:
            raise RpcError(
                Code.INVALID_ARGUMENT,
                "the authorizationCode is empty: send the code that GitHub added to the callback URL",
            )
        request = oauth.exchange_request(
            self._github.value, code, redirect_uri=redirect_uri, code_verifier=code_verifier
        )
        with self._counting_refusals():
            established = self._establish(await self._ask(request), tenant)
        self._events.labels("login").inc()
        return established

    async def refresh(self, cookie_headers: Sequence[str], tenant: str) -> Established:
        """Renew the session of a request; all who ask for the same one share a single call to GitHub.

        All are those of this process, of its siblings, and of every replica where ``shared`` is given.

        A session that does not expire is sealed anew, and GitHub is not asked.

        Args:
            cookie_headers: the values of the request's ``Cookie`` headers.
            tenant: whose session it is.

        Raises:
            RpcError: as ``login`` and ``open_session``.
        """
        self.require_configured()
        with self._counting_refusals():
            token = read_cookies(cookie_headers, self._keys(tenant))
            if token.expiry is None or not token.refresh_token:
                established = self._seal_anew(token, tenant)
                event = "refresh"
            else:
                established, event = await self._refresh_once(token, tenant)
        self._events.labels(event).inc()
        return established

    def open_session(self, cookie_headers: Sequence[str], tenant: str, now: float | None = None) -> Token:
        """The token of a request's session.

        Args:
            cookie_headers: the values of the request's ``Cookie`` headers.
            tenant: whose session it has to be.
            now: Unix seconds; the clock's time when left out.

        Raises:
            RpcError: ``unauthenticated``, beginning with "invalid token" or "token is expired".
        """
        with self._counting_refusals():
            token = read_cookies(cookie_headers, self._keys(tenant))
            _require_unexpired(token, self._clock() if now is None else now)
            return token

    async def close(self) -> None:
        """Wait for refreshes that were sent; to be called before the sender is closed."""
        await self._refreshes.close()

    def _keys(self, tenant: str) -> list[bytes]:
        if not self._secrets.value:
            raise InvalidSession(
                "this proxy has no session secret and can open no session; "
                "the operator has to set session.secrets (GITHUB_SESSION_SECRET)"
            )
        return [derive_key(secret.reveal(), tenant) for secret in self._secrets.value]

    async def _refresh_once(self, token: Token, tenant: str) -> tuple[Established, str]:
        flight = self._siblings.key(tenant, token.refresh_token)
        joined = self._refreshes.join(flight)
        task = joined or self._refreshes.start(
            flight,
            self._siblings.once(
                flight,
                lambda: self._replicas.once(
                    (tenant, token.refresh_token), lambda: self._call_refresh(token, tenant)
                ),
            ),
        )
        established, elsewhere = await outcome(task)
        return established, "refresh" if joined is None and not elsewhere else "refresh_coalesced"

    async def _call_refresh(self, token: Token, tenant: str) -> Established:
        grant = await self._ask(oauth.refresh_request(self._github.value, token.refresh_token))
        if grant.token.expiry is not None and not grant.token.refresh_token:
            # "If a new refresh token is issued": else the old one holds. RFC 6749, section 6.
            grant = replace(grant, token=replace(grant.token, refresh_token=token.refresh_token))
        return self._establish(grant, tenant)

    async def _ask(self, request: Request) -> oauth.Grant:
        # Counted from before the call: GitHub's own count starts later, so none of ours ends too late.
        now = self._clock()
        return oauth.read_token_answer(await self._send(request), now)

    def _seal_anew(self, token: Token, tenant: str) -> Established:
        _require_unexpired(token, self._clock())
        return self._establish(oauth.Grant(token), tenant)

    def _establish(self, grant: oauth.Grant, tenant: str) -> Established:
        lifetime = grant.refresh_token_expires_in or oauth.REFRESH_TOKEN_LIFETIME
        end = datetime.fromtimestamp(self._clock(), UTC) + timedelta(seconds=lifetime)
        # The page refreshes five minutes before this, so a token that does not expire says: at the very end.
        expiry = grant.token.expiry or end
        # The secret of now: it may have been changed while GitHub was asked.
        sealed = seal(grant.token, self._keys(tenant)[0], self._nonce())
        return Established(
            cookie=set_cookie(legacy_cookie_value(sealed, expiry), end),
            token=sealed,
            token_expires_at=unix_ms(expiry),
            refresh_token_expires_at=unix_ms(end),
        )

    @contextmanager
    def _counting_refusals(self) -> Iterator[None]:
        try:
            yield
        except RpcError as error:
            if error.code is Code.UNAUTHENTICATED:
                self._events.labels("rejected").inc()
            raise


def _require_unexpired(token: Token, now: float) -> None:
    if token.is_expired(now):
        raise RpcError(
            Code.UNAUTHENTICATED,
            "token is expired: refresh the session (GithubRefresh), or log in with GitHub again",
        )
