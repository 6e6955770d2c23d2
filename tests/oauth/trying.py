from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from proxy.errors import RpcError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def attempt(action: Callable[[], T]) -> T | RpcError:
    """What the action returns, or the clean error that it raises; any other error fails the test."""
    try:
        return action()
    except RpcError as error:
        return error
