"""All that runs: the process, what is around it, and those who ask; put together and taken apart."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.processes import free_port
from faults.around import sources
from faults.around.redis import RedisServer
from faults.around.remote import Around
from faults.around.subject import Subject
from faults.around.surroundings import Place, Plan, Repository
from faults.judging.counting import Seen
from faults.judging.verdicts import Verdicts
from faults.judging.weather import Weather
from faults.load.asker import Asker, Timed
from faults.load.crowd import Crowd, Pace, fill
from faults.load.reading import Person
from faults.load.sessions import Visitors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from faults.around.sources import History

SESSION_SECRETS = ("first-session-secret-that-no-log-holds", "older-session-secret-that-no-log-holds")
CLIENT_SECRET = "client-secret-that-no-log-holds"
CACHE_SIZE, GRACE = "8MiB", "10s"
_COMMITS, _HIDDEN_COMMITS = 60, 20
_READERS, _GUESTS = ("ada", "bob", "cleo"), ("rita", "ron")
_TRUSTED = ("ada", "ron")
"""Who may read the private repository; the public one is everybody's."""
_REDIS_MEMORY = "8mb"


@dataclass(slots=True)
class Stage:
    """What scenarios act on.

    Attributes:
        elsewhere: what other processes than ``subject`` have counted, by the name of the metric.
    """

    folder: Path
    seed: str
    chance: random.Random
    weather: Weather
    verdicts: Verdicts
    seen: Seen
    timed: Timed
    crowd: Crowd
    around: Around
    redis: RedisServer
    environ: Mapping[str, str]
    subject: Subject
    visitors: Visitors
    cache_size: str = CACHE_SIZE
    grace: str = GRACE
    elsewhere: Counter[str] = field(default_factory=Counter)
    session_secrets: list[str] = field(default_factory=lambda: [*SESSION_SECRETS])
    readers: list[Person] = field(default_factory=list)
    guests: list[Person] = field(default_factory=list)

    def asker(self) -> Asker:
        """A new connection to the proxy."""
        return Asker(self.subject.port, self.seen, self.verdicts, self.timed)

    def another(self) -> Subject:
        """A further process with the same configuration, at other ports, not yet started."""
        return Subject(self.folder, self.subject.config, self.environ)

    async def secrets(self) -> dict[str, bytes]:
        """What no log may hold, by the name to call it by."""
        found = {"source, or a header or query that passed": sources.MARKER.encode()}
        found |= {"the client secret": CLIENT_SECRET.encode()}
        found |= {f"session secret {n}": text.encode() for n, text in enumerate(self.session_secrets)}
        cookies = [person.cookie.partition("=")[2].encode() for person in self.readers]
        told = [*cookies, *self.visitors.told]
        found |= {f"a code, cookie or session token ({n})": text[:40] for n, text in enumerate(told)}
        tokens = await self.around.tokens()
        return found | {f"a GitHub token ({n})": text for n, text in enumerate(tokens)}

    def configuration(self, **changes: Any) -> dict[str, Any]:
        """What the process reads.

        Args:
            changes: sections that are to be otherwise.
        """
        ports = self.around.ports
        github = f"https://localhost:{ports[Place.GITHUB]}"
        return {
            "shutdown_grace": self.grace,
            "upstream": {
                "url": f"http://127.0.0.1:{ports[Place.UPSTREAM]}",
                "connect_timeout": "1s",
                "response_timeout": "5s",
            },
            "github": {
                "url": github,
                "api_url": github,
                "client_id": self.around.client_id,
                "client_secret": CLIENT_SECRET,
                "request_timeout": "3s",
            },
            "session": {"secrets": self.session_secrets},
            "cache": {
                "max_size": self.cache_size,
                "ref_ttl": "2s",
                "access_ttl": "5s",
                "missing_ttl": "2s",
                "redis_url": f"redis://127.0.0.1:{ports[Place.REDIS]}",
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
async def running(
    folder: Path,
    seed: str,
    rate: float,
    *,
    workers: int = 1,
    cache_size: str = CACHE_SIZE,
    grace: str = GRACE,
) -> AsyncIterator[Stage]:
    """Start everything and let people log in; nobody asks yet.

    Args:
        folder: for all files of the run.
        seed: what all chance is derived from.
        rate: turns a second of the crowd.
        workers: how many processes serve.
        cache_size: what the proxy may keep in memory.
        grace: what running requests get at its end; half of it is always waited for under this load.

    Raises:
        faults.around.subject.SubjectError: the proxy does not start.
        faults.around.redis.RedisMissingError: there is no redis-server.
    """
    async with AsyncExitStack() as stack:
        stage = await _around(folder, seed, rate, stack)
        stage.subject.workers = workers
        stage.cache_size, stage.grace = cache_size, grace
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
    shop, vault = await asyncio.to_thread(_repositories, folder)
    redis, around = new_redis(), Around()
    stack.callback(redis.remove)
    await redis.start()
    stack.push_async_callback(around.stop)
    await around.start(_plan(folder, seed, redis.port, shop, vault))
    environ = dict(os.environ) | {"SSL_CERT_FILE": around.authorities}
    weather = Weather()
    stage = Stage(
        folder=folder,
        seed=seed,
        chance=random.Random(seed),  # noqa: S311 - repeatable, not secret
        weather=weather,
        verdicts=Verdicts(weather),
        seen=Seen(),
        timed=Timed(),
        crowd=Crowd(Pace(rate)),
        around=around,
        redis=redis,
        environ=environ,
        subject=Subject(folder, folder / "proxy.yaml", environ),
        visitors=Visitors(around.stand_in, around.client_id),
    )
    stack.callback(_no_redis, stage)
    weather.turn((), time.monotonic())
    for login in (*_READERS, *_GUESTS):
        readable, hidden = ((shop, vault), ()) if login in _TRUSTED else ((shop,), (vault,))
        people = stage.guests if login in _GUESTS else stage.readers
        people.append(Person(login, readable, hidden))
    return stage


def _no_redis(stage: Stage) -> None:
    """Remove the one that is in use at the end, which may be another than at the start."""
    stage.redis.remove()


def _repositories(folder: Path) -> tuple[History, History]:
    """The public one and the private one."""
    shop = sources.make(sources.SHOP, folder, _COMMITS)
    return shop, sources.make(sources.VAULT, folder, _HIDDEN_COMMITS)


def _plan(folder: Path, seed: str, redis: int, shop: History, vault: History) -> Plan:
    repositories = (
        Repository(sources.OWNER, shop.name, str(shop.path), ()),
        Repository(sources.OWNER, vault.name, str(vault.path), _TRUSTED),
    )
    return Plan(
        folder=str(folder),
        seed=seed,
        client_secret=CLIENT_SECRET,
        logins=(*_READERS, *_GUESTS),
        repositories=repositories,
        redis=redis,
    )
