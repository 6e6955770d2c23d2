"""All that runs: the process, what is around it, and those who ask; put together and taken apart."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.processes import free_port
from faults.around import certificates, sources
from faults.around.gate import Gate
from faults.around.github import SpoiltGitHub
from faults.around.pyroscope import Pyroscope
from faults.around.redis import RedisServer
from faults.around.subject import Subject
from faults.judging.counting import Seen
from faults.judging.verdicts import Verdicts
from faults.judging.weather import Weather
from faults.load.asker import Asker, Timed
from faults.load.crowd import Crowd, Pace, fill
from faults.load.reading import Person
from faults.load.sessions import Visitors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from faults.around.certificates import Certificates

SESSION_SECRETS = ("first-session-secret-that-no-log-holds", "older-session-secret-that-no-log-holds")
CLIENT_SECRET = "client-secret-that-no-log-holds"
_COMMITS, _HIDDEN_COMMITS = 60, 20
_UNLIMITED = 10**9
_REDIS_MEMORY = "8mb"


@dataclass(slots=True)
class Skew:
    """The clock of GitHub: that of this machine, and so many seconds more."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Unix seconds."""
        return time.time() + self.seconds


@dataclass(slots=True)
class Stage:
    """What scenarios act on."""

    folder: Path
    seed: str
    chance: random.Random
    weather: Weather
    verdicts: Verdicts
    seen: Seen
    timed: Timed
    crowd: Crowd
    pyroscope: Pyroscope
    upstream: Gate
    github: SpoiltGitHub
    github_gate: Gate
    skew: Skew
    certificates: Certificates
    redis: RedisServer
    redis_gate: Gate
    subject: Subject
    visitors: Visitors
    session_secrets: list[str] = field(default_factory=lambda: [*SESSION_SECRETS])
    readers: list[Person] = field(default_factory=list)
    guests: list[Person] = field(default_factory=list)

    def asker(self) -> Asker:
        """A new connection to the proxy."""
        return Asker(self.subject.port, self.seen, self.verdicts, self.timed)

    def secrets(self) -> dict[str, bytes]:
        """What no log may hold, by the name to call it by."""
        found = {"source, or a header or query that passed": sources.MARKER.encode()}
        found |= {"the client secret": CLIENT_SECRET.encode()}
        found |= {f"session secret {n}": text.encode() for n, text in enumerate(self.session_secrets)}
        cookies = [person.cookie.partition("=")[2].encode() for person in self.readers]
        told = [*cookies, *self.visitors.told]
        found |= {f"a code, cookie or session token ({n})": text[:40] for n, text in enumerate(told)}
        return found | {f"a GitHub token ({n})": text for n, text in enumerate(self.github.tokens)}

    def configuration(self, **changes: Any) -> dict[str, Any]:
        """What the process reads.

        Args:
            changes: sections that are to be otherwise.
        """
        github = f"https://localhost:{self.github_gate.port}"
        return {
            "shutdown_grace": "10s",
            "upstream": {
                "url": f"http://127.0.0.1:{self.upstream.port}",
                "connect_timeout": "1s",
                "response_timeout": "5s",
            },
            "github": {
                "url": github,
                "api_url": github,
                "client_id": self.github.client_id,
                "client_secret": CLIENT_SECRET,
                "request_timeout": "3s",
            },
            "session": {"secrets": self.session_secrets},
            "cache": {
                "max_size": "8MiB",
                "ref_ttl": "2s",
                "access_ttl": "5s",
                "missing_ttl": "2s",
                "redis_url": f"redis://127.0.0.1:{self.redis_gate.port}",
            },
            "resolver": {"go_module_proxy": "", "python_index": "", "npm_registry": ""},
        } | changes

    def configure(self, **changes: Any) -> None:
        """Write the configuration's file anew; JSON is YAML."""
        self.subject.config.write_text(json.dumps(self.configuration(**changes)))


