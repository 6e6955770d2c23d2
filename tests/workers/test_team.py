"""What the team tells its workers when settings change, and when requests may be sent to it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from proxy.config.model import Config, GitHub, HostPort, Secret, Session
from proxy.settings import Settings
from proxy.workers.channel import ChannelClosedError, RefusedError
from proxy.workers.port import Port, hold
from proxy.workers.team import Team

if TYPE_CHECKING:
    from proxy.workers.process import WorkerProcess

SHARED = HostPort("127.0.0.1", 1234)
OLD = Settings(Config(listen=HostPort("127.0.0.1", 0), session=Session((Secret("old"),))))
NEW = Settings(
    replace(OLD.config, session=Session((Secret("new"), Secret("old"))), github=GitHub(client_id="id"))
)


class Worker:
    """Stands for a worker's process: keeps what it is told, and answers as a test says."""

    pid = 1

    def __init__(self, *, says: Exception | None = None, serves: bool = True) -> None:
        self.says = says
        self.serves = serves
        self.told: list[Settings] = []
        self.killed = False

    async def replace(self, settings: Settings) -> None:
        self.told.append(settings)
        if self.says is not None:
            raise self.says

    def kill(self) -> None:
        self.killed = True

    def secrets(self) -> list[str]:
        return ["+".join(each.reveal() for each in told.config.session.secrets) for told in self.told]


def team_of(*workers: Worker) -> Team:
    team = Team(OLD, Port(SHARED, SHARED), "r")
    for number, worker in enumerate(workers, 1):
        team.workers[number] = cast("WorkerProcess", worker)
    return team


async def test_all_learn_to_open_before_any_seals() -> None:
    first, second = Worker(), Worker()
    team = team_of(first, second)
    await team.replace(NEW)
    assert first.secrets() == second.secrets() == ["old+new", "new+old"]
    assert {told.config.listen for told in first.told} == {SHARED}
    assert first.told[-1].config.github.client_id == "id"
    assert team.live.value == NEW


async def test_when_one_refuses_all_go_back() -> None:
    first, second = Worker(), Worker(says=RefusedError("no such certificate"))
    team = team_of(first, second)
    with pytest.raises(RefusedError, match="no such certificate"):
        await team.replace(NEW)
    assert first.secrets() == ["old+new", "old"]
    assert first.told[-1].config.github == OLD.config.github
    assert team.live.value == OLD


async def test_one_that_has_gone_is_in_nobodys_way_and_one_that_hangs_is_ended() -> None:
    gone, hanging, well = Worker(says=ChannelClosedError()), Worker(says=TimeoutError()), Worker()
    team = team_of(gone, hanging, well)
    await team.replace(NEW)
    assert (gone.killed, hanging.killed, well.killed) == (False, True, False)
    assert team.live.value == NEW


async def test_it_is_ready_while_any_worker_serves() -> None:
    first, second = Worker(), Worker(serves=False)
    team = team_of(first, second)
    assert team.unready() == "starting"
    team._complete = True
    assert team.unready() == ""
    first.serves = False
    assert team.unready() == "no worker serves"
    team._ending.set()
    assert team.unready() == "draining"


async def test_the_port_is_held_for_workers_alone() -> None:
    async with AsyncExitStack() as stack:
        port = await hold(HostPort("127.0.0.1", 0), stack)
        assert port.where == port.address
        # Nobody listens, so nobody is led astray.
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*port.address)
        with socket.create_server(port.address, reuse_port=True):
            with pytest.raises(OSError, match="in use"):
                socket.create_server(port.address).close()
            _, writer = await asyncio.open_connection(*port.address)
            writer.close()
            await writer.wait_closed()
    socket.create_server(port.address).close()


async def test_a_port_that_others_share_is_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        where = HostPort(*taken.getsockname()[:2])
        async with AsyncExitStack() as stack:
            with pytest.raises(OSError, match=rf"^listen: {where} cannot be listened on: .* in use"):
                await hold(where, stack)
