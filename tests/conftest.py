"""What all tests share: the event loops that they run on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
# A deadline would be a timed assertion, and the machine may be busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
_ON_BOTH_LOOPS = Path(__file__).parent / "door"


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:
    """Run the door's tests on both event loops: their transports differ in small ways."""
    factories: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
    if item.path.is_relative_to(_ON_BOTH_LOOPS):
        try:
            import uvloop
        except ImportError:  # not every platform has it
            return factories
        factories["uvloop"] = uvloop.new_event_loop
    return factories