def new_redis() -> RedisServer:
    """A Redis that forgets what was used least recently, on a port, as its replica needs it."""
    options = ("--maxmemory", _REDIS_MEMORY, "--maxmemory-policy", "allkeys-lru")
    return RedisServer(*options, port=free_port())


@asynccontextmanager
async def running(folder: Path, seed: str, rate: float, workers: int = 1) -> AsyncIterator[Stage]:
    """Start everything and let people log in; nobody asks yet.

    Args:
        folder: for all files of the run.
        seed: what all chance is derived from.
        rate: turns a second of the crowd.
        workers: how many processes serve.

    Raises:
        faults.around.subject.SubjectError: the proxy does not start.
        faults.around.redis.RedisMissingError: there is no redis-server.
    """
    async with AsyncExitStack() as stack:
        stage = await _around(folder, seed, rate, stack)
        stage.subject.workers = workers
        stage.configure()
        stack.callback(stage.subject.kill)
        await stage.subject.start()
        asker = stage.asker()
        for person in stage.readers:
            await stage.visitors.log_in(asker, person)
        await asker.client.close()
        fill(
            stage.crowd,
            stage.asker,
            seed=seed,
            readers=stage.readers,
            visitors=stage.visitors,
            guests=stage.guests,
        )
        stack.push_async_callback(stage.crowd.end)
        yield stage


async def _around(folder: Path, seed: str, rate: float, stack: AsyncExitStack) -> Stage:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    made = certificates.make(folder)
    pyroscope = Pyroscope(chance)
    await pyroscope.start()
    stack.push_async_callback(pyroscope.stop)
    skew = Skew()
    github = SpoiltGitHub(skew, client_secret=CLIENT_SECRET)
    await github.start()
    stack.push_async_callback(github.stop)
    redis = new_redis()
    stack.callback(redis.remove)
    await redis.start()
    port = int(github.web_url.rpartition(":")[2])
    gates = Gate(pyroscope.port, chance), Gate(port, chance, made.trusted), Gate(redis.port, chance)
    for gate in gates:
        await gate.start()
        stack.push_async_callback(gate.stop)
    environ = dict(os.environ) | {"SSL_CERT_FILE": str(made.authorities)}
    weather = Weather()
    stage = Stage(
        folder=folder,
        seed=seed,
        chance=chance,
        weather=weather,
        verdicts=Verdicts(weather),
        seen=Seen(),
        timed=Timed(),
        crowd=Crowd(Pace(rate)),
        pyroscope=pyroscope,
        upstream=gates[0],
        github=github,
        github_gate=gates[1],
        skew=skew,
        certificates=made,
        redis=redis,
        redis_gate=gates[2],
        subject=Subject(folder, folder / "proxy.yaml", environ),
        visitors=Visitors(port, github.client_id),
    )
    stack.callback(_no_redis, stage)
    weather.turn((), time.monotonic())
    await asyncio.to_thread(_people, stage)
    return stage


def _no_redis(stage: Stage) -> None:
    """Remove the one that is in use at the end, which may be another than at the start."""
    stage.redis.remove()


def _people(stage: Stage) -> None:
    """Two repositories; ada may read both, the others the public one."""
    shop = sources.make(sources.SHOP, stage.folder, _COMMITS)
    vault = sources.make(sources.VAULT, stage.folder, _HIDDEN_COMMITS)
    github = stage.github
    github.limits.core = github.limits.graphql = _UNLIMITED
    everybody = {
        "ada": ((shop, vault), ()),
        "bob": ((shop,), (vault,)),
        "cleo": ((shop,), (vault,)),
        "rita": ((shop,), (vault,)),
        "ron": ((shop, vault), ()),
    }
    for login in everybody:
        github.add_user(login, email=f"{login}@example.com")
    github.add_repository(sources.OWNER, sources.SHOP, shop.path)
    github.add_repository(sources.OWNER, sources.VAULT, vault.path, private=True, readers=["ada", "ron"])
    for login, (readable, hidden) in everybody.items():
        people = stage.guests if login in {"rita", "ron"} else stage.readers
        people.append(Person(login, readable, hidden))
