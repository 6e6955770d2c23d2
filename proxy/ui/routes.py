"""The routes at ``/-/source/``: the page, its assets, the login."""

from __future__ import annotations

import logging
from html import escape
from typing import TYPE_CHECKING, TypeAlias

from aiohttp import hdrs, web

from proxy.errors import Code, RpcError
from proxy.ui.assets import Asset, load
from proxy.ui.login import LoginRoutes
from proxy.ui.origin import HOME
from proxy.ui.policy import security_headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.config.model import Config
    from proxy.live import Live
    from proxy.login import Logins

    Handler: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]

_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_READING = (hdrs.METH_GET, hdrs.METH_HEAD)
_logger = logging.getLogger(__name__)


class Page:
    """Serves the page.

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
        self._assets = load()
        self._headers = security_headers(config.value.github.url)
        self._login = LoginRoutes(config, logins, clock=clock, random=random)

    def routes(self) -> list[web.RouteDef]:
        """The routes, for ``app.add_routes``."""
        posting = (hdrs.METH_POST,)
        return [
            self._route(HOME.rstrip("/"), self._to_home, _READING),
            self._route(HOME, self._index, _READING),
            self._route(f"{HOME}assets/{{version}}/{{name:.+}}", self._asset, _READING),
            self._route(f"{HOME}login", self._login.start, _READING),
            self._route(f"{HOME}callback", self._login.callback, _READING),
            self._route(f"{HOME}refresh", self._login.refresh, posting),
            self._route(f"{HOME}logout", self._login.logout, posting),
            self._route(f"{HOME}{{rest:.*}}", self._nothing, _READING),
        ]

    def _route(self, path: str, handler: Handler, methods: tuple[str, ...]) -> web.RouteDef:
        async def answer(request: web.Request) -> web.Response:
            if request.method in methods:
                response = await self._answered(handler, request)
            else:
                response = web.Response(status=405, headers={hdrs.ALLOW: ", ".join(methods)})
            for name, value in self._headers.items():
                response.headers[name] = value
            response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
            return response

        return web.route(hdrs.METH_ANY, path, answer)

    async def _answered(self, handler: Handler, request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except RpcError as error:
            return self._message(error)
        except Exception as error:  # noqa: BLE001 - the one place where the unexpected becomes an answer
            # Its own words may repeat what a request held.
            _logger.error("the page failed: %s.%s", type(error).__module__, type(error).__qualname__)  # noqa: TRY400 - likewise
            return self._message(RpcError(Code.INTERNAL, "something went wrong here; the log says more"))

    async def _to_home(self, request: web.Request) -> web.Response:
        _, mark, query = request.raw_path.partition("?")
        return web.Response(status=302, headers={hdrs.LOCATION: HOME + mark + query})

    async def _index(self, request: web.Request) -> web.Response:
        return _sent(request, self._assets.index, _ASK_AGAIN)

    async def _asset(self, request: web.Request) -> web.Response:
        found = self._assets.files.get(request.match_info["name"])
        if found is None:
            return await self._nothing(request)
        # While replicas are replaced, one of another version may be asked: its page works with what is here.
        same = request.match_info["version"] == self._assets.version
        return _sent(request, found, _FOR_GOOD if same else _ASK_AGAIN)

    async def _nothing(self, _: web.Request) -> web.Response:
        return self._message(RpcError(Code.NOT_FOUND, "there is nothing at this address; the page is one up"))

    def _message(self, error: RpcError) -> web.Response:
        text = error.message[:1].upper() + error.message[1:]
        page = self._assets.message.replace("{{text}}", escape(text.removesuffix(".") + "."))
        response = web.Response(
            text=page.replace("{{title}}", _title(error.code)),
            status=error.code.http_status,
            content_type="text/html",
        )
        if error.retry_after is not None:
            response.headers[hdrs.RETRY_AFTER] = str(error.retry_after)
        return response


def _title(code: Code) -> str:
    if code is Code.NOT_FOUND:
        return "Not here"
    return "Source is not set up" if code is Code.UNIMPLEMENTED else "Not connected to GitHub"


def _sent(request: web.Request, asset: Asset, cache_control: str) -> web.Response:
    headers = {
        hdrs.ETAG: asset.etag,
        hdrs.CACHE_CONTROL: cache_control,
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    if asset.etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
        return web.Response(status=304, headers=headers)
    headers[hdrs.CONTENT_TYPE] = asset.content_type
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "") and len(asset.gzipped) < len(asset.body):
        return web.Response(body=asset.gzipped, headers=headers | {hdrs.CONTENT_ENCODING: "gzip"})
    return web.Response(body=asset.body, headers=headers)
