"""What can go wrong, in the words of the Connect protocol.

::

    Exception
    └── RpcError              an answer that a caller gets: code, message, when to try again

Every layer raises ``RpcError`` with a message that a person can act on: what was tried, what was
missing, what to do. One place, ``proxy.connect``, writes it to the wire. A message never holds a
token, a cookie, a secret or source code.

Codes and their HTTP statuses: https://connectrpc.com/docs/protocol#error-codes
"""

from __future__ import annotations

from enum import Enum
from typing import Self


class Code(Enum):
    """The codes of Connect; ``value`` is the name on the wire, ``http_status`` goes with it."""

    http_status: int

    CANCELED = ("canceled", 499)
    UNKNOWN = ("unknown", 500)
    INVALID_ARGUMENT = ("invalid_argument", 400)
    DEADLINE_EXCEEDED = ("deadline_exceeded", 504)
    NOT_FOUND = ("not_found", 404)
    ALREADY_EXISTS = ("already_exists", 409)
    PERMISSION_DENIED = ("permission_denied", 403)
    RESOURCE_EXHAUSTED = ("resource_exhausted", 429)
    FAILED_PRECONDITION = ("failed_precondition", 400)
    ABORTED = ("aborted", 409)
    OUT_OF_RANGE = ("out_of_range", 400)
    UNIMPLEMENTED = ("unimplemented", 501)
    INTERNAL = ("internal", 500)
    UNAVAILABLE = ("unavailable", 503)
    DATA_LOSS = ("data_loss", 500)
    UNAUTHENTICATED = ("unauthenticated", 401)

    def __new__(cls, wire: str, http_status: int) -> Self:
        """Make a member whose value is its name on the wire."""
        member = object.__new__(cls)
        member._value_ = wire
        member.http_status = http_status
        return member


class RpcError(Exception):
    """An error that is the caller's answer.

    Attributes:
        code: what kind of error it is.
        message: what was tried, what was missing, what to do; shown to the caller as it is.
        retry_after: seconds after which trying again may succeed, where that is known.
    """

    def __init__(self, code: Code, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def __repr__(self) -> str:
        return f"RpcError({self.code.value}: {self.message})"
