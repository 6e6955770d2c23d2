"""Runs the demo: a sample Pyroscope, a stand-in for GitHub and the proxy, in one process on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from yarl import URL

from proxy import logs
from proxy.app import Proxy
from proxy.config.model import Config, GitHub, HostPort, Resolver, Secret, Session
from proxy.config.model import Upstream as UpstreamSettings
from proxy.demo.github import StandIn
from proxy.demo.story import Example, Places, story
from proxy.demo.upstream import Upstream
from proxy.loops import loop_factory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_HOST = "127.0.0.1"
_UPSTREAM_PORT, _PROXY_PORT, _GITHUB_PORT, _ADMIN_PORT = 4040, 4041, 4042, 4043
_CALLS_REMEMBERED = 1000
_LOGIN = "mara-lindqvist"
_EXAMPLE_SERVICE = "checkout"
_EXAMPLE_PATH = "/src/services/checkout/internal/coupon/coupon.go"
_EXAMPLE_FUNCTION = "github.com/acme/shop/services/checkout/internal/coupon.Parse"


def run(*, listen: HostPort | None) -> int:
    """Run the demo until Ctrl-C or SIGTERM.

    Args:
        listen: where the proxy serves; ``None`` for its usual port on loopback, or a free one.

    Returns:
        The exit code.

    Raises:
        OSError: when ``listen`` was given and cannot be listened on.
    """
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_run(listen))


async def _run(listen: HostPort | None) -> int:
    _leave_loopback_to_itself()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pyroscope-source-proxy-demo-"))
        upstream = Upstream()
        await _start_where_free(upstream.start, _UPSTREAM_PORT)
        stack.push_async_callback(upstream.stop)
        github = await _start_github()
        stack.push_async_callback(github.stop)
        config = _config(upstream, github)
        logs.configure(config.log, sys.stderr)
        proxy = await _open_proxy(config, listen)
        stack.push_async_exit(proxy)
        places = Places(
            proxy=f"http://{proxy.address}",
            admin=f"http://{proxy.admin_address}",
            upstream=str(upstream.url).rstrip("/"),
            github=github.web_url,
            session_file=str(Path(folder) / "session"),
        )
        print(story(places, github.client_id, _example()), flush=True)
        await stop.wait()
        print("\nThe demo has ended.", flush=True)
    return 0


async def _open_proxy(config: Config, listen: HostPort | None) -> Proxy:
    """Open the proxy on the usual ports, or on free ones where those are taken."""
    if listen is not None:
        chosen = replace(config, listen=listen, admin_listen=HostPort(_HOST, 0))
        return await Proxy(chosen).__aenter__()
    usual = replace(config, listen=HostPort(_HOST, _PROXY_PORT), admin_listen=HostPort(_HOST, _ADMIN_PORT))
    try:
        return await Proxy(usual).__aenter__()
    except OSError:
        free = replace(config, listen=HostPort(_HOST, 0), admin_listen=HostPort(_HOST, 0))
        return await Proxy(free).__aenter__()


async def _start_github() -> StandIn:
    github = StandIn(call_limit=_CALLS_REMEMBERED)
    data = _data()
    for person in json.loads((data / "people.json").read_text("utf-8")):
        if person["login"]:
            github.add_user(person["login"], name=person["name"], email=person["email"])
    for path in sorted((data / "repositories").iterdir()):
        owner, _, name = path.name.removesuffix(".git").partition("--")
        github.add_repository(owner, name, path)
    await _start_where_free(github.start, _GITHUB_PORT)
    return github


async def _start_where_free(start: Callable[[str, int], Awaitable[None]], port: int) -> None:
    try:
        await start(_HOST, port)
    except OSError:
        await start(_HOST, 0)


def _leave_loopback_to_itself() -> None:
    """Keep a proxy that the environment names for ``http`` out of what stays on this machine."""
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), _HOST)))


def _config(upstream: Upstream, github: StandIn) -> Config:
    return Config(
        upstream=UpstreamSettings(url=upstream.url),
        github=GitHub(
            url=URL(github.web_url),
            api_url=URL(github.api_url),
            client_id=github.client_id,
            client_secret=Secret(github.client_secret),
        ),
        session=Session((Secret(secrets.token_urlsafe(32)),)),
        # Nothing leaves this machine.
        resolver=Resolver(go_module_proxy=None, python_index=None, npm_registry=None),
    )


def _example() -> Example:
    """The hottest function of the first version of the sample service."""
    recordings = json.loads((_data() / "manifest.json").read_text("utf-8"))["recordings"]
    recording = next(each for each in recordings if each["service_name"] == _EXAMPLE_SERVICE)
    people = json.loads((_data() / "people.json").read_text("utf-8"))
    return Example(
        services=tuple(dict.fromkeys(each["service_name"] for each in recordings)),
        service=_EXAMPLE_SERVICE,
        repository=recording["repository"],
        ref=recording["ref"],
        root_path=recording["root_path"],
        path=_EXAMPLE_PATH,
        function_name=_EXAMPLE_FUNCTION,
        person=next(person["name"] for person in people if person["login"] == _LOGIN),
        login=_LOGIN,
    )


def _data() -> Path:
    return Path(str(resources.files("proxy.demo") / "data"))
