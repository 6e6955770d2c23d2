"""Sending one request to GitHub and reading its answer: the only place that talks to the network.

Invariants:

- A redirect is followed for GET only, by hand, to the same host or to a configured one over https;
  the token goes to no other host than the one it was meant for.
- An answer is read to at most a given number of decompressed bytes, and in bounded time.
- Every request is sent once: whether it may be sent again is decided elsewhere (``sender``).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from proxy import tracing
from proxy.errors import Code, RpcError
from proxy.forward_proxy import ForwardProxies
from proxy.github.api import JSON_LIMIT, MEGABYTE, USER_AGENT
from proxy.github.meter import count_call
from proxy.github.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.config.model import GitHub as Settings

_REDIRECTS = (301, 302, 307, 308)
_MOST_REDIRECTS = 5
_PROGRESS = 64 * 1024
"""Bytes of a large answer that must arrive within each timeout, so that a trickle does not hold on."""
_CONNECTIONS = 80
"""As many as there are ``places`` for the API and for logins, so that calls wait there and not here."""


def open_client_session(tls: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """Open the one session for GitHub: pooled, without cookies.

    To be called in a running loop and closed by whoever opened it. The environment is read now, not
    at import. ``trust_env`` stays off because it would also read ``~/.netrc``, whose passwords must
    not reach GitHub; proxies are found by ``Transport``.

    Args:
        tls: whom to trust; the CAs of the system, or those that ``SSL_CERT_FILE`` names, unless given.
    """
    connector = aiohttp.TCPConnector(
        limit=_CONNECTIONS, ssl=tls or ssl.create_default_context(), keepalive_timeout=60
    )
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=None)
    )


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one answer may cost: ``size`` in bytes; ``large`` ones may take time as long as they progress."""

    size: int = JSON_LIMIT
    large: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was sent and what came: a status, ``error`` or ``timeout``."""

    request: Request
    status_code: str
    seconds: float


class Transport:
    """Sends requests; ``observe`` is told of every exchange, redirects one by one.

    Raises:
        ForwardProxyError: the environment names a forward proxy by what is no address.
    """

    def __init__(
        self, session: aiohttp.ClientSession, settings: Settings, observe: Callable[[Exchange], None]
    ) -> None:
        self._session = session
        self._timeout = settings.request_timeout
        self._observe = observe
        self._origins = frozenset({settings.url.origin(), settings.api_url.origin()})
        self._proxies = ForwardProxies()

    async def send(self, request: Request, allowance: Allowance, within: float | None = None) -> Response:
        """Send a request, follow its redirects, read the answer.

        Args:
            request: what to send.
            allowance: how large the answer may be.
            within: seconds for each exchange; ``None`` for the configured ``request_timeout``.

        Raises:
            NoAnswerError: GitHub cannot be reached or breaks off (``unavailable``), or is too slow
                (``deadline_exceeded``).
            RpcError: ``unavailable`` when it sends too much or redirects elsewhere.
        """
        seconds = self._timeout if within is None else within
        for _ in range(_MOST_REDIRECTS + 1):
            response = await self._send_once(request, allowance, seconds)
            if request.method != "GET" or response.status not in _REDIRECTS:
                return response
            request = self._redirected(request, response)
        raise RpcError(Code.UNAVAILABLE, f"GitHub sent more than {_MOST_REDIRECTS} redirects in a row")

    def _redirected(self, request: Request, response: Response) -> Request:
        """The request that a redirect asks for (a renamed or moved repository)."""
        asked = URL(request.url, encoded=True)
        try:
            target = asked.join(_location(response.headers["Location"]))
            host = target.origin()
        except (KeyError, ValueError) as error:
            raise RpcError(Code.UNAVAILABLE, "GitHub sent a redirect without a usable address") from error
        if host == asked.origin():
            return Request("GET", str(target), request.route, request.headers)
        if target.scheme != "https" or host not in self._origins:
            raise RpcError(Code.UNAVAILABLE, "GitHub redirects to another host, which is not followed")
        headers = {name: value for name, value in request.headers.items() if name.lower() != "authorization"}
        return Request("GET", str(target), request.route, headers)

    async def _send_once(self, request: Request, allowance: Allowance, seconds: float) -> Response:
        # No traceparent goes along: whose request led to a call is none of GitHub's business.
        attributes = {"http.request.method": request.method, "url.template": request.route}
        with tracing.span(f"GitHub {request.route}", tracing.Kind.CLIENT, attributes) as span:
            response = await self._observed(request, allowance, seconds)
            span.set("http.response.status_code", response.status)
            if response.status >= 400:  # noqa: PLR2004 - HTTP statuses read best as numbers
                span.fail(str(response.status))
            return response

    async def _observed(self, request: Request, allowance: Allowance, seconds: float) -> Response:
        loop = asyncio.get_running_loop()
        started, status_code = loop.time(), ""
        count_call()
        try:
            response = await self._exchange(request, allowance, seconds)
            status_code = str(response.status)
        except TimeoutError as error:
            status_code = "timeout"
            raise NoAnswerError(
                Code.DEADLINE_EXCEEDED, f"GitHub did not answer within {self._timeout:g} s: try again"
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            status_code = "error"
            raise _unreachable(error, URL(request.url).host or "") from error
        except RpcError:
            status_code = "error"
            raise
        finally:
            if status_code:  # a call that its caller gave up says nothing about GitHub
                self._observe(Exchange(request, status_code, loop.time() - started))
        return response

    async def _exchange(self, request: Request, allowance: Allowance, seconds: float) -> Response:
        url = URL(request.url, encoded=True)
        async with asyncio.timeout(seconds) as deadline:
            async with self._session.request(
                request.method,
                url,
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **request.headers},
                data=request.body or None,
                allow_redirects=False,
                proxy=self._proxies.to(url),
                middlewares=(_once,),
            ) as response:
                body = await self._read(response, allowance, deadline)
                return Response(response.status, response.headers, body)

    async def _read(
        self, response: aiohttp.ClientResponse, allowance: Allowance, deadline: asyncio.Timeout
    ) -> bytes:
        if (response.content_length or 0) > allowance.size:
            response.close()
            raise _too_large(allowance)
        loop, chunks, size, goal = asyncio.get_running_loop(), [], 0, 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > allowance.size:
                response.close()
                raise _too_large(allowance)
            if allowance.large and size >= goal:
                goal = size + _PROGRESS
                deadline.reschedule(loop.time() + self._timeout)
            chunks.append(chunk)
        return b"".join(chunks)


def _location(text: str) -> URL:
    """The address as it was sent, percent-encoding untouched; it becomes a request line, so ASCII only."""
    if not all("!" <= char <= "~" for char in text):
        raise ValueError("it is not a URL")
    return URL(text, encoded=True)


class _DroppedError(aiohttp.ClientError):
    """The connection was closed before the answer."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a GET a second time by itself, which nobody would count.

    It repeats what ends in these errors; a connection that was never made is not among them.
    https://docs.aiohttp.org/en/stable/client_advanced.html#client-middleware
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise _DroppedError from error


