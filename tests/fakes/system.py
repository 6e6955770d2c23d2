"""The whole system in one event loop on free ports: sample Pyroscope, stand-in for GitHub, the proxy.

::

    async with running_system() as system:
        system.github.add_repository("acme", "shop", path)
        cookie = await system.login("ada")
        answer = await system.get_file(cookie, "main.go")
"""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from proxy.app import Proxy
from proxy.config.model import Config, GitHub, HostPort, Secret, Session
from proxy.config.model import Upstream as UpstreamSettings
from proxy.demo.github import StandIn
from proxy.demo.upstream import Upstream
from proxy.session import COOKIE_NAME, Token, current_cookie_value, derive_key, seal
from tests.fakes.github import AUTHOR_EMAIL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from multidict import CIMultiDictProxy

SECRET = "a-session-secret-of-32-characters"
"""The session secret, that of ``tests/vectors`` too."""
SHOP = "https://github.com/acme/shop"
TREE = "/repos/{owner}/{repo}/git/trees/{tree_sha}"
_OAUTH = "/login/oauth/"
_FREE = HostPort("127.0.0.1", 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller got."""

    status: int
    headers: CIMultiDictProxy[str]
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def message(self) -> str:
        return str(self.body["message"])

    @property
    def refusal(self) -> tuple[int, str]:
        """HTTP status and code of an answer that has to be an error."""
        return self.status, self.code

    @property
    def content(self) -> bytes:
        """The file of a GetFile that has to have worked."""
        assert self.status == 200, self.body
        return base64.b64decode(self.body.get("content", ""), validate=True)

    @property
    def retry_after(self) -> str | None:
        return self.headers.get("Retry-After")


@dataclass(slots=True)
class System:
    """Everything that runs; ``http`` is the person's browser and Grafana in one."""

    github: StandIn
    upstream: Upstream
    proxy: Proxy
    http: aiohttp.ClientSession = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://{self.proxy.address}"

    @property
    def admin_url(self) -> str:
        return f"http://{self.proxy.admin_address}"

    async def call(self, method: str, body: Any = None, cookie: str = "", **headers: str) -> Answer:
        """Call a method of ``vcs.v1.VCSService`` in JSON, as Grafana's browser path does.

        Args:
            method: its name.
            body: the message, or bytes to be sent as they are.
            cookie: the ``Cookie`` header.
            headers: more of them, ``_`` for ``-``.
        """
        sent = {"Content-Type": "application/json"} | {key.replace("_", "-"): headers[key] for key in headers}
        if cookie:
            sent["Cookie"] = cookie
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        url = f"{self.url}/vcs.v1.VCSService/{method}"
        async with self.http.post(url, data=data, headers=sent) as response:
            return Answer(response.status, response.headers, json.loads(await response.read()))

    async def code(self, login: str) -> str:
        """The authorization code that GitHub's page gives when the person says yes."""
        query = {
            "client_id": self.github.client_id,
            "login": login,
            "redirect_uri": "http://grafana/callback",
        }
        page = URL(self.github.web_url) / "login/oauth/authorize"
        async with self.http.get(page.with_query(query), allow_redirects=False) as response:
            return URL(response.headers["Location"]).query["code"]

    async def login(self, login: str, **headers: str) -> str:
        """Log in; the ``Cookie`` header of the session."""
        answer = await self.call("GithubLogin", {"authorizationCode": await self.code(login)}, **headers)
        assert answer.status == 200, answer.body
        return cookie_of(answer)

    async def get_file(
        self,
        cookie: str,
        path: str,
        *,
        repository: str = SHOP,
        ref: str = "",
        root_path: str = "",
        function: str = "",
        **headers: str,
    ) -> Answer:
        """GetFile with the UI's fields."""
        body = {
            "repositoryURL": repository,
            "ref": ref,
            "localPath": path,
            "rootPath": root_path,
            "functionName": function,
        }
        return await self.call("GetFile", body, cookie, **headers)

    async def get_commit(self, cookie: str, ref: str, repository: str = SHOP) -> Answer:
        """GetCommit with the UI's fields."""
        return await self.call("GetCommit", {"repositoryURL": repository, "ref": ref}, cookie)

    async def get_commits(self, cookie: str, refs: list[str], repository: str = SHOP) -> Answer:
        """GetCommits with the UI's fields."""
        return await self.call("GetCommits", {"repository_url": repository, "refs": refs}, cookie)

    def asked(self) -> list[str]:
        """The routes of GitHub's API that were called since ``github.forget_calls``, OAuth left out."""
        return [call.route for call in self.github.calls if not call.route.startswith(_OAUTH)]

    def waited_for(self) -> list[str]:
        """``asked`` without what nobody waits for: a commit's tree is fetched beside the first look at it."""
        asked = self.asked()
        assert asked.count(TREE) <= 1
        return [route for route in asked if route != TREE]

    async def metrics(self) -> str:
        """What Prometheus scrapes."""
        async with self.http.get(f"{self.admin_url}/metrics") as response:
            return await response.text()


def cookie_of(answer: Answer) -> str:
    """The ``Cookie`` header that Grafana's page makes of a login's or refresh's answer."""
    return str(answer.body["cookie"]).partition(";")[0]


def session_of(token: str, tenant: str = "anonymous") -> str:
    """The ``Cookie`` header of a session sealed by hand, which does not expire."""
    sealed = seal(Token(token, "bearer", "", None), derive_key(SECRET, tenant), b"0123456789ab")
    return f"{COOKIE_NAME}={current_cookie_value(sealed)}"


@asynccontextmanager
async def running_system(
    change: Callable[[Config], Config] = lambda config: config, **github: Any
) -> AsyncIterator[System]:
    """Run everything; there is a user ``ada`` whose commits those of ``GitRepository`` are, and ``bob``.

    Args:
        change: makes another configuration out of the usual one.
        github: the arguments of ``StandIn``.
    """
    async with StandIn(**github) as stand_in, Upstream() as upstream:
        stand_in.add_user("ada", name="Ada Lovelace", email=AUTHOR_EMAIL)
        stand_in.add_user("bob")
        async with (
            Proxy(change(config_of(stand_in, upstream))) as proxy,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=_connector()) as http,
        ):
            yield System(stand_in, upstream, proxy, http)
        # Transports that were closed tell so in the loop's next rounds.
        await asyncio.sleep(0)


def config_of(github: StandIn, upstream: Upstream) -> Config:
    """The proxy in front of these two, on free ports."""
    return Config(
        listen=_FREE,
        admin_listen=_FREE,
        upstream=UpstreamSettings(url=upstream.url),
        github=GitHub(
            url=URL(github.web_url),
            api_url=URL(github.api_url),
            client_id=github.client_id,
            client_secret=Secret(github.client_secret),
        ),
        session=Session((Secret(SECRET),)),
    )


def _connector() -> aiohttp.TCPConnector:
    return aiohttp.TCPConnector(limit=0)
