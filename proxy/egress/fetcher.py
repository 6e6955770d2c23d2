"""Fetches what a profile or a repository may steer; the rules are in ``proxy.egress``."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import aiohttp

from proxy import __version__
from proxy.egress import addresses, targets
from proxy.egress.connections import RefusedAddressError, SystemNames, free_session, guarded_session
from proxy.egress.targets import PRIVATE_HINT, RefusedError
from proxy.egress.unpacking import GarbledError, TooLargeError, Unpacker
from proxy.forward_proxy import ForwardProxies
from proxy.source.model import Fetched, Unreachable

if TYPE_CHECKING:
    from types import TracebackType

    from aiohttp.abc import AbstractResolver
    from yarl import URL

    from proxy.egress.addresses import PublicOnly

USER_AGENT = f"pyroscope-source-proxy/{__version__}"
MOST_REDIRECTS = 5
_SECONDS = 5.0
_RESOLVING_SECONDS = 1.0
"""How long a name is looked up that a forward proxy resolves: behind one, there may be no DNS at all."""

_OK = 200
_REDIRECTS = (301, 302, 303, 307, 308)
_NOT_THERE = (404, 410)


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be fetched and what it may cost.

    Attributes:
        url: the address, as ``proxy.egress.targets`` reads it.
        accept: the media types that are asked for.
        kinds: the media types that are taken; an empty one is a missing ``Content-Type``.
        size: bytes of the unpacked body, at most.
        configured: the key of the configuration that names the address's origin, such as
            ``resolver.npm_registry``; empty when the address is steered.
    """

    url: URL
    accept: str
    kinds: frozenset[str]
    size: int
    configured: str = ""


@dataclass(frozen=True, slots=True)
class _Hop:
    """One address on the way.

    Attributes:
        url: the address.
        name: how it is called; an operator's own hosts are not shown to everyone.
        configured: whether it is of the origin that the operator configured.
    """

    url: URL
    name: str
    configured: bool