class NoAnswerError(RpcError):
    """No answer came, or none that is whole.

    Attributes:
        may_pass: whether it may be different a moment later.
        disconnected: GitHub closed the connection before it answered, as happens to one kept alive.
    """

    def __init__(
        self, code: Code, message: str, *, may_pass: bool = False, disconnected: bool = False
    ) -> None:
        super().__init__(code, message)
        self.may_pass = may_pass
        self.disconnected = disconnected


def _unreachable(error: Exception, host: str) -> NoAnswerError:
    """What a failed connection means to a person; the error's own text may hold addresses and is left out."""
    may_pass, disconnected = True, False
    match error:
        case aiohttp.ClientConnectorCertificateError():
            message = f"The certificate of {host} is not trusted: name its CA in SSL_CERT_FILE"
            may_pass = False
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            message = f"The proxy that HTTPS_PROXY names does not lead to {host}"
            may_pass = isinstance(error, aiohttp.ClientProxyConnectionError)
        case aiohttp.ClientConnectorError():
            message = f"{host} cannot be reached: check github.url, github.api_url and the network"
        case _DroppedError():
            message = f"{host} closed the connection without an answer: try again"
            disconnected = True
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | OSError():
            message = f"The answer of {host} broke off: try again"
        case _:
            message = f"The answer of {host} is not HTTP: try again"
            may_pass = False
    return NoAnswerError(Code.UNAVAILABLE, message, may_pass=may_pass, disconnected=disconnected)


def _too_large(allowance: Allowance) -> RpcError:
    return RpcError(
        Code.UNAVAILABLE,
        f"GitHub's answer is larger than {allowance.size // MEGABYTE} MB and was not read on",
    )
