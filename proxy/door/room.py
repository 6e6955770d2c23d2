"""How many clients there is room for, and who has to leave when there are more.

Every connection takes a file descriptor. Where these run out, nobody new is heard, and nothing can be
asked of Pyroscope or GitHub either; so some are kept back, and clients that wait for nothing make room.
"""

from __future__ import annotations

import logging
import math
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from proxy.door.faces import Client

_MOST_DESCRIPTORS = 2**20
_KEPT_BACK = 1024
"""Descriptors for what is not a client: connections to Pyroscope, GitHub, Redis, files."""
_WARN_SECONDS = 60.0
_logger = logging.getLogger("proxy.door")


def raise_descriptor_limit() -> None:
    """Let the process have as many file descriptors as it may ask for by itself: the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def room_for_clients() -> float:
    """How many clients the process has descriptors for; a quarter of few, some of many are kept back."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return math.inf if soft == resource.RLIM_INFINITY else soft - min(soft // 4, _KEPT_BACK)


class Room:
    """Room for a number of clients.

    Args:
        most: how many.
    """

    def __init__(self, most: float) -> None:
        self.most = most
        self._warned = -math.inf

    def make(self, clients: Collection[Client], newcomer: Client, now: float) -> None:
        """Close who has waited longest, some at once; where all are being answered, the newcomer.

        Args:
            clients: who is there, the newcomer among them.
            newcomer: who came last.
            now: seconds on the door's clock.
        """
        waiting = [client for client in clients if client.exchanging is None and client is not newcomer]
        waiting.sort(key=lambda client: client.deadline)
        for client in waiting[: len(clients) // 16 + 1] or [newcomer]:
            client.abort()
        if now - self._warned > _WARN_SECONDS:
            self._warned = now
            text = "%d connections are all that file descriptors allow: those idle longest are closed; %s"
            _logger.warning(text, self.most, "allow the process more (ulimit -n, LimitNOFILE)")
