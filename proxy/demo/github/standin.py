"""The stand-in for GitHub as one object: start it, fill it, watch it, break it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from proxy.demo.github import graphql, oauth, pages, rest
from proxy.demo.github.calls import Call, CallLog
from proxy.demo.github.faults import Fault
from proxy.demo.github.rest.routes import add_unknown
from proxy.demo.github.state import App, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from proxy.demo.github.limits import Limits
    from proxy.demo.github.sizes import Sizes
    from proxy.demo.github.tokens import Issued
    from proxy.demo.github.world import Repository, User, Visibility, World

_MAX_BODY = 16 * 1024 * 1024


class StandIn:
    """GitHub's web site, REST API, GraphQL API and logins, over real git repositories.

    ::

        async with StandIn() as github:
            github.add_repository("acme", "shop", path_of_a_git_repository)
            ...  # github.web_url, github.api_url

    Args:
        clock: Unix seconds, for expiry and rate limits.
        client_id: of the GitHub App that people log in with.
        client_secret: of the same.
        callback_urls: where logins may lead back to; empty for anywhere.
        expiring_tokens: whether user tokens expire and come with refresh tokens.
        call_limit: how many calls are remembered; ``None`` for all.
        on_call: hears of every call when it has been answered.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        client_id: str = "Iv1.standin",
        client_secret: str = "stand-in-secret",
        callback_urls: Sequence[str] = (),
        expiring_tokens: bool = True,
        call_limit: int | None = None,
        on_call: Callable[[Call], None] | None = None,
    ) -> None:
        app = App(client_id, client_secret, tuple(callback_urls))
        self._state = State(clock, app, CallLog(call_limit, on_call), expiring_tokens)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        if self._runner is None:
            await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        bound = runner.addresses[0][1]
        self._state.web_url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        """Stop listening, break off what is running, let go of files."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self._state.world.close()

    def application(self) -> web.Application:
        """The aiohttp application, for whoever serves it otherwise."""
        app = web.Application(client_max_size=_MAX_BODY)
        rest.add_routes(app, self._state)
        graphql.add_routes(app, self._state)
        oauth.add_routes(app, self._state)
        pages.add_routes(app, self._state)
        add_unknown(app, self._state)
        return app

    @property
    def web_url(self) -> str:
        """Where it is: what ``github.url`` is to be."""
        return self._state.web_url

    @property
    def api_url(self) -> str:
        """The API as on github.com (``github.api_url``): GraphQL is at ``/graphql`` below it."""
        return self._state.web_url

    @property
    def enterprise_api_url(self) -> str:
        """The API as on an Enterprise Server: GraphQL is at ``/api/graphql``."""
        return f"{self._state.web_url}/api/v3"

    @property
    def client_id(self) -> str:
        """Of the GitHub App."""
        return self._state.app.client_id

    @property
    def client_secret(self) -> str:
        """Of the GitHub App."""
        return self._state.app.client_secret

    @property
    def calls(self) -> list[Call]:
        """What has been asked, oldest first."""
        return self._state.calls.list()

    def forget_calls(self) -> None:
        """Begin counting anew."""
        self._state.calls.clear()

    @property
    def world(self) -> World:
        """Users, repositories and who may read what."""
        return self._state.world

    @property
    def limits(self) -> Limits:
        """Rate limits; change them at any time."""
        return self._state.limits

    @property
    def sizes(self) -> Sizes:
        """How much is given at once; change it at any time."""
        return self._state.sizes

    def add_user(self, login: str, *, name: str = "", email: str = "", email_verified: bool = True) -> User:
        """Make an account; commits with ``email`` are theirs."""
        return self.world.add_user(login, name=name, email=email, email_verified=email_verified)

    def add_repository(
        self,
        owner: str,
        name: str,
        path: Path,
        *,
        private: bool = False,
        visibility: Visibility | None = None,
        readers: Iterable[str] = (),
    ) -> Repository:
        """Serve the git repository at ``path``; its attributes may be changed later.

        Args:
            owner: its owner, who may always read it.
            name: its name.
            path: the folder, bare or not.
            private: short for ``visibility="private"``.
            visibility: who may read it.
            readers: logins that may read it when it is not public.

        Raises:
            GitError: there is no repository at ``path``.
        """
        seen = visibility or ("private" if private else "public")
        return self.world.add_repository(owner, name, path, visibility=seen, readers=readers)

    def rename(self, full_name: str, new_full_name: str) -> Repository:
        """Give ``owner/name`` another name (or owner); the old one leads to it."""
        return self.world.rename(full_name, new_full_name)

    def make_private(self, full_name: str, *, readers: Iterable[str] = ()) -> Repository:
        """Hide ``owner/name`` from everyone but its owner and ``readers``.

        Raises:
            KeyError: there is no such repository.
        """
        owner, _, name = full_name.partition("/")
        repository = self.world.repository(owner, name)
        if repository is None:
            raise KeyError(full_name)
        repository.visibility = "private"
        repository.readers = {login.lower() for login in readers}
        return repository

    def issue(self, login: str) -> Issued:
        """A user's tokens, as a login would give them.

        Raises:
            KeyError: there is no such user.
        """
        user = self.world.user(login)
        if user is None:
            raise KeyError(login)
        state = self._state
        return state.tokens.issue(user.login, state.clock(), expiring=state.expiring_tokens)

    def token_for(self, login: str) -> str:
        """A user's access token.

        Raises:
            KeyError: there is no such user.
        """
        return self.issue(login).access

    def revoke(self, token: str) -> None:
        """End a token: 401 "Bad credentials" from now on."""
        self._state.tokens.revoke(token)

    def revoke_user(self, login: str) -> None:
        """End every token of a user, refresh tokens too."""
        self._state.tokens.revoke_user(login)

    def set_remaining(self, login: str | None, resource: str, remaining: int) -> None:
        """Leave a caller (``None``: without a token) that many calls of ``core`` or ``graphql``."""
        self.limits.set_remaining(login, resource, remaining, self._state.clock())

    def fail_next(self, **how: Any) -> Fault:
        """Let something happen to the next requests; the arguments are those of ``Fault``."""
        return self._state.faults.add(Fault(**how))

    def clear_faults(self) -> None:
        """Forget the faults that have not happened."""
        self._state.faults.clear()
