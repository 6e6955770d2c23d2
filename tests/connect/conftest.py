from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.connect.service import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from yarl import URL


@pytest.fixture
async def vcs() -> AsyncIterator[URL]:
    async with serving() as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that shows the wire as it is: it neither inflates answers nor asks for compression."""
    async with aiohttp.ClientSession(
        auto_decompress=False, skip_auto_headers=("Accept-Encoding", "Content-Type")
    ) as session:
        yield session
