"""No bytes sent to the edge give a 5xx that a handler did not ask for."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connect.service import SERVICE, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yarl import URL

# What a header's value may be on the wire (RFC 9110, section 5.5), bytes above 127 included.
header_values = st.binary(max_size=24).map(
    lambda value: bytes(byte for byte in value if byte == 9 or (byte > 31 and byte != 127))
)
bodies = (
    st.binary(max_size=200)
    | st.binary(max_size=200).map(gzip.compress)
    | st.dictionaries(st.sampled_from(["authorizationCode", "x"]), st.text() | st.integers() | st.none()).map(
        lambda fields: json.dumps(fields).encode()
    )
)


def likely(*values: bytes) -> st.SearchStrategy[bytes | None]:
    return st.none() | st.sampled_from(values) | header_values


heads = st.fixed_dictionaries(
    {
        b"Content-Type": likely(
            b"application/json", b"application/proto", b"application/json; charset=utf-8"
        ),
        b"Content-Encoding": likely(b"gzip", b"identity", b"br", b"deflate", b"zstd"),
        b"Accept-Encoding": likely(b"gzip", b"gzip;q=0.5, identity", b"*"),
        b"Connect-Timeout-Ms": st.none() | st.sampled_from([b"30000", b"x", b"99999999999"]),
        b"Connect-Protocol-Version": likely(b"1"),
        b"X-Request-Id": likely(b"abc"),
        b"Cookie": likely(b"pyroscope_git_session=x"),
    }
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def url(runner: asyncio.Runner) -> Iterator[URL]:
    server = serving()
    yield runner.run(server.__aenter__())
    runner.run(server.__aexit__(None, None, None))


async def status_of(url: URL, request: bytes) -> int:
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(request)
    status_line = await reader.readline()
    await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(status_line.split()[1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(
    method=st.sampled_from(["GithubApp", "GithubLogin", "GetCommits", "Unknown"]),
    verb=st.sampled_from([b"POST", b"POST", b"POST", b"GET", b"PUT"]),
    head=heads,
    body=bodies,
)
def test_no_request_is_an_internal_error(
    runner: asyncio.Runner,
    url: URL,
    *,
    method: str,
    verb: bytes,
    head: dict[bytes, bytes | None],
    body: bytes,
) -> None:
    lines = [
        b"%s /%s/%s HTTP/1.1" % (verb, SERVICE.encode(), method.encode()),
        b"Host: x",
        b"Connection: close",
    ]
    lines += [b"%s: %s" % (name, value) for name, value in head.items() if value is not None]
    lines += [b"Content-Length: %d" % len(body), b"", body]
    assert runner.run(status_of(url, b"\r\n".join(lines))) in {200, 400, 404, 405, 415, 429, 501}
