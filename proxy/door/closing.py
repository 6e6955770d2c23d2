"""How a client's connection ends, so that no client misses the end of an answer or takes a part for all."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from proxy.door.writing import Writing

if TYPE_CHECKING:
    from proxy.door.faces import Accepting

_LINGER_SECONDS = 2.0
"""How long a client may be silent after the end of its last answer, before it is taken to have that."""
_FLUSH_SECONDS = 60.0
"""How long a client may take for its last answer, and send on meanwhile."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Closing(Writing):
    """The part of a client's connection that closes it."""

    def __init__(self, door: Accepting) -> None:
        super().__init__()
        self._door = door
        self._discarding = False
        self._last_deadline = 0.0
        self.deadline = 0.0

    def close(self) -> None:
        """Close the connection after what is buffered."""
        self._discarding = True
        self.deadline = self._last_deadline = self._door.now() + _FLUSH_SECONDS
        self.transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def _closing_expired(self) -> None:
        """Nothing has come for too long since the end: go on sending what is left, or give up."""
        if not self.transport.is_closing() and not self.transport.can_write_eof():
            self.close()  # TLS: with the goodbye that could not be said before
            return
        if self.transport.get_write_buffer_size():
            self._linger_on()
        if self.deadline < self._door.now():
            self.transport.abort()

    def _linger(self) -> None:
        """Close without a reset destroying the answer: send the end, and read on for nothing.

        Until the client closes as well, or is silent for a moment when it has been sent all.
        https://www.rfc-editor.org/rfc/rfc9112#section-9.6
        """
        self._discarding = True
        self._last_deadline = self._door.now() + _FLUSH_SECONDS
        self._linger_on()
        if not self.transport.is_closing() and self.transport.can_write_eof():  # TLS cannot close one side
            self.transport.write_eof()

    def _linger_on(self) -> None:
        """The client still takes its answer, or still sends."""
        self.deadline = min(self._door.now() + _LINGER_SECONDS, self._last_deadline)

    def _reset(self) -> None:
        """Break an answer that ends where the connection ends, so that no client takes it for whole."""
        self._discarding = True
        sock = self.transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
