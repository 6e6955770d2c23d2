"""The shared store, opened and closed as the configuration says."""

from __future__ import annotations

import os
import random
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from proxy.cache.shared.dialing import dialer
from proxy.cache.shared.limits import Limits, Reason
from proxy.cache.shared.link import Link
from proxy.cache.shared.sealing import Keyring
from proxy.cache.shared.store import SharedStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from prometheus_client import Counter

    from proxy.config.model import Secret
    from proxy.live import Live
    from proxy.metrics import Metrics


@asynccontextmanager
async def open_shared(
    url: Secret,
    secrets: Live[tuple[Secret, ...]],
    metrics: Metrics,
    *,
    clock: Callable[[], float] = time.time,
    limits: Limits | None = None,
) -> AsyncIterator[SharedStore | None]:
    """Open what replicas share; ``None`` when nothing is to be shared.

    Redis need not be there: it is connected to in the background, whenever it comes.

    Args:
        url: ``cache.redis_url``; empty: nothing is shared.
        secrets: the session secrets, the first names and seals; none at the start: nothing is shared.
        metrics: its registry shows what goes wrong, as ``sourceproxy_shared_cache_errors_total``.
        clock: Unix time in seconds.
        limits: how long and how much, where it is not as usual.

    Raises:
        OSError: the package ``redis`` is missing, or the URL is none; the text says what to do.
    """
    errors = _errors(metrics)
    if not url or not any(secrets.value):
        yield None
        return

    def failed(reason: Reason) -> None:
        errors[reason].inc()

    limits = limits or Limits()
    dial = dialer(url)
    store = SharedStore(
        secrets.derive(_keyring),
        reads=Link(dial, limits, jitter=random.random, failed=failed),
        writes=Link(dial, limits, jitter=random.random, failed=failed, patient=True),
        clock=clock,
        random=os.urandom,
        failed=failed,
        limits=limits,
    )
    store.start()
    try:
        yield store
    finally:
        await store.aclose()


def _errors(metrics: Metrics) -> dict[Reason, Counter]:
    """The counter, with every series from the start."""
    return {reason: metrics.shared_cache_errors.labels(reason.value) for reason in Reason}


def _keyring(secrets: Sequence[Secret]) -> Keyring:
    return Keyring([_bytes(secret) for secret in secrets if secret])


def _bytes(secret: Secret) -> bytes:
    # As bytes of the environment or a file that are no UTF-8 come; the same bytes that seal sessions.
    return secret.reveal().encode("utf-8", "surrogateescape")
