"""The address that all workers share, held for them as long as any of them may be started again."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.door.listening import cannot_listen, listening_sockets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AsyncExitStack

    from proxy.config.model import HostPort


@dataclass(frozen=True, slots=True)
class Port:
    """A port that is held.

    Attributes:
        where: what workers listen on: the host as it was given, with the port that was free for 0.
        address: the first of the addresses that this stands for.
    """

    where: HostPort
    address: HostPort


async def hold(where: HostPort, stack: AsyncExitStack) -> Port:
    """Bind to an address without listening, so that those who do share it among each other only.

    Args:
        where: the address; with port 0 the system chooses one that nobody has.
        stack: closes what was bound.

    Raises:
        OSError: somebody else has it, or the system cannot share it; the text says what to do.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        raise OSError("workers: this system cannot share an address among processes; set workers to 1")
    try:
        if where.port:
            # Another one that shares as well would let us in: whether there is one only this tells.
            with _closing(await listening_sockets(where)):
                pass
        sockets = await listening_sockets(where, shared=True)
    except OSError as error:
        raise cannot_listen("listen", where, error) from error
    stack.enter_context(_closing(sockets))
    host, port = sockets[0].getsockname()[:2]
    return Port(where._replace(port=port), where._replace(host=host, port=port))


@contextmanager
def _closing(sockets: list[socket.socket]) -> Iterator[None]:
    try:
        yield
    finally:
        for sock in sockets:
            sock.close()
