"""Connections to Redis by its Python client, an extra of the package: ``pip install redis``.

Of the client only its connections are used: its pools wait for connections, and its commands for one
another. https://redis.readthedocs.io/en/stable/connections.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from proxy.cache.shared.limits import Reason
from proxy.cache.shared.wire import Command, LinkError, RefusedError, Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from redis.asyncio import Connection

    from proxy.config.model import Secret

MISSING = (
    "cache.redis_url is set, and the package that speaks to Redis is not installed: "
    "pip install 'pyroscope-source-proxy[redis]', or leave cache.redis_url empty"
)
# What older clients pass on as it is: of a cluster, or of a replica that has lost its primary.
_USELESS = frozenset({"MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN"})
_BAD_URL = (
    "cache.redis_url: the Redis client takes no such URL; write "
    "redis[s]://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or unix:///PATH, "
    "and behind it only options that the client knows, such as ?ssl_ca_certs=FILE"
)


def dialer(url: Secret) -> Callable[[], Awaitable[Wire]]:
    """What opens connections to a Redis or Valkey.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, with user, password and database where needed;
            options that the client knows may follow, such as ``ssl_ca_certs``. A cluster is not supported.

    Raises:
        OSError: the package is not installed, or an option of the URL is none; the text says what to do.
    """
    try:
        import redis.asyncio  # noqa: PLC0415 - an extra: only who shares a cache has it
    except ImportError:
        raise OSError(MISSING) from None
    try:
        # Options of the URL win over these, save for those that the link relies on.
        pool: Any = redis.asyncio.ConnectionPool.from_url(url.reveal(), protocol=2)
        pool.connection_kwargs.update(_our_options())
        pool.make_connection()
    except (TypeError, ValueError, redis.RedisError):
        # The client's own words may hold the password.
        raise OSError(_BAD_URL) from None

    async def dial() -> Wire:
        connection = pool.make_connection()
        try:
            await connection.connect()
        except Exception as error:  # noqa: BLE001 - whatever the client raises, there is no connection
            await _hang_up(connection)
            raise _translated(error) from None
        except BaseException:
            await _hang_up(connection)
            raise
        return RedisWire(connection)

    return dial


class RedisWire:
    """A connection of the client. Satisfies ``Wire``.

    Args:
        connection: connected and logged in.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(self, commands: Sequence[Command]) -> None:
        """Send commands."""
        try:
            packed = self._connection.pack_commands(commands)
            await self._connection.send_packed_command(packed, check_health=False)
        except Exception as error:  # noqa: BLE001 - whatever the client raises, the connection is broken
            raise _translated(error) from None

    async def receive(self) -> Reply:
        """The next answer."""
        try:
            return await self._connection.read_response()
        except Exception as error:  # noqa: BLE001 - an answer that is an error, or the connection is broken
            raise _translated(error) from None

    async def close(self) -> None:
        """Close it."""
        await _hang_up(self._connection)


def _our_options() -> dict[str, Any]:
    """What is not for the URL to say: bytes, one attempt, and no time limits but the link's."""
    from redis.asyncio.retry import Retry  # noqa: PLC0415 - as above
    from redis.backoff import NoBackoff  # noqa: PLC0415 - as above

    return {"decode_responses": False, "retry": Retry(NoBackoff(), 0), "socket_timeout": None}


async def _hang_up(connection: Connection) -> None:
    with suppress(Exception):
        await connection.disconnect(nowait=True)


def _translated(error: Exception) -> LinkError:
    """What an error of the client means for the link; of its text at most Redis's own first word stays.

    https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
    """
    from redis import exceptions  # noqa: PLC0415 - as above

    useless: dict[type[Exception], str] = {
        exceptions.AuthenticationError: "NOAUTH",
        exceptions.BusyLoadingError: "LOADING",
        exceptions.ReadOnlyError: "READONLY",
        exceptions.AskError: "MOVED",
        exceptions.ClusterDownError: "CLUSTERDOWN",
    }
    for kind, word in useless.items():
        # The client wraps what is refused while it logs in.
        if isinstance(error, kind) or isinstance(error.__cause__, kind):
            return LinkError(Reason.REFUSED, word)
    if isinstance(error, exceptions.OutOfMemoryError):
        return RefusedError(Reason.FULL, "OOM")
    if isinstance(error, exceptions.ResponseError):
        word = str(error).partition(" ")[0]
        if word in _USELESS:
            return LinkError(Reason.REFUSED, word)
        if word == "WRONGTYPE":
            return RefusedError(Reason.GARBLED, word)
        return RefusedError(Reason.REFUSED, word if word.isalpha() and word.isupper() else "ERR")
    timed_out = isinstance(error, (exceptions.TimeoutError, TimeoutError))
    return LinkError(Reason.TIMEOUT if timed_out else Reason.CONNECTION)
