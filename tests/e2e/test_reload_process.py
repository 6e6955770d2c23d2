"""The real process takes over a changed configuration: by SIGHUP, by itself, and never a broken one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from proxy.errors import RpcError
from proxy.session import derive_key, read_cookies
from tests.e2e.outside import Outside, running_outside
from tests.fakes.github import GitRepository
from tests.fakes.system import SECRET, cookie_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NEW = "another-session-secret-of-32-char"
PEOPLE = 4


def opens_with(cookie: str, secret: str) -> bool:
    try:
        return bool(read_cookies([cookie], [derive_key(secret, "anonymous")]))
    except RpcError:
        return False


def all_open_with(cookies: list[str], secret: str) -> bool:
    return all(opens_with(cookie, secret) for cookie in cookies)


def serve_repository(outside: Outside, folder: Path) -> None:
    repository = GitRepository(folder / "shop")
    repository.commit({"main.go": "package main\n"}, "Start")
    outside.github.add_repository("acme", "shop", repository.path)


async def test_sighup_takes_over_what_is_good_and_refuses_what_is_broken(tmp_path: Path) -> None:
    async with running_outside(tmp_path) as outside:
        assert await outside.metric("sourceproxy_workers") == 1
        outside.hang_up()
        await outside.reloaded(1)
        outside.file.write_text("log: {level: loud}\nlisen: x\nsession: {secrets: [1, [hush]]}\n")
        outside.hang_up()
        await outside.reloaded(1, "failure")
        assert await outside.metric("sourceproxy_config_last_reload_successful") == 0
        assert len(outside.logged("configuration refused")) >= 3
        cookie = await outside.system.login("ada")
        assert opens_with(cookie, SECRET)
        outside.write(secrets=[NEW, SECRET], more="log: {level: warning, format: json}\nshutdown_grace: 9s")
        outside.hang_up()
        await outside.until(lambda: outside.logged("a changed key needs a restart"))
        assert await outside.metric("sourceproxy_config_last_reload_successful") == 1
        assert outside.logged("key=shutdown_grace") or outside.logged('"key":"shutdown_grace"')
        async with outside.system.http.get(f"{outside.system.admin_url}/-/config") as answer:
            shown = await answer.text()
        assert "format: json" in shown
        assert "shutdown_grace: 30s" in shown
        assert NEW not in shown
    assert not any("hush" in line or NEW in line or SECRET in line for line in outside.process.lines)


async def test_a_volume_of_kubernetes_that_is_swapped_is_noticed(tmp_path: Path) -> None:
    """``secrets → ..data/secrets``, and ``..data`` is swapped."""
    async with running_outside(tmp_path) as outside:
        for number, secrets in ((1, SECRET), (2, f"{NEW}\n{SECRET}")):
            (tmp_path / f"..{number}").mkdir()
            (tmp_path / f"..{number}" / "secrets").write_text(secrets)
        (tmp_path / "..data").symlink_to("..1")
        (tmp_path / "secrets").symlink_to("..data/secrets")
        text = outside.file.read_text().replace(
            f"  secrets:\n    - {SECRET}\n", f"  secrets_file: {tmp_path}/secrets\n"
        )
        outside.file.write_text(text)
        await outside.reloaded(1)
        assert opens_with(await outside.system.login("ada"), SECRET)
        (tmp_path / "..new").symlink_to("..2")
        (tmp_path / "..new").rename(tmp_path / "..data")
        await outside.reloaded(2)
        assert opens_with(await outside.system.login("ada"), NEW)


@asynccontextmanager
async def people(outside: Outside) -> AsyncIterator[list[str]]:
    """People who look at commits and refresh their sessions all the time; gives their cookies of now.

    Leaving fails when any of them was refused anything.
    """
    stop = asyncio.Event()
    cookies = [await outside.system.login("ada") for _ in range(PEOPLE)]

    async def go_on(number: int) -> None:
        while not stop.is_set():
            refreshed = await outside.system.call("GithubRefresh", cookie=cookies[number])
            assert refreshed.status == 200, refreshed.body
            cookies[number] = cookie_of(refreshed)
            for _ in range(3):
                seen = await outside.system.get_commit(cookies[number], "main")
                assert seen.status == 200, seen.body

    async with asyncio.TaskGroup() as group:
        for number in range(PEOPLE):
            group.create_task(go_on(number))
        yield cookies
        stop.set()


@pytest.mark.parametrize("workers", [1, 2])
async def test_secrets_change_under_load_and_nobody_is_logged_out(tmp_path: Path, workers: int) -> None:
    async with running_outside(tmp_path, "--workers", str(workers)) as outside:
        serve_repository(outside, tmp_path)
        untouched = await outside.system.login("bob")
        async with people(outside) as cookies:
            for count, secrets in enumerate(([NEW, SECRET], [SECRET, NEW], [NEW, SECRET]), 1):
                outside.write(secrets=secrets)
                outside.hang_up()
                await outside.reloaded(count)
                await outside.until(partial(all_open_with, cookies, secrets[0]))
        assert (await outside.system.get_commit(untouched, "main")).status == 200
        assert opens_with(untouched, SECRET)
        refreshed = cookie_of(await outside.system.call("GithubRefresh", cookie=untouched))
        assert opens_with(refreshed, NEW)
        assert await outside.metric("sourceproxy_sessions_total", event="rejected") == 0
