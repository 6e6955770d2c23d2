"""The main listener over TLS: what holds in plain text holds there."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from proxy.config.model import ListenTls
from proxy.door import door as door_module
from proxy.door.tls import ListenerTls
from tests.door.conftest import Connection, Setup, running_door, say_ok
from tests.door.test_patience import until

CLOSE = b"Host: h\r\nConnection: close\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
MIB = 2**20


def write(name: str, content: bytes) -> None:
    with Path(name).open("wb") as file:
        file.write(content)


class Site:
    """A certificate in files, and clients that trust it."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.files = ListenTls(str(folder / "cert.pem"), str(folder / "key.pem"))
        self.renew()
        self.tls = ListenerTls(self.files)

    def renew(self) -> None:
        issued = self.ca.issue_cert("127.0.0.1", "proxy.example")
        write(self.files.cert_file, b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(self.files.key_file)

    def client(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        return context


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def certificate(connection: Connection) -> bytes:
    made = connection.writer.get_extra_info("ssl_object")
    assert isinstance(made, ssl.SSLObject)
    found = made.getpeercert(binary_form=True)
    assert found is not None
    return found


async def test_a_request_comes_as_https(site: Site) -> None:
    async with running_door(say_ok, tls=site.tls.context) as setup:
        tls = site.client()
        tls.set_alpn_protocols(["h2", "http/1.1"])
        client = await setup.connect(tls=tls)
        made = client.writer.get_extra_info("ssl_object")
        assert made.selected_alpn_protocol() == "http/1.1"
        assert made.version() in {"TLSv1.2", "TLSv1.3"}
        for _ in range(2):
            await client.send(GET)
            head = await client.head()
            got = await client.head()
            assert head.startswith(b"HTTP/1.1 200")
            assert b"\r\nX-Forwarded-Proto: https\r\n" in got
            assert b"\r\nX-Forwarded-For: 127.0.0.1\r\n" in got


def test_old_versions_of_tls_are_not_spoken(site: Site) -> None:
    assert site.tls.context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_bodies_stream_both_ways(site: Site) -> None:
    body = bytes(range(256)) * (16 * MIB // 256)

    async def script(connection: Connection) -> None:
        await connection.head()
        got = await connection.reader.readexactly(len(body))
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(got), got))

    async with running_door(script, tls=site.tls.context) as setup:
        client = await setup.connect(tls=site.client())
        sending = asyncio.create_task(
            client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        )
        await client.head()
        assert await client.reader.readexactly(len(body)) == body
        await sending


async def test_a_client_that_does_not_read_stops_the_upstream(site: Site) -> None:
    pieces, sent = 256, 0

    async def script(connection: Connection) -> None:
        nonlocal sent
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (pieces * MIB // 4))
        for sent in range(1, pieces + 1):  # noqa: B007 - what counts is how far it came
            await connection.send(bytes(MIB // 4))

    async with running_door(script, tls=site.tls.context) as setup:
        client = await setup.connect(tls=site.client(), limit=1024)
        await client.send(GET)
        await until(lambda: any(c.exchanging and c.exchanging._client_paused for c in setup.door._clients))  # type: ignore[attr-defined]  # of the class
        (held,) = setup.door._clients
        assert held.transport.get_write_buffer_size() < 2 * MIB
        assert sent < pieces
        await client.reader.readuntil(b"\r\n\r\n")
        for _ in range(pieces):
            await client.reader.readexactly(MIB // 4)


async def test_an_answer_that_breaks_off_is_no_end(site: Site) -> None:
    """Without a length, a goodbye of TLS would make the half look whole."""
    seen = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await seen.wait()
        connection.close()

    async with running_door(script, tls=site.tls.context) as setup:
        client = await setup.connect(tls=site.client())
        await client.send(b"GET / HTTP/1.0\r\n\r\n")
        await client.head()
        assert await client.reader.readexactly(5) == b"hello"
        seen.set()
        with pytest.raises(ConnectionResetError):
            await client.reader.read()


async def test_a_client_that_goes_away_cancels_the_upstream_call(site: Site) -> None:
    gone = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        try:
            assert await connection.reader.read() == b""
        finally:
            gone.set()

    async with running_door(script, tls=site.tls.context) as setup:
        client = await setup.connect(tls=site.client())
        await client.send(GET)
        await until(lambda: setup.connections)
        client.reset()
        await asyncio.wait_for(gone.wait(), 10)


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"GET / HTTP/1.1\r\n" + CLOSE, b"200"), (b"GET /\r\n\r\n", b"505"), (b"BREW /\r\n" + CLOSE, b"501")],
)
async def test_the_last_answer_arrives_whole_and_with_a_goodbye(
    site: Site, monkeypatch: pytest.MonkeyPatch, sent: bytes, status: bytes
) -> None:
    monkeypatch.setattr("proxy.door.closing._LINGER_SECONDS", 0.1)
    async with running_door(say_ok, tls=site.tls.context, response_timeout=0.5) as setup:
        client = await setup.connect(tls=site.client())
        await client.send(sent)
        answer = await asyncio.wait_for(client.reader.read(), 10)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split(b" ")[1] == status
        assert b"Content-Length: %d" % len(body) in head


async def test_draining_finishes_what_runs(site: Site) -> None:
    answer_now = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await answer_now.wait()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(script, tls=site.tls.context) as setup:
        client, idle = await setup.connect(tls=site.client()), await setup.connect(tls=site.client())
        await client.send(GET)
        await until(lambda: setup.connections)
        draining = asyncio.create_task(setup.door.drain(20))
        await until(lambda: setup.door.draining)
        answer_now.set()
        assert b"Connection: close" in await client.head()
        assert await client.reader.read() == b"ok"
        assert await idle.reader.read() == b""
        await asyncio.wait_for(draining, 10)


@pytest.mark.parametrize("names_a_server", [True, False])
async def test_a_renewed_certificate_is_used_for_new_connections(site: Site, names_a_server: bool) -> None:
    async def connect(setup: Setup) -> Connection:
        context = site.client()
        context.check_hostname = False
        name = "proxy.example" if names_a_server else ""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", setup.port, ssl=context, server_hostname=name
        )
        setup.clients.append(Connection(reader, writer, len(setup.clients) + 1))
        return setup.clients[-1]

    async with running_door(say_ok, tls=site.tls.context) as setup:
        old = await connect(setup)
        site.renew()
        site.tls.prepare()()
        new = await connect(setup)
        assert certificate(old) != certificate(new)
        for client in (old, new):
            await client.send(GET)
            assert b" 200 " in await client.head()
        assert new.writer.get_extra_info("ssl_object").selected_alpn_protocol() is None
        write(site.files.key_file, site.ca.private_key_pem.bytes())
        with pytest.raises(OSError, match=r"^listen_tls\.key_file: .* is not the key of"):
            site.tls.prepare()()
        assert certificate(await connect(setup)) == certificate(new)


async def test_what_is_not_tls_is_turned_away_and_the_door_stays_open(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "_HANDSHAKE_SECONDS", 0.1)
    async with running_door(say_ok, tls=site.tls.context) as setup:
        for noise in (GET, b"\x16\x03\x01\xff\xff", b""):
            client = await setup.connect()
            await client.send(noise)
            answer = await asyncio.gather(client.reader.read(), return_exceptions=True)
            assert b"HTTP" not in (answer[0] if isinstance(answer[0], bytes) else b"")
        client = await setup.connect(tls=site.client())
        await client.send(GET)
        assert b" 200 " in await client.head()
        assert setup.connections[1:] == []


def spoil(site: Site, what: str) -> None:
    match what:
        case "no key":
            site.ca.cert_pem.write_to_path(site.files.key_file)
        case "noise":
            for name in (site.files.cert_file, site.files.key_file):
                write(name, b"\x00\xff")
        case "passphrase":
            from cryptography.hazmat.primitives import serialization as form

            key = form.load_pem_private_key(site.ca.private_key_pem.bytes(), None)
            locked = form.BestAvailableEncryption(b"x")
            pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, locked)
            write(site.files.key_file, pem)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("no key", r"^listen_tls: .* is damaged or not in PEM form"),
        ("noise", r"^listen_tls: .* is damaged or not in PEM form"),
        ("passphrase", r"^listen_tls\.key_file: the key needs a passphrase"),
    ],
)
def test_files_that_cannot_be_used_are_named(site: Site, what: str, message: str) -> None:
    spoil(site, what)
    with pytest.raises(OSError, match=message):
        ListenerTls(site.files)


@pytest.mark.parametrize("key", ["cert_file", "key_file"])
def test_a_file_that_is_not_there_is_named(site: Site, key: str) -> None:
    with pytest.raises(OSError, match=rf"^listen_tls\.{key}: gone.pem cannot be read: No such file"):
        ListenerTls(replace(site.files, **{key: "gone.pem"}))
