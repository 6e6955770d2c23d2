from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from proxy.proto import vcs_pb2
from tests.connect.service import LOGIN
from tests.connect.wire import BACKEND, JSON, PROTO, post, zipped

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL


async def test_as_the_browser_sends_it(http: aiohttp.ClientSession, vcs: URL) -> None:
    status, headers, body = await post(
        http,
        vcs / "GetFile",
        {
            "repositoryURL": "https://github.com/o/r",
            "ref": "1",
            "localPath": "main.go",
            "rootPath": "",
            "functionName": "main.main",
        },
        JSON
        | {
            "Accept": "application/json, text/plain, */*",
            "Accept-Encoding": "gzip, deflate, br",
            "Cookie": "pyroscope_git_session=abc",
            "X-Forwarded-For": "10.0.0.1, 127.0.0.1",
            "User-Agent": "Grafana/12.1.0",
        },
    )
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body) == {
        "content": base64.b64encode(b"main.go").decode(),
        "URL": "https://github.com/o/r",
    }


async def test_as_the_backend_sends_it(http: aiohttp.ClientSession, vcs: URL) -> None:
    request = vcs_pb2.GetFileRequest(repositoryURL="r", ref="1000", localPath="main.go")
    status, headers, body = await post(http, vcs / "GetFile", request.SerializeToString(), BACKEND)
    assert (status, headers["Content-Type"], headers["Content-Encoding"]) == (
        200,
        "application/proto",
        "gzip",
    )
    answer = vcs_pb2.GetFileResponse.FromString(gzip.decompress(body))
    assert base64.b64decode(answer.content) == b"main.go" * 1000


async def test_64_bit_integers_are_strings_in_json(http: aiohttp.ClientSession, vcs: URL) -> None:
    _, _, body = await post(http, vcs / "GithubLogin", {"authorizationCode": "c"})
    answer = json.loads(body)
    assert answer["tokenExpiresAt"] == "1800000000000"
    assert answer["refreshTokenExpiresAt"] == "9007199254740993"
    _, _, body = await post(http, vcs / "GithubLogin", b"\n\x01c", PROTO)
    assert vcs_pb2.GithubLoginResponse.FromString(body) == LOGIN


@pytest.mark.parametrize("name", ["repositoryUrl", "repository_url"])
async def test_both_names_of_a_field_are_read_and_unknown_ones_ignored(
    http: aiohttp.ClientSession, vcs: URL, name: str
) -> None:
    status, _, body = await post(http, vcs / "GetCommits", {name: "r", "refs": ["a"], "new": {"x": [1]}})
    expected = {"commits": [{"author": {"login": "gopher", "avatarURL": "r"}, "sha": "a"}]}
    assert (status, json.loads(body)) == (200, expected)


async def test_headers_of_every_answer(http: aiohttp.ClientSession, vcs: URL) -> None:
    sent = JSON | {"X-Request-Id": "a1-b2", "X-Scope-OrgID": "team"}
    status, headers, body = await post(http, vcs / "GithubApp", {}, sent)
    assert (status, json.loads(body)) == (200, {"clientID": "client", "callbackURL": "team"})
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["X-Request-Id"] == "a1-b2"
    assert headers["Server-Timing"] == "known"
    assert "Content-Encoding" not in headers


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity"])
async def test_compressed_requests(http: aiohttp.ClientSession, vcs: URL, encoding: str) -> None:
    body = b'{"authorizationCode":"c"}'
    sent = zipped(body) if encoding.lower() == "gzip" else body
    status, _, _ = await post(http, vcs / "GithubLogin", sent, JSON | {"Content-Encoding": encoding})
    assert status == 200


@pytest.mark.parametrize(
    ("accept_encoding", "size", "compressed"),
    [
        ("gzip", 2000, True),
        ("gzip;q=0", 2000, False),
        ("br", 2000, False),
        ("", 2000, False),
        ("gzip", 10, False),
    ],
)
async def test_compressed_answers(
    http: aiohttp.ClientSession, vcs: URL, accept_encoding: str, size: int, compressed: bool
) -> None:
    headers = JSON | ({"Accept-Encoding": accept_encoding} if accept_encoding else {})
    _, answered, body = await post(http, vcs / "GetFile", {"ref": str(size), "localPath": "x"}, headers)
    assert answered.get("Content-Encoding") == ("gzip" if compressed else None)
    answer = json.loads(gzip.decompress(body) if compressed else body)
    assert base64.b64decode(answer["content"]) == b"x" * size


async def test_a_large_answer_is_whole(http: aiohttp.ClientSession, vcs: URL) -> None:
    headers = JSON | {"Accept-Encoding": "gzip"}
    _, _, body = await post(http, vcs / "GetFile", {"ref": "100000", "localPath": "0123456789"}, headers)
    assert base64.b64decode(json.loads(gzip.decompress(body))["content"]) == b"0123456789" * 100_000
