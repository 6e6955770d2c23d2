"""One HTTP request and whatever comes of it, by the same proxies and CAs as the running proxy's."""

from __future__ import annotations

import os
import ssl
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

import aiohttp
from yarl import URL

from proxy.doctor.judging.answers import Heard, Silent, Trouble
from proxy.forward_proxy import ForwardProxies, ForwardProxyError
from proxy.github.api import USER_AGENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from proxy.doctor.judging.answers import Answer

    Way: TypeAlias = Callable[[URL], URL | None]
    """From where to go to the forward proxy on the way; ``ForwardProxyError`` where none can be told."""

MAX_BODY = 256 * 1024
"""Bytes of an answer that are looked at."""
SECONDS = 5.0
"""For one request."""


class Asker:
    """Sends requests, each once, no redirect followed.

    Args:
        session: from ``open_asker``.
        seconds: for one request.
    """

    def __init__(self, session: aiohttp.ClientSession, seconds: float) -> None:
        self._session = session
        self._seconds = seconds

    async def ask(
        self,
        method: str,
        url: URL | str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        way: Way | None = None,
    ) -> Answer:
        """Send a request and read the beginning of its answer; raises nothing of the network's.

        Args:
            method: of HTTP.
            url: where to.
            headers: more of them.
            body: what is sent.
            way: tells the forward proxy; directly when left out.
        """
        try:
            proxy = way(URL(url)) if way else None
        except ForwardProxyError:
            return Silent(Trouble.PROXY, "its address is none")
        started = time.monotonic()
        try:
            async with self._session.request(
                method,
                url,
                headers={"User-Agent": USER_AGENT, **(headers or {})},
                data=body or None,
                allow_redirects=False,
                proxy=proxy,
                timeout=aiohttp.ClientTimeout(total=self._seconds),
            ) as response:
                beginning = await _beginning(response)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return _silent(error, self._seconds)
        seconds = time.monotonic() - started
        return Heard(response.status, response.headers, beginning, seconds, time.time() - seconds / 2)


@asynccontextmanager
async def open_asker(seconds: float = SECONDS) -> AsyncIterator[Asker]:
    """An asker; the CAs are those of the environment now (``SSL_CERT_FILE``)."""
    connector = aiohttp.TCPConnector(limit=0, ssl=ssl.create_default_context(), force_close=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Asker(session, seconds)


def way_to_upstream(url: URL) -> URL | None:
    """The proxy that the environment names for Pyroscope: none where it is asked by plain http.

    Raises:
        ForwardProxyError: what it names is of no use.
    """
    return ForwardProxies().to_upstream(url) if url.scheme == "https" else None


def way_out(url: URL) -> URL | None:
    """The proxy that the environment names for a URL (``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``).

    Raises:
        ForwardProxyError: what it names is of no use.
    """
    return ForwardProxies().to(url)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) >= MAX_BODY:
            response.close()
            break
    return bytes(body[:MAX_BODY])


def _silent(error: Exception, seconds: float) -> Silent:
    """Why there is no answer. Of the error's own words only those are kept that hold no address."""
    match error:
        case TimeoutError():
            return Silent(Trouble.TIMEOUT, f"{seconds:g} s")
        case aiohttp.ClientConnectorCertificateError():
            return Silent(Trouble.CERTIFICATE, getattr(error.certificate_error, "verify_message", ""))
        case aiohttp.ClientHttpProxyError():
            return Silent(Trouble.PROXY, f"HTTP {error.status}")
        case aiohttp.ClientConnectorError():
            return Silent(_unconnected(error), _reason(error.os_error))
        case aiohttp.ClientResponseError() | ValueError():
            return Silent(Trouble.NOT_HTTP)
        case _:
            return Silent(Trouble.CLOSED)


def _unconnected(error: aiohttp.ClientConnectorError) -> Trouble:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Trouble.DNS
        case aiohttp.ClientConnectorSSLError():
            return Trouble.TLS
        case aiohttp.ClientProxyConnectionError():
            return Trouble.PROXY
        case _:
            return Trouble.CONNECT


def _reason(error: OSError) -> str:
    """The system's word for an error number: "Connection refused"."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else ""
