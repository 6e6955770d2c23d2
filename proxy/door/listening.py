"""The sockets that clients connect to."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import select
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.config.model import HostPort

_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_KEEPALIVE_SECONDS = 60
_SO_ATTACH_FILTER = 26


async def listening_sockets(where: HostPort, *, shared: bool = False) -> list[socket.socket]:
    """Bind to every address of a host; with port 0, to one free port on all of them.

    An address family that the machine does not have is left out where another one is there.

    Args:
        where: the address.
        shared: whether other processes of this user may bind to it as well, if they say so too; the system
            spreads connections over those that listen.

    Raises:
        OSError: when an address cannot be bound, or none is there.
    """
    infos = await addresses_of(where.host, where.port)
    sockets: list[socket.socket] = []
    missing: OSError | None = None
    for family, address in dict.fromkeys((info[0], info[4]) for info in infos):
        port = sockets[0].getsockname()[1] if sockets else where.port
        try:
            sockets.append(
                _bound(family, (address[0], port, *address[2:]), alone=len(infos) == 1, shared=shared)
            )
        except OSError as error:
            if error.errno not in _NOT_HERE:
                for sock in sockets:
                    sock.close()
                raise
            missing = error
    if missing is not None and not sockets:
        raise missing
    return sockets


async def addresses_of(host: str, port: int) -> Sequence[tuple[int, int, int, str, tuple[Any, ...]]]:
    """What a host's name stands for, as ``getaddrinfo`` tells it; no name stands for all addresses."""
    return await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )


def _bound(family: int, address: tuple[Any, ...], *, alone: bool, shared: bool) -> socket.socket:
    # asyncio sets TCP_NODELAY only on sockets that say their protocol is TCP.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6 and not alone:  # alone, "::" may serve IPv4 as well
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        keep_alive(sock)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def keep_alive(sock: socket.socket) -> None:
    """Have the system find out when a peer vanished without a word; accepted sockets inherit it."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEPALIVE_SECONDS // 4)


def turn_away(sock: socket.socket) -> bool:
    """Have the system take no new connection, while those that it has taken can still be accepted.

    Closing alone would reset them. What comes meanwhile is not answered; the client's system tries again
    after a second, and is refused then, or taken by another process that listens there.

    Returns:
        Whether the system can do so; Linux can.
    """
    if not sys.platform.startswith("linux"):
        return False
    # https://www.kernel.org/doc/html/latest/networking/filter.html: what the filter sees begins with the TCP
    # header, whose byte 13 has the flags (https://www.rfc-editor.org/rfc/rfc9293#section-3.1).
    load_flags, if_syn = (0x30, 0, 0, 13), (0x45, 0, 1, 0x02)
    drop, take = (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF)
    program = (load_flags, if_syn, drop, take)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    try:
        sock.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(program), ctypes.addressof(code))
        )
    except OSError:
        return False
    return True


def has_waiting(sock: socket.socket) -> bool:
    """Whether the system has taken a connection that is not accepted yet."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def cannot_listen(key: str, where: HostPort, error: OSError) -> OSError:
    """The error to end with when an address of the configuration cannot be listened on."""
    return OSError(
        f"{key}: {where} cannot be listened on: {error.strerror or error}; "
        f"stop what uses it or set {key} to another address"
    )
