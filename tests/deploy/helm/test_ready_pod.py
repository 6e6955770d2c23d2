"""The pod of ``helm test`` asks a real proxy, and notices one that is not ready."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from proxy.app import Proxy
from proxy.config import Config, HostPort

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.deploy.helm.chart import Helm

LOCAL = HostPort("127.0.0.1", 0)


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    async with Proxy(replace(Config(), listen=LOCAL, admin_listen=LOCAL, shutdown_grace=0.0)) as running:
        yield running


async def ask(helm: Helm, proxy: Proxy) -> tuple[int | None, str]:
    """Run what the pod runs, with the addresses of a proxy here in the place of those of the Service."""
    objects = helm.template()
    container = objects.one("Pod")["spec"]["containers"][0]
    assert container["command"] == ["python3", "-c"]
    script, *urls = container["args"]
    service = objects.one("Service")
    ports = {port["name"]: port["port"] for port in service["spec"]["ports"]}
    name = service["metadata"]["name"]
    here = {f"{name}:{ports['metrics']}": proxy.admin_address, f"{name}:{ports['http']}": proxy.address}
    local = [url.replace(host, str(here[host])) for url in urls for host in here if f"//{host}/" in url]
    assert len(local) == 2
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *local, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_it_is_content_with_a_proxy_that_is_well(helm: Helm, proxy: Proxy) -> None:
    code, said = await ask(helm, proxy)
    assert code == 0
    assert said.count(" 200\n") == 2


async def test_it_notices_one_that_drains(helm: Helm, proxy: Proxy) -> None:
    await proxy.drain()
    code, _ = await ask(helm, proxy)
    assert code not in {0, None}
