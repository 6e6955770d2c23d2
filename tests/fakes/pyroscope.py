"""The sample upstream as a fake of Pyroscope.

Import ``pyroscope`` (and ``NOW``) in a test module, or in a ``conftest.py``, to have it as a fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proxy.demo.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = 1_790_000_000
"""The time, in seconds since the epoch, that the fake takes it to be."""
HOUR = (NOW - 3600) * 1000, NOW * 1000
"""The hour before that, in milliseconds: what to ask for."""


@pytest.fixture
async def pyroscope() -> AsyncIterator[Upstream]:
    """A sample upstream with everything that was recorded, listening on a free port."""
    async with Upstream(clock=lambda: NOW) as upstream:
        yield upstream
