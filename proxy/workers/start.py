"""What a worker is started with, and told when settings change."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import TypeVar

from proxy.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Start:
    """All that a worker has to know; it reads no configuration itself.

    Attributes:
        settings: what is in force; ``listen`` has the port that all workers share.
        revision: the source revision, for ``sourceproxy_build_info``.
        secret: random bytes, the same in all workers.
    """

    settings: Settings
    revision: str
    secret: bytes = field(repr=False)


def dump(value: Start | Settings) -> bytes:
    """For a worker, over the socket that only it has: secrets are among it."""
    return pickle.dumps(value)


def load_start(data: bytes) -> Start:
    """What ``dump`` wrote; ``ValueError`` for anything else."""
    return _of_kind(Start, data)


def load_settings(data: bytes) -> Settings:
    """What ``dump`` wrote; ``ValueError`` for anything else."""
    return _of_kind(Settings, data)


def _of_kind(kind: type[T], data: bytes) -> T:
    # From the process that started this one, over a socket that only the two have.
    value = pickle.loads(data)  # noqa: S301 - see above
    if not isinstance(value, kind):
        raise ValueError(f"this is no {kind.__name__}")  # noqa: TRY004 - the caller answers with a refusal
    return value
