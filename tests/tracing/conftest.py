"""A collector for each test."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import histories
from tests.tracing.collector import WAIT_SECONDS, running_collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tracing.collector import Collector


__all__ = ["histories"]


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_RESOURCE_ATTRIBUTES", "OTEL_SDK_DISABLED", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """Let nothing of a test go on in the next one: what was given up may still be under way."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith(("OtelBatch", "closing tracing")):
            thread.join(WAIT_SECONDS)
            assert not thread.is_alive()
