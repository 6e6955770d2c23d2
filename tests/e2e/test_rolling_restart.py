"""Two real replicas behind a real haproxy, replaced one by one under constant load: nothing is lost.

The configuration of haproxy is the one of docs/load-balancers.md, with shorter intervals and without its
repeating what was refused: that would hide a replica that refuses, and none may.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import yaml

from proxy.demo.github import StandIn
from tests.e2e.conftest import GO_NOW
from tests.e2e.haproxy import running_haproxy
from tests.e2e.hosts import addresses, replaced, snippet
from tests.e2e.load import Person, constant_load, log_in, passed, pushed, streamed
from tests.e2e.process import WAIT_SECONDS, Process, Upstream, running_proxy, running_upstream
from tests.fakes.programs import path_of
from tests.fakes.system import SHOP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Histories
    from tests.e2e.haproxy import HaProxy

CART = "services/checkout/internal/cart/cart.go"
OLD, NEW = "an-old-session-secret-of-32-chars", "a-new-session-secret-of-32-chars!"
PORT, ADMIN_PORT = 24041, 24043
"""Of the load balancer and of both replicas; another proxy may have the usual ones on all addresses."""
EACH = 5
"""Answers that every client gets between two steps."""


class Replica:
    """A proxy on an address of its own, that can be replaced."""

    def __init__(self, name: str, host: str, file: Path, upstream: Upstream) -> None:
        self.name = name
        listeners = ("--listen", f"{host}:{PORT}", "--admin-listen", f"{host}:{ADMIN_PORT}")
        self._arguments = ("--config", str(file), *listeners)
        self._upstream = upstream
        self._stack = ExitStack()
        self._process: Process

    def start(self) -> None:
        running = running_proxy(*self._arguments, upstream=self._upstream, environ=os.environ)
        self._process = self._stack.enter_context(running)

    def end(self) -> None:
        """End it as Kubernetes does; it has to do so in good order."""
        self._process.process.send_signal(signal.SIGTERM)
        assert self._process.end() == 0, self._process.lines

    def kill(self) -> None:
        self._stack.close()


class Fleet:
    """Two replicas, the load balancer before them, and the file that configures both."""

    def __init__(self, folder: Path, github: StandIn, upstream: Upstream) -> None:
        self.front, *hosts = addresses(3)
        self._file = folder / "config.yaml"
        self._github = github
        self.replicas = [
            Replica(name, host, self._file, upstream)
            for name, host in zip(("one", "two"), hosts, strict=True)
        ]
        words = {"bind *": f"bind {self.front}", "proxy-1": hosts[0], "proxy-2": hosts[1]}
        words |= {"4041": str(PORT), "4043": str(ADMIN_PORT)}
        text = snippet("load-balancers.md", "haproxy")
        stricter = {"inter 1s": "inter 50ms", "retries 3": "retries 0", "option redispatch 1": ""}
        self.balancer_config = replaced(text, words | stricter)

    def configure(self, *secrets: str) -> None:
        """Write the configuration that replicas will have which start from now on."""
        settings = {
            "shutdown_delay": "300ms",
            "github": {
                "url": self._github.web_url,
                "api_url": self._github.api_url,
                "client_id": self._github.client_id,
                "client_secret": self._github.client_secret,
            },
            "session": {"secrets": list(secrets)},
        }
        self._file.write_text(yaml.safe_dump(settings))

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.front, PORT, timeout=WAIT_SECONDS)

    def roll(self, balancer: HaProxy, meanwhile: Callable[[int], None]) -> None:
        """Replace one replica after the other; ``meanwhile`` waits for so many answers of every client."""
        for replica in self.replicas:
            replica.end()
            meanwhile(EACH)
            replica.start()
            balancer.wait_for(replica.name, "UP")
            meanwhile(EACH)


@pytest.fixture
async def github(histories: Histories) -> AsyncIterator[StandIn]:
    async with StandIn() as stand_in:
        stand_in.add_user("ada")
        stand_in.add_repository("acme", "shop", histories.shop.path, private=True, readers=["ada"])
        yield stand_in


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as server:
        yield server


def roll_under_load(fleet: Fleet, github: StandIn, *rolls: tuple[str, ...]) -> None:
    """Start with the first secrets, replace all replicas for each of the others; clients see nothing."""
    with ExitStack() as stack:
        fleet.configure(*rolls[0])
        for replica in fleet.replicas:
            replica.start()
            stack.callback(replica.kill)
        balancer = stack.enter_context(running_haproxy(fleet.balancer_config))
        for replica in fleet.replicas:
            balancer.wait_for(replica.name, "UP")
        connection = fleet.connect()
        file = {"repositoryURL": SHOP, "ref": "main", "localPath": CART}
        people = [Person(log_in(connection, github, "ada"), file, GO_NOW.encode()) for _ in range(3)]
        before = people[0].cookie
        connection.close()
        with constant_load(fleet.connect, [passed, pushed, streamed, *people]) as load:
            load.more(EACH)
            for secrets in rolls[1:]:
                fleet.configure(*secrets)
                fleet.roll(balancer, load.more)
        assert load.failures == []
        assert min(load.counts) > EACH * 4
        assert all(person.renewals for person in people)
        assert people[0].cookie != before


async def test_replicas_are_replaced_and_the_session_secret_is_changed_under_load(
    github: StandIn, upstream: Upstream, tmp_path: Path
) -> None:
    path_of("haproxy")
    fleet = Fleet(tmp_path, github, upstream)
    await asyncio.to_thread(roll_under_load, fleet, github, (OLD,), (OLD, NEW), (NEW, OLD))
