"""All that the stand-in knows and may do, shared by its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proxy.demo.github.faults import Faults
from proxy.demo.github.limits import Limits
from proxy.demo.github.sizes import Sizes
from proxy.demo.github.tokens import Tokens
from proxy.demo.github.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.demo.github.calls import CallLog


@dataclass(frozen=True, slots=True)
class App:
    """The registered GitHub App; empty ``callback_urls`` accept any."""

    client_id: str
    client_secret: str = field(repr=False)
    callback_urls: tuple[str, ...] = ()


@dataclass(slots=True)
class State:
    """The stand-in's state; ``web_url`` is where it is reached, known once it listens."""

    clock: Callable[[], float]
    app: App
    calls: CallLog
    expiring_tokens: bool = True
    web_url: str = ""
    world: World = field(default_factory=World)
    tokens: Tokens = field(default_factory=Tokens)
    limits: Limits = field(default_factory=Limits)
    sizes: Sizes = field(default_factory=Sizes)
    faults: Faults = field(default_factory=Faults)
