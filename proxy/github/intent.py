"""Why something is asked of GitHub, as far as it decides whether it is sent, and how often.

It travels in context variables, so that it reaches the place that sends through whatever lies between.
A load that several wait for has the intent of the first of them: whoever joins one that was spared
asks again.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Iterator

_speculative: ContextVar[bool] = ContextVar("github_speculative", default=False)
_deadline: ContextVar[float | None] = ContextVar("github_deadline", default=None)


class SparedError(RpcError):
    """A speculative call was not sent, so that what is left of the budget goes to people who wait."""

    def __init__(self) -> None:
        super().__init__(
            Code.RESOURCE_EXHAUSTED, "Not fetched ahead: what GitHub still allows is kept for those who wait"
        )


@contextmanager
def speculative() -> Iterator[None]:
    """What is asked within is asked ahead: no person waits for it, and ``SparedError`` may be raised."""
    token = _speculative.set(True)
    try:
        yield
    finally:
        _speculative.reset(token)


def is_speculative() -> bool:
    """Whether nobody waits for the answer."""
    return _speculative.get()


@contextmanager
def until(moment: float | None) -> Iterator[None]:
    """The caller stops waiting at ``moment``, in the event loop's time; ``None``: they did not say."""
    token = _deadline.set(moment)
    try:
        yield
    finally:
        _deadline.reset(token)


def deadline() -> float | None:
    """When the caller stops waiting, in the event loop's time."""
    return _deadline.get()
