"""Several real processes behind one listener: counted as one, restarted, drained, and refreshing as one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.outside import Outside, running_outside
from tests.e2e.process import running_proxy
from tests.fakes.programs import path_of, redis_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROUTE = "vcs.v1.VCSService/GithubApp"
COUNT = "sourceproxy_request_duration_seconds_count"
EXCHANGE = "/login/oauth/access_token"


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="workers are found and watched in /proc"
)


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with running_outside(tmp_path, "--workers", "2") as outside:
        yield outside


def workers_of(outside: Outside) -> list[int]:
    """The process ids of the workers."""
    parent = outside.process.process.pid
    found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return sorted(
        pid for pid in found if state_of(pid)[1:] == (parent,) and "workers.worker" in command_of(pid)
    )


def state_of(pid: int) -> tuple[str, int] | tuple[str]:
    """The state and the parent of a process; ``Z`` when it has ended, or is not there at all."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ("Z",)
    return ("Z",) if state == "Z" else (state, int(parent))


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


async def ask(outside: Outside, times: int) -> int:
    """Ask so often over as many connections, so that each worker has its part; how many were answered."""
    answers = await asyncio.gather(
        *(outside.system.call("GithubApp", Connection="close") for _ in range(times))
    )
    return sum(answer.status == 200 for answer in answers)


async def test_all_that_is_asked_is_counted_once(outside: Outside) -> None:
    assert await outside.metric("sourceproxy_workers") == 2
    for round_number in (1, 2, 3):
        assert await ask(outside, 40) == 40
        assert await outside.metric(COUNT, route=ROUTE, status_code="200") == 40 * round_number
    text = await outside.system.metrics()
    assert text.count("\nsourceproxy_build_info{") == 1
    for process in ("parent", "1", "2"):
        assert f'process_resident_memory_bytes{{process="{process}"}}' in text
    assert await outside.metric("sourceproxy_inflight_requests", route=ROUTE) == 0
    assert await outside.metric("sourceproxy_cache_max_size_bytes") == 2 * 256 * 2**20
    await promtool_finds_nothing_to_say(text)


async def promtool_finds_nothing_to_say(text: str) -> None:
    pipe = asyncio.subprocess.PIPE
    promtool = await asyncio.create_subprocess_exec(
        *(path_of("promtool"), "check", "metrics"), stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert await promtool.communicate(text.encode()) == (b"", b"")
    assert promtool.returncode == 0


async def test_a_worker_that_ends_is_started_again_and_totals_do_not_go_down(outside: Outside) -> None:
    assert await ask(outside, 40) == 40
    before = await outside.metric(COUNT, route=ROUTE)
    first, other = workers_of(outside)
    os.kill(first, signal.SIGKILL)
    seen = [before]

    async def is_whole_again() -> bool:
        seen.append(await outside.metric(COUNT, route=ROUTE))
        return first not in workers_of(outside) and await outside.metric("sourceproxy_workers") == 2

    await outside.until(is_whole_again)
    assert seen == [40.0] * len(seen)
    assert other in workers_of(outside)
    assert await ask(outside, 40) == 40
    assert await outside.metric(COUNT, route=ROUTE) == 80
    assert outside.logged("a worker has ended")
    # One that is only told to end tells what it has counted to the last.
    os.kill(other, signal.SIGTERM)

    async def is_replaced() -> bool:
        return other not in workers_of(outside) and await outside.metric("sourceproxy_workers") == 2

    await outside.until(is_replaced)
    assert await outside.metric(COUNT, route=ROUTE) == 80
    async with outside.system.http.get(f"{outside.system.admin_url}/-/ready") as answer:
        assert answer.status == 200


async def test_one_session_refreshed_by_all_workers_is_one_call(outside: Outside) -> None:
    cookie = await outside.system.login("ada")
    outside.github.forget_calls()
    gate = asyncio.Event()
    fault = outside.github.fail_next(route=EXCHANGE, hold=gate)
    refreshing = [
        asyncio.create_task(outside.system.call("GithubRefresh", cookie=cookie, Connection="close"))
        for _ in range(40)
    ]
    await fault.reached.wait()

    async def all_wait() -> bool:
        route = "vcs.v1.VCSService/GithubRefresh"
        return await outside.metric("sourceproxy_inflight_requests", route=route) == 40

    await outside.until(all_wait)
    gate.set()
    answers = await asyncio.gather(*refreshing)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["cookie"] for answer in answers}) == 1
    # Also those who come late, to whichever worker.
    late = await asyncio.gather(
        *(outside.system.call("GithubRefresh", cookie=cookie, Connection="close") for _ in range(20))
    )
    assert {answer.body["cookie"] for answer in late} == {answers[0].body["cookie"]}
    assert sum(call.route == EXCHANGE for call in outside.github.calls) == 1
    assert await outside.metric("sourceproxy_sessions_total", event="refresh") == 1
    assert await outside.metric("sourceproxy_sessions_total", event="refresh_coalesced") == 59


