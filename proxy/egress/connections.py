"""Connections that are judged when they are made, and names that are resolved apart from all others."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

if TYPE_CHECKING:
    import ssl

    from aiohttp.connector import AddrInfoType

    from proxy.egress.addresses import PublicOnly

_CONNECTIONS = 16
_PER_HOST = 8
_RESOLVING_AT_ONCE = 8


class RefusedAddressError(OSError):
    """An address that may not be reached; ``kind`` says what it is ("a private address")."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class SystemNames(AbstractResolver):
    """Resolves names as the system does, in threads of its own.

    A name's owner decides how long its look-up takes, and a thread cannot be interrupted: in the
    threads that all share, slow names would hold up the look-up of GitHub's.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVING_AT_ONCE, thread_name_prefix="egress-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            OSError: there are none.
        """
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        except UnicodeError:  # of names that cannot be written in DNS
            raise OSError("not the name of a host") from None
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=int(address[1]), family=kind, proto=proto, flags=0
            )
            for kind, _, proto, _, address in found
        ]

    async def close(self) -> None:
        """Start no further look-up."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class JudgedNames(AbstractResolver):
    """Gives the addresses of a name when the judge lets all of them be reached.

    Args:
        names: resolves; closed by whoever made it.
        judge: told each address.
    """

    def __init__(self, names: AbstractResolver, judge: PublicOnly) -> None:
        self._names = names
        self._judge = judge

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name, all of them judged.

        Raises:
            RefusedAddressError: one of them may not be reached.
            OSError: there are none.
        """
        found = await self._names.resolve(host, port, family)
        for result in found:
            if (kind := self._judge.address(result["host"])) is not None:
                raise RefusedAddressError(kind)
        return found

    async def close(self) -> None:
        """Leave the names to whoever made them."""


def guarded_session(names: AbstractResolver, judge: PublicOnly, tls: ssl.SSLContext) -> aiohttp.ClientSession:
    """Open the session for steered hosts: it connects to nothing that the judge refuses.

    Each connection resolves anew, and the socket is made for the very address that was judged.
    """
    connector = aiohttp.TCPConnector(
        limit=_CONNECTIONS,
        limit_per_host=_PER_HOST,
        resolver=JudgedNames(names, judge),
        use_dns_cache=False,
        ssl=tls,
        socket_factory=partial(_judged_socket, judge),
    )
    return _session(connector)


def free_session(names: AbstractResolver, tls: ssl.SSLContext) -> aiohttp.ClientSession:
    """Open the session for addresses that the operator configured, forward proxies included."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS, limit_per_host=_PER_HOST, resolver=names, ssl=tls)
    return _session(connector)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    """No cookies are kept, ``~/.netrc`` is not read, and bodies come as they were sent."""
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        trust_env=False,
    )


def _judged_socket(judge: PublicOnly, address: AddrInfoType) -> socket.socket:
    """Make the socket for an address, wherever that came from: nothing is connected without one."""
    family, kind, proto, _, where = address
    if (refused := judge.address(str(where[0]))) is not None:
        raise RefusedAddressError(refused)
    return socket.socket(family, kind, proto)
