"""The parts put together: opened, asked, drained and closed, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import ClientSession, web
from yarl import URL

from proxy import app
from proxy.app import Proxy
from proxy.config.model import Config, HostPort, ListenTls, Resolver, Secret, Session, Upstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ANYWHERE = HostPort("127.0.0.1", 0)
CONFIG = Config(listen=ANYWHERE, admin_listen=ANYWHERE, shutdown_grace=5, session=Session((Secret("s"),)))


@pytest.fixture
async def upstream() -> AsyncIterator[URL]:
    """An upstream that says which path and host it was asked for."""

    async def say(request: web.BaseRequest) -> web.Response:
        return web.json_response({"path": request.raw_path, "host": request.headers["Host"]})

    runner = web.ServerRunner(web.Server(say))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield URL(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


async def test_all_of_it_answers(upstream: URL, session: ClientSession) -> None:
    config = replace(CONFIG, upstream=Upstream(upstream / "pre"))
    async with Proxy(config, revision="abc") as proxy:
        main, admin = f"http://{proxy.address}", f"http://{proxy.admin_address}"
        async with session.get(f"{main}/a?b") as answer:
            assert await answer.json() == {"path": "/pre/a?b", "host": f"127.0.0.1:{upstream.port}"}
        async with session.post(f"{main}/vcs.v1.VCSService/GithubApp", json={}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (501, "unimplemented")
            assert "Server" not in answer.headers
        async with session.get(f"{main}/vcs.v1.VCSService/Unknown") as answer:
            assert answer.status in {404, 405}
            assert "Server" not in answer.headers
        async with session.get(f"{admin}/metrics") as answer:
            text = await answer.text()
            assert "Server" not in answer.headers
        assert 'route="vcs.v1.VCSService/GithubApp",status_code="501"} 1.0\n' in text
        assert 'revision="abc"' in text
        for path in ("/-/ready", "/-/healthy", "/-/config"):
            async with session.get(admin + path) as answer:
                assert answer.status == 200


async def test_the_main_listener_over_tls(upstream: URL, session: ClientSession, tmp_path: Path) -> None:
    ca, files = trustme.CA(), ListenTls(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    config = replace(CONFIG, upstream=Upstream(upstream), listen_tls=files)
    with pytest.raises(OSError, match=r"^listen_tls\.cert_file: .*cert\.pem cannot be read"):
        async with Proxy(config):
            pass
    issued = ca.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(files.cert_file)
    issued.private_key_pem.write_to_path(files.key_file)
    trusting = ssl.create_default_context()
    ca.configure_trust(trusting)
    async with Proxy(config) as proxy:
        for path, status in (("/a", 200), ("/vcs.v1.VCSService/GithubApp", 501)):
            async with session.post(f"https://{proxy.address}{path}", json={}, ssl=trusting) as answer:
                assert answer.status == status
        async with session.get(f"http://{proxy.admin_address}/-/ready") as answer:
            assert answer.status == 200
        renewed = ca.issue_cert("127.0.0.1", common_name="renewed")
        renewed.cert_chain_pems[0].write_to_path(files.cert_file)
        with pytest.raises(OSError, match=r"^listen_tls\.key_file: .* is not the key of"):
            proxy.replace(proxy.live.value)
        renewed.private_key_pem.write_to_path(files.key_file)
        proxy.replace(proxy.live.value)
        _, writer = await asyncio.open_connection(*proxy.address, ssl=trusting)
        assert "renewed" in str(writer.get_extra_info("peercert")["subject"])
        writer.close()
        await writer.wait_closed()


async def test_draining_shows_and_ends(upstream: URL, session: ClientSession) -> None:
    async with Proxy(replace(CONFIG, upstream=Upstream(upstream))) as proxy:
        before = proxy.draining
        draining = asyncio.create_task(proxy.drain())
        await asyncio.sleep(0)
        assert (before, proxy.draining) == (False, True)
        async with session.get(f"http://{proxy.admin_address}/-/ready") as answer:
            assert answer.status == 503
        await draining
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*proxy.address)


async def test_one_process_can_run_two() -> None:
    async with Proxy(CONFIG) as first, Proxy(CONFIG) as second:
        assert first.address.port != second.address.port
        assert first.metrics.registry is not second.metrics.registry


@pytest.mark.parametrize("key", ["listen", "admin_listen"])
async def test_an_address_that_is_taken_is_named_and_all_else_is_closed(key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = HostPort("127.0.0.1", taken.getsockname()[1])
        listen, admin = (where, ANYWHERE) if key == "listen" else (ANYWHERE, where)
        before = asyncio.all_tasks()
        with pytest.raises(OSError, match=f"^{key}: {where} cannot be listened on: .* set {key} to another"):
            async with Proxy(replace(CONFIG, listen=listen, admin_listen=admin)):
                pass
        await asyncio.sleep(0)
        assert {task for task in asyncio.all_tasks() if not task.done()} <= before


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), ("version: v9", "is not valid")])
async def test_an_operators_mappings_are_read_at_the_start(
    content: str | None, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "mappings.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(OSError, match=rf"^resolver\.mappings_file: .*mappings\.yaml {message}"):
        async with Proxy(replace(CONFIG, resolver=Resolver(mappings_file=str(file)))):
            pass


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://pyroscope:4040", b"pyroscope:4040"),
        ("http://pyroscope", b"pyroscope"),
        ("http://pyroscope:80/x", b"pyroscope"),
        ("https://pyroscope:443", b"pyroscope"),
        ("https://pyroscope:80", b"pyroscope:80"),
        ("http://[::1]:4040", b"[::1]:4040"),
        ("http://b\u00fccher.example", b"xn--bcher-kva.example"),
    ],
)
def test_the_host_that_the_upstream_sees(url: str, expected: bytes) -> None:
    assert app._host_header(URL(url)) == expected


async def test_closing_twice_does_no_harm() -> None:
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(CONFIG))
        await proxy.drain()
        await proxy.drain()
