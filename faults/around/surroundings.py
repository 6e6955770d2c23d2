"""What stands around the proxy: Pyroscope, GitHub, and a gate before each of them and before Redis.

It runs as a process of its own (``python -m faults.around``), so that those who ask do not wait for those
who answer.
"""

from __future__ import annotations

import json
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from faults.around import certificates, github
from faults.around.gate import Gate, Mode
from faults.around.pyroscope import Manner, Pyroscope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faults.around.github import Spoil

_UNLIMITED = 10**9


class Place(Enum):
    """What a gate stands before."""

    UPSTREAM = "upstream"
    GITHUB = "github"
    REDIS = "redis"


class Tls(Enum):
    """What clients of GitHub meet."""

    TRUSTED = "a certificate that the proxy trusts"
    UNTRUSTED = "a certificate of an authority that nobody trusts"
    NONE = "no TLS at all"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at GitHub: its owner, its name, the folder of git, and who may read it; empty: all."""

    owner: str
    name: str
    path: str
    readers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be there.

    Attributes:
        folder: for the authorities that the proxy is to trust.
        seed: what the chance of all that breaks is derived from.
        client_secret: of the App at GitHub.
        logins: who has an account there.
        repositories: what is there.
        redis: the port of Redis.
    """

    folder: str
    seed: str
    client_secret: str
    logins: Sequence[str]
    repositories: Sequence[Repository]
    redis: int

    @classmethod
    def read(cls, text: str) -> Self:
        """From JSON, as ``json.dumps(asdict(plan))`` writes it."""
        found = json.loads(text)
        repositories = [Repository(**each) for each in found.pop("repositories")]
        return cls(repositories=repositories, **found)


@dataclass(slots=True)
class _Skew:
    """The clock of GitHub: that of this machine, and so many seconds more."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.seconds


class Surroundings:
    """All of it; each public method is a command that ``remote.Around`` may give.

    Args:
        plan: what is to be there.
    """

    def __init__(self, plan: Plan) -> None:
        self._chance = random.Random(plan.seed)  # noqa: S311 - repeatable, not secret
        self._certificates = certificates.make(Path(plan.folder))
        self._pyroscope = Pyroscope(self._chance)
        self._skew = _Skew()
        self._github = _github(plan, self._skew)
        self._redis = plan.redis
        self._gates: dict[Place, Gate] = {}
        self._stack = AsyncExitStack()

    async def start(self) -> dict[str, Any]:
        """Start everything; what ``remote.Around`` has as attributes."""
        self._stack.push_async_callback(self._pyroscope.stop)
        await self._pyroscope.start()
        self._stack.push_async_callback(self._github.stop)
        await self._github.start()
        stand_in = int(self._github.web_url.rpartition(":")[2])
        tls = self._certificates.trusted
        self._gates = {
            Place.UPSTREAM: Gate(self._pyroscope.port, self._chance),
            Place.GITHUB: Gate(stand_in, self._chance, tls),
            Place.REDIS: Gate(self._redis, self._chance),
        }
        for gate in self._gates.values():
            self._stack.push_async_callback(gate.stop)
            await gate.start()
        return {
            "ports": {place.value: gate.port for place, gate in self._gates.items()},
            "stand_in": stand_in,
            "client_id": self._github.client_id,
            "authorities": str(self._certificates.authorities),
        }

    async def stop(self) -> None:
        """Stop everything."""
        await self._stack.aclose()

    async def turn(self, place: str, mode: str) -> None:
        """Change what a gate does."""
        await self._gates[Place(place)].turn(Mode(mode))

    async def aim(self, place: str, port: int) -> None:
        """Lead a gate to another server, also who is connected now."""
        gate = self._gates[Place(place)]
        gate.target = port
        gate.drop()

    async def encrypt(self, tls: str) -> None:
        """Change what clients of GitHub meet."""
        contexts = {Tls.TRUSTED: self._certificates.trusted, Tls.UNTRUSTED: self._certificates.untrusted}
        await self._gates[Place.GITHUB].reopen(contexts.get(Tls(tls)))

    async def answer(self, manner: str) -> None:
        """Change how Pyroscope answers."""
        self._pyroscope.manner = Manner(manner)

    async def spoil(self, spoil: Mapping[str, Any] | None) -> None:
        """Change what becomes of GitHub's answers; ``None``: nothing."""
        self._github.spoil = github.spoiler(_spoil(spoil), self._chance) if spoil else None

    async def skew(self, seconds: float) -> None:
        """Put GitHub's clock so far ahead."""
        self._skew.seconds = seconds

    async def tokens(self) -> list[str]:
        """The tokens that GitHub has given out lately."""
        return [token.decode() for token in self._github.tokens]


def _spoil(found: Mapping[str, Any]) -> Spoil:
    return github.Spoil(**{**found, "kind": github.Kind(found["kind"])})


def _github(plan: Plan, clock: _Skew) -> github.SpoiltGitHub:
    found = github.SpoiltGitHub(clock, client_secret=plan.client_secret)
    found.limits.core = found.limits.graphql = _UNLIMITED
    for login in plan.logins:
        found.add_user(login, email=f"{login}@example.com")
    for each in plan.repositories:
        found.add_repository(
            each.owner, each.name, Path(each.path), private=bool(each.readers), readers=each.readers
        )
    return found