class Fetcher:
    """Fetches; to be opened with ``async with`` in a running loop.

    The environment (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``) is read when it is opened.

    Args:
        judge: which addresses steered hosts may have.
        names: resolves names; the system's unless given. Closed with the fetcher.
        tls: whom to trust; the CAs of the system, or those that ``SSL_CERT_FILE`` names, unless given.
        seconds: how long a fetch may take in all.
    """

    def __init__(
        self,
        judge: PublicOnly,
        *,
        names: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._judge = judge
        self._seconds = seconds
        self._given_names = names
        self._given_tls = tls
        self._stack = AsyncExitStack()
        self._names: AbstractResolver
        self._guarded: aiohttp.ClientSession
        self._free: aiohttp.ClientSession
        self._proxies: ForwardProxies

    async def __aenter__(self) -> Self:
        self._proxies = ForwardProxies()  # first: it may refuse, and nothing is open yet
        self._names = self._given_names or SystemNames()
        self._stack.push_async_callback(self._names.close)
        tls = self._given_tls or ssl.create_default_context()
        self._guarded = await self._stack.enter_async_context(guarded_session(self._names, self._judge, tls))
        self._free = await self._stack.enter_async_context(free_session(self._names, tls))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def fetch(self, errand: Errand) -> Fetched | Unreachable | None:
        """Fetch one thing.

        Returns:
            What came; ``None`` when the host says that it is not there; else why it could not be had,
            as a sentence for a person.
        """
        hop = _first(errand)
        try:
            async with asyncio.timeout(self._seconds):
                for _ in range(MOST_REDIRECTS + 1):
                    answer = await self._visit(errand, hop)
                    if not isinstance(answer, _Hop):
                        return answer
                    hop = answer
        except TimeoutError:
            return Unreachable(f"{hop.name} did not answer within {self._seconds:g} s")
        except RefusedError as error:
            return Unreachable(f"{hop.name} {error}")
        return Unreachable(f"{hop.name} was reached by {MOST_REDIRECTS} redirects and redirects again")

    async def _visit(self, errand: Errand, hop: _Hop) -> Fetched | Unreachable | _Hop | None:
        """Ask one address; the next one when it redirects."""
        session, proxy = await self._way_to(hop)
        try:
            async with session.get(
                hop.url,
                headers={"User-Agent": USER_AGENT, "Accept": errand.accept, "Accept-Encoding": "gzip"},
                allow_redirects=False,
                proxy=proxy,
            ) as response:
                try:
                    return await _answer(response, errand, hop)
                finally:
                    _hang_up_unless_read(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _refusal(error) from error

    async def _way_to(self, hop: _Hop) -> tuple[aiohttp.ClientSession, URL | None]:
        """The session that may ask this address, and the forward proxy on the way.

        Raises:
            RefusedError: none may.
        """
        proxy = self._proxies.to(hop.url)
        if hop.configured:
            return self._free, proxy
        targets.check_steered(hop.url, self._judge)
        if proxy is None:
            return self._guarded, None
        await self._check_name(hop.url.raw_host or "")
        return self._free, proxy

    async def _check_name(self, host: str) -> None:
        """Refuse a name that a forward proxy would resolve, if it resolves here to what is refused."""
        if isinstance(self._judge, addresses.Anything) or ":" in host or addresses.is_written_as_number(host):
            return
        try:
            async with asyncio.timeout(_RESOLVING_SECONDS):
                found = await self._names.resolve(host, 443)
        except OSError:  # a timeout is one as well
            return
        for result in found:
            if (kind := self._judge.address(result["host"])) is not None:
                raise RefusedError(f"has {kind}, {PRIVATE_HINT}")


def _first(errand: Errand) -> _Hop:
    if errand.configured:
        return _Hop(errand.url, f"the address of {errand.configured}", configured=True)
    return _Hop(errand.url, targets.host_name(errand.url), configured=False)


def _next(hop: _Hop, response: aiohttp.ClientResponse) -> _Hop:
    """Where a redirect leads; what is not at the operator's own origin is steered from there on."""
    target = targets.redirected(hop.url, response.headers.get("Location"))
    if not hop.configured:
        return _Hop(target, targets.host_name(target), configured=False)
    if target.origin() == hop.url.origin():
        return _Hop(target, hop.name, configured=True)
    return _Hop(target, f"{hop.name} redirects to a host that", configured=False)


async def _answer(
    response: aiohttp.ClientResponse, errand: Errand, hop: _Hop
) -> Fetched | Unreachable | _Hop | None:
    if response.status in _REDIRECTS:
        return _next(hop, response)
    if response.status in _NOT_THERE:
        return None
    if response.status != _OK:
        return Unreachable(f"{hop.name} answered with status {response.status}")
    return Fetched(await _read(response, errand), str(hop.url))


async def _read(response: aiohttp.ClientResponse, errand: Errand) -> bytes:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in errand.kinds:
        raise RefusedError(f"answered with another kind of content than {errand.accept}")
    try:
        encoding = response.headers.get("Content-Encoding", "")
        unpacker = Unpacker(encoding, errand.size, response.content_length)
        async for chunk in response.content.iter_any():
            unpacker.feed(chunk)
        return unpacker.finish()
    except TooLargeError:
        raise RefusedError(f"answered with more than {errand.size // 1024} KiB") from None
    except GarbledError:
        raise RefusedError("answered in an encoding that cannot be unpacked") from None


def _hang_up_unless_read(response: aiohttp.ClientResponse) -> None:
    """Drop a connection at once whose answer goes on: a host that never ends cannot hold it open."""
    connection = response.connection
    if connection is not None and connection.transport is not None and not response.content.is_eof():
        connection.transport.abort()
        response.close()


def _refusal(error: Exception) -> RefusedError:
    """What a failed connection means to a person; the error's own text holds addresses and is left out."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return RefusedError("has a certificate that is not trusted: name its CA in SSL_CERT_FILE")
        case aiohttp.ClientConnectorError(os_error=RefusedAddressError(kind=kind)):
            return RefusedError(f"has {kind}, {PRIVATE_HINT}")
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return RefusedError("is not led to by the proxy that the environment names (HTTPS_PROXY)")
        case aiohttp.ClientConnectorDNSError():
            return RefusedError("is a name that has no address")
        case aiohttp.ClientConnectorError():
            return RefusedError("cannot be reached")
        case _:
            return RefusedError("broke off its answer or does not speak HTTP")
