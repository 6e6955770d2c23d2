"""What is found out: real servers, real sockets, a real Redis, files as a kernel writes them."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from yarl import URL

from proxy.cache.shared.dialing import dialer
from proxy.cache.shared.limits import Reason
from proxy.config.model import Cache, Config, HostPort, Secret, Session
from proxy.doctor.asking import machine
from proxy.doctor.asking.http import MAX_BODY, open_asker, way_out, way_to_upstream
from proxy.doctor.asking.redis import try_redis
from proxy.doctor.judging.answers import Heard, Silent, Trouble
from proxy.doctor.judging.machine import Binding, Memory
from proxy.doctor.judging.redis import Unusable, Used
from proxy.forward_proxy import ForwardProxyError
from proxy.source.mapping import Mappings
from tests.fakes.programs import redis_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.doctor.judging.answers import Answer

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
HELLO = b"HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 12:00:00 GMT\r\nContent-Length: 2\r\n\r\nhi"


@asynccontextmanager
async def saying(answer: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that reads one request and sends bytes, nothing for ever (``None``), or hangs up (empty)."""
    end = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        if answer is None:
            await end.wait()
        writer.write(answer or b"")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
        end.set()


async def ask(url: str, *, seconds: float = 30, way: URL | None = None) -> Answer:
    async with open_asker(seconds) as asker:
        return await asker.ask("GET", URL(url), way=lambda _: way)


async def test_an_answer() -> None:
    async with saying(HELLO) as port:
        answer = await ask(f"http://127.0.0.1:{port}/")
    assert isinstance(answer, Heard)
    assert (answer.status, answer.body) == (200, b"hi")
    assert answer.headers["date"].endswith("GMT")


async def test_a_redirect_is_not_followed() -> None:
    async with saying(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    ) as port:
        answer = await ask(f"http://127.0.0.1:{port}/")
    assert isinstance(answer, Heard)
    assert answer.status == 302


async def test_of_a_flood_only_the_beginning_is_read() -> None:
    async with saying(
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * (2 * MAX_BODY)
    ) as port:
        answer = await ask(f"http://127.0.0.1:{port}/")
    assert isinstance(answer, Heard)
    assert len(answer.body) == MAX_BODY


@pytest.mark.parametrize(
    ("said", "trouble"), [(b"", Trouble.CLOSED), (b"SSH-2.0-OpenSSH\r\n", Trouble.NOT_HTTP)]
)
async def test_no_answer(said: bytes, trouble: Trouble) -> None:
    async with saying(said) as port:
        assert await ask(f"http://127.0.0.1:{port}/") == Silent(trouble)


async def test_silence_ends() -> None:
    async with saying(None) as port:
        assert await ask(f"http://127.0.0.1:{port}/", seconds=0.05) == Silent(Trouble.TIMEOUT, "0.05 s")


async def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert await ask(f"http://127.0.0.1:{port}/") == Silent(Trouble.CONNECT, "Connection refused")


async def test_a_name_that_does_not_exist() -> None:
    assert await ask("http://does-not-exist.invalid/") == Silent(Trouble.DNS)


async def test_a_certificate_that_nobody_trusts() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with saying(HELLO, context) as port:
        answer = await ask(f"https://127.0.0.1:{port}/")
    assert isinstance(answer, Silent)
    assert answer.trouble is Trouble.CERTIFICATE
    assert "certificate" in answer.detail


async def test_a_certificate_of_a_private_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with saying(HELLO, context) as port:
        assert isinstance(await ask(f"https://127.0.0.1:{port}/"), Heard)


async def test_tls_where_there_is_none() -> None:
    async with saying(HELLO) as port:
        answer = await ask(f"https://127.0.0.1:{port}/")
    assert isinstance(answer, Silent)
    assert answer.trouble in {Trouble.TLS, Trouble.CLOSED}


async def test_a_forward_proxy_that_is_not_there() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        way = URL(f"http://user:hush@127.0.0.1:{bound.getsockname()[1]}")
        answer = await ask("https://github.example/", way=way)
    assert answer == Silent(Trouble.PROXY, "Connection refused")


def test_the_way_out_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "proxy.corp:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.corp:3129")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert way_out(URL("https://github.com")) == URL("http://proxy.corp:3128")
    assert way_out(URL("https://inside.example")) is None
    assert way_to_upstream(URL("http://pyroscope:4040")) is None
    assert way_out(URL("http://github.corp")) == URL("http://proxy.corp:3129")


def test_a_plain_pyroscope_is_asked_directly_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://hush:port")
    assert way_to_upstream(URL("http://pyroscope:4040")) is None
    with pytest.raises(ForwardProxyError):
        way_to_upstream(URL("https://pyroscope"))


async def test_a_forward_proxy_whose_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://[")
    async with open_asker() as asker:
        answer = await asker.ask("GET", "https://github.example/", way=way_out)
    assert answer == Silent(Trouble.PROXY, "its address is none")


def shared(url: str) -> Config:
    secrets = (Secret("0123456789abcdef0123456789abcdef"),)
    return replace(Config(), cache=Cache(redis_url=Secret(url)), session=Session(secrets))