async def test_with_redis_it_is_one_call_too_and_when_redis_is_gone(tmp_path: Path) -> None:
    async with redis_server() as server:
        more = f"cache: {{redis_url: '{server.url}'}}"
        async with running_outside(tmp_path, "--workers", "2", more=more) as outside:
            for gone in (False, True):
                if gone:
                    server.kill()
                cookie = await outside.system.login("ada")
                outside.github.forget_calls()
                refreshing = (
                    outside.system.call("GithubRefresh", cookie=cookie, Connection="close") for _ in range(30)
                )
                answers = await asyncio.gather(*refreshing)
                assert {answer.status for answer in answers} == {200}
                assert len({answer.body["cookie"] for answer in answers}) == 1
                assert sum(call.route == EXCHANGE for call in outside.github.calls) == 1


async def test_sigterm_under_load_loses_no_request(outside: Outside) -> None:
    """Clients that go elsewhere when they are told to close, as load balancers do, see no failure."""
    answered = asyncio.Semaphore(0)

    async def keep_asking() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", outside.process.port)
        count = 0
        while True:
            body = b"{}"
            writer.write(
                b"POST /vcs.v1.VCSService/GithubApp HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            fields = head.lower().split(b"\r\n")
            (length,) = (int(field[15:]) for field in fields if field.startswith(b"content-length:"))
            assert json.loads(await reader.readexactly(length))["clientID"]
            count += 1
            answered.release()
            if b"connection: close" in fields:
                writer.close()
                await writer.wait_closed()
                return count

    asking = [asyncio.create_task(keep_asking()) for _ in range(8)]
    for _ in range(200):
        await answered.acquire()
    outside.process.process.send_signal(signal.SIGTERM)
    counts = await asyncio.gather(*asking)
    assert min(counts) > 0
    assert await outside.end() == 0
    assert workers_of(outside) == []


async def test_workers_end_with_the_process_that_minds_them(outside: Outside) -> None:
    pids = workers_of(outside)
    assert len(pids) == 2
    os.kill(outside.process.process.pid, signal.SIGKILL)
    await outside.end()
    async with asyncio.timeout(30):
        while any(state_of(pid) != ("Z",) for pid in pids):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.02)


async def test_a_reload_reaches_every_worker(outside: Outside) -> None:
    text = outside.file.read_text().replace(outside.github.client_id, "Iv1.newer")
    outside.file.write_text(text)
    await outside.reloaded(1)
    answers = await asyncio.gather(*(outside.system.call("GithubApp", Connection="close") for _ in range(40)))
    assert {answer.body["clientID"] for answer in answers} == {"Iv1.newer"}
    # And one that is started later, though the file is broken by then.
    outside.file.write_text("{")
    await outside.reloaded(1, "failure")
    killed = workers_of(outside)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)

    async def is_whole_again() -> bool:
        new = {*workers_of(outside)} - {*killed}
        # In this order: as long as the old ones are not missed, they count.
        return len(new) == 2 and await outside.metric("sourceproxy_workers") == 2

    await outside.until(is_whole_again)
    answers = await asyncio.gather(*(outside.system.call("GithubApp", Connection="close") for _ in range(40)))
    assert {answer.body["clientID"] for answer in answers} == {"Iv1.newer"}


def test_an_address_that_somebody_has_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        environ = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
        arguments = ("--listen", address, "--workers", "2")
        with (
            pytest.raises(AssertionError, match=f"listen: {address} cannot be listened on"),
            running_proxy(*arguments, environ=environ),
        ):
            pass