async def test_a_redis_that_is_used() -> None:
    async with redis_server(
        "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", password="hush"
    ) as server:
        found = await try_redis(shared(server.url), 60)
        assert isinstance(found, Used)
        assert (found.same, found.expires) == (True, True)
        assert (found.policy, found.max_memory) == ("allkeys-lru", 64 * 1024 * 1024)
        assert await server.keys() == []


async def test_a_redis_with_another_password() -> None:
    async with redis_server(password="hush") as server:
        found = await try_redis(shared(f"unix://:wrong@{server.socket}"), 60)
    assert found == Unusable(Reason.REFUSED, "NOAUTH")


async def test_the_rights_that_the_documentation_names_are_enough() -> None:
    (rights,) = re.findall(r"`(\+get [^`]+)`", OPERATIONS.read_text("utf-8"))
    async with redis_server("--maxmemory", "64mb") as server:
        await server.ask("ACL", "SETUSER", "proxy", "on", ">hush", *rights.split())
        url = f"unix://proxy:hush@{server.socket}"
        found = await try_redis(shared(url), 60)
        wire = await dialer(Secret(url))()
        script = b"redis.call('SET', KEYS[1], '1', 'PX', '9'); return redis.call('DEL', KEYS[1])"
        await wire.send([(b"EVAL", script, b"1", b"sourceproxy:1:x")])
        assert await wire.receive() == 1
        await wire.close()
    assert isinstance(found, Used)
    assert found.max_memory == 64 * 1024 * 1024


async def test_a_redis_that_tells_nothing_of_its_memory() -> None:
    async with redis_server() as server:
        await server.ask("ACL", "SETUSER", "default", "-info")
        found = await try_redis(shared(server.url), 60)
    assert isinstance(found, Used)
    assert found.max_memory is None


async def test_a_redis_that_hangs_and_one_that_is_gone() -> None:
    async with redis_server() as server:
        server.hang()
        assert await try_redis(shared(server.url), 0.1) == Unusable(Reason.TIMEOUT)
        server.resume()
        server.kill()
        assert await try_redis(shared(server.url), 60) == Unusable(Reason.CONNECTION)


async def test_an_address_that_the_client_does_not_take() -> None:
    found = await try_redis(shared("redis://host?nonsense=1"), 60)
    assert isinstance(found, Unusable)
    assert found.sentence.startswith("cache.redis_url")


async def test_no_redis_and_no_secret() -> None:
    assert await try_redis(Config()) is None
    assert await try_redis(replace(shared("redis://host"), session=Session())) is None


async def test_addresses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert await machine.try_address(HostPort("127.0.0.1", port)) is Binding.TAKEN
        assert await machine.try_address(HostPort("0.0.0.0", port)) is Binding.TAKEN
    assert await machine.try_address(HostPort("127.0.0.1", port)) is Binding.FREE
    assert await machine.try_address(HostPort("localhost", 0)) is Binding.FREE
    # Of the network for documentation, https://www.rfc-editor.org/rfc/rfc5737
    assert await machine.try_address(HostPort("192.0.2.1", 0)) is Binding.NOT_HERE
    assert await machine.try_address(HostPort("does-not-exist.invalid", 0)) is Binding.UNKNOWN_NAME


@pytest.mark.parametrize(
    ("own", "files", "limit"),
    [
        ("0::/\n", {"memory.max": "536870912\n"}, 536870912),
        ("0::/pod/it\n", {"pod/it/memory.max": "max\n", "pod/memory.max": "268435456\n"}, 268435456),
        ("5:memory:/it\n", {"memory/it/memory.limit_in_bytes": "134217728\n"}, 134217728),
        ("0::/../../etc\n", {"memory.max": "1048576\n"}, 1048576),
    ],
)
def test_the_limit_of_the_control_group(own: str, files: dict[str, str], limit: int, tmp_path: Path) -> None:
    (tmp_path / "own").write_text(own)
    for name, content in files.items():
        (tmp_path / "cg" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cg" / name).write_text(content)
    assert machine.memory_limit(tmp_path / "cg", tmp_path / "own") == Memory(
        limit, "the control group's limit"
    )


@pytest.mark.parametrize("content", ["max\n", "9223372036854771712\n", "", "?"])
def test_without_a_limit_the_machine_s_memory_counts(content: str, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(content)
    found = machine.memory_limit(tmp_path, tmp_path / "none")
    assert found is not None
    assert found.source == "the machine's memory"
    assert found.limit > 0


def test_authorities(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    assert "cannot be read" in machine.authorities(str(path)).fault
    path.write_text("none")
    assert machine.authorities(str(path)).fault == "holds no certificate in PEM"
    trustme.CA().cert_pem.write_to_path(str(path))
    found = machine.authorities(str(path))
    assert (found.fault, found.count) == ("", 1)


def test_mappings(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    assert machine.read_mappings("") is None
    assert machine.read_mappings(str(path)) == "cannot be read: No such file or directory"
    path.write_text("source_code: 1")
    assert str(machine.read_mappings(str(path))).startswith("is not valid: ")
    path.write_text("")
    assert isinstance(machine.read_mappings(str(path)), Mappings)
