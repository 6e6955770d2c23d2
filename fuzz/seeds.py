"""What each corpus began with, made from the data of the tests: ``python -m fuzz.seeds`` writes it anew."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

from fuzz.corpora import keep
from proxy.github.model import git_blob_oid
from proxy.proto import querier_pb2, source_pb2, vcs_pb2
from proxy.session import COOKIE_NAME
from tests.profile.building import V1, Builder
from tests.session.vectors import SEALED
from tests.source import documents
from tests.source.go import test_gomod as gomod
from tests.source.javascript import test_locks as locks
from tests.source.python import test_requirements as requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHA = "0123456789abcdef0123456789abcdef01234567"
_CONTENT = b"package a\n"


def main() -> None:
    """Write every seed into the corpus of its target."""
    for target, seeds in (
        ("answers", _answers()),
        ("connect", _connect()),
        ("cookie", _cookie()),
        ("github", _github()),
        ("gomod", iter([gomod.WHOLE])),
        ("locks", _locks()),
        ("mappings", _mappings()),
        ("packages", _packages()),
        ("pprof", _pprof()),
        ("requests", _requests()),
    ):
        keep(target, seeds, name="seed")


def _answers() -> Iterator[bytes]:
    for head in (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close, x-a\r\nX-A: 1\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nKeep-Alive: timeout=5\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    ):
        yield b"GET\n" + head
        yield b"HEAD\n" + head


def _connect() -> Iterator[bytes]:
    messages = {
        b"login": vcs_pb2.GithubLoginRequest(authorizationCode="code"),
        b"file": vcs_pb2.GetFileRequest(repositoryURL="https://github.com/a/b", ref="main", localPath="a.go"),
        b"commits": vcs_pb2.GetCommitsRequest(repository_url="https://github.com/a/b", refs=["a", "b"]),
        b"details": source_pb2.GetFunctionDetailsRequest(functionName="f", start=1, end=2, wholeFile=True),
    }
    for name, message in messages.items():
        yield b"proto " + name + b"\n" + message.SerializeToString()
    yield b'json login\n{"authorizationCode":"code"}'
    yield b'json file\n{"repositoryURL":"https://github.com/a/b","ref":"main","localPath":"a\\u00e9.go"}'
    yield b'json commits\n{"repository_url":"https://github.com/a/b","refs":["a",null]}'
    yield b'json details\n{"functionName":"f","start":"1","end":2e3,"callPath":["a"],"unknown":[{"a":NaN}]}'
    yield b"gzip\n" + gzip.compress(b"hello " * 40, mtime=0)
    for value in (b"application/json; charset=utf-8", b"gzip;q=0.5, identity", b"30000", b"a-b:1", b"br"):
        yield b"headers\n" + value


def _cookie() -> Iterator[bytes]:
    for vector in SEALED:
        value = base64.b64encode(json.dumps({"token": vector["sealed"]}).encode())
        yield b"header\na=b; " + COOKIE_NAME.encode() + b"=" + value
        yield b"object\n" + json.dumps({"metadata": vector["sealed"], "expiry": 1}).encode()
    yield b"value\n" + base64.urlsafe_b64encode(b'{"token":"??>>"}').replace(b"=", b"%3D")
    yield b'sealed\n{"access_token":"gho_1","token_type":"bearer","expiry":"2030-01-02T03:04:05.12345+01:00"}'
    yield b'sealed\n{"access_token":"gho_1","refresh_token":"ghr_1","expiry":"0001-01-01T00:00:00Z"}'
    yield b"changed\n"
    yield b"changed\n\x03\x01\x0d\x80"


def _github() -> Iterator[bytes]:
    file = {
        "type": "file", "encoding": "base64", "size": len(_CONTENT), "path": "a.go", "sha": _SHA,
        "content": base64.b64encode(_CONTENT).decode(),
    }  # fmt: skip
    yield b"contents\n" + json.dumps(file).encode()
    yield b"contents\n" + json.dumps({"type": "symlink", "target": "../b.go", "path": "a.go"}).encode()
    yield b"contents\n" + json.dumps({"submodule_git_url": "git://x/y", "sha": _SHA, "path": "lib"}).encode()
    yield b"contents\n[]"
    repository = {"full_name": "acme/shop", "private": False, "default_branch": "main", "node_id": "R_1"}
    yield b"repository\n" + json.dumps(repository).encode()
    commit = {"sha": _SHA, "commit": {"message": "m", "author": {"date": "2024-01-01T00:00:00Z"}}}
    yield (
        b"commit\n" + json.dumps({**commit, "author": {"login": "ada", "avatar_url": "https://a/b"}}).encode()
    )
    entry = {"path": "a/b.go", "mode": "100644", "type": "blob", "sha": _SHA, "size": 3}
    yield b"tree\n" + json.dumps({"sha": _SHA, "tree": [entry], "truncated": False}).encode()
    yield from _graphql()
    yield (
        b'answer\n403\nX-GitHub-SSO: required; url=https://github.com/orgs/a/sso?x=1\n\n{"message":"SAML $T"}'
    )
    yield (
        b"answer\n403\nretry-after: 60\nx-ratelimit-remaining: 0\n\n" + b'{"message":"secondary rate limit"}'
    )
    yield b"answer\n429\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\n\n{}"
    yield b'answer\n403\n\n{"message":"Resource not accessible by x","errors":[{"code":"too_large"}]}'
    yield b'answer\n409\nETag: W/"abc"\n\n{"message":"Git Repository is empty."}'
    yield b'login\n200\n\n{"access_token":"gho_1","expires_in":28800,"refresh_token":"ghr_1"}'
    yield b"login\n200\n\naccess_token=gho_1&token_type=bearer&expires_in=28800"
    yield b'login\n200\n\n{"error":"bad_verification_code"}'


def _graphql() -> Iterator[bytes]:
    commit = {
        "__typename": "Commit", "oid": _SHA, "message": "m", "authoredDate": "2024-01-01T00:00:00Z",
        "author": {"user": {"login": "ada", "avatarUrl": "https://a/b"}},
    }  # fmt: skip
    blob = {
        "__typename": "Blob", "oid": git_blob_oid(_CONTENT), "byteSize": len(_CONTENT), "isBinary": False,
        "isTruncated": False, "text": _CONTENT.decode(),
    }  # fmt: skip
    whose = {"id": "R_1", "nameWithOwner": "acme/shop", "isPrivate": False}
    look = {**whose, "ref": {"__typename": "Tag", "target": commit}, "p0": blob, "p1": None}
    yield b"look\n" + json.dumps({"data": {"repository": look}}).encode()
    survey = {**whose, "r0x0": None, "r0x1": commit, "r0x2": None, "r1x0": commit}
    yield b"survey\n" + json.dumps({"data": {"repository": survey}}).encode()
    missing = {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve"}
    yield b"look\n" + json.dumps({"data": {"repository": None}, "errors": [missing]}).encode()
    limited = {"type": "RATE_LIMITED", "message": "API rate limit exceeded"}
    yield b"survey\n" + json.dumps({"data": None, "errors": [limited]}).encode()


def _locks() -> Iterator[bytes]:
    yield b"uv.lock\n" + requirements.UV
    yield b"poetry.lock\n" + requirements.POETRY
    yield b"requirements.txt\n" + requirements.REQUIREMENTS
    yield b"pyproject.toml\n" + requirements.PYPROJECT
    yield b'Pipfile.lock\n{"default":{"a":{"version":"==1.0"},"b":{"git":"https://x/y","ref":"main"}}}'
    yield b"package-lock.json\n" + json.dumps(locks.NPM).encode()
    yield b'package-lock.json\n{"dependencies":{"a":{"version":"1.0.0","dependencies":{"@s/b":{}}}}}'
    yield b"yarn.lock\n" + locks.YARN_1.encode()
    yield b"yarn.lock\n" + locks.YARN.encode()
    yield b"pnpm-lock.yaml\n" + locks.PNPM_6.encode()
    yield b'.gitmodules\n[submodule "lib"]\n\tpath = lib\n\turl = ../other.git # there\n'


def _mappings() -> Iterator[bytes]:
    for name, text in vars(documents).items():
        if name.isupper() and isinstance(text, str):
            yield text.encode()
    yield b"source_code: {mappings: [&a {path: [{prefix: a}], language: go, source: {local: {}}}, *a]}"
    yield b"version: 2\nsource_code:\n  mappings:\n  - <<: {language: c}\n    source: {local: {}, github: 1}"


def _packages() -> Iterator[bytes]:
    where = {"VCS": "git", "URL": "https://github.com/a/b", "Ref": "refs/tags/v1.0.0", "Hash": _SHA}
    yield b"origin\n" + json.dumps({"Version": "v1.0.0", "Origin": {**where, "Subdir": "x/y"}}).encode()
    yield b'page\n<head><meta name="go-import" content="example.org/a git https://github.com/a/b sub">'
    yield b'page\n<META content="example.org/a https://x _ _" name="go-source"><body><meta>'
    info = {"name": "demo", "version": "1.0", "project_urls": {"Source": "https://github.com/a/demo"}}
    yield b"pypi\n" + json.dumps({"info": {**info, "home_page": "https://example.org"}}).encode()
    about = {"version": "1.0.0", "gitHead": _SHA, "repository": {"url": "git+https://github.com/a/b.git"}}
    yield b"npm\n" + json.dumps({**about, "homepage": "https://github.com/a/b#readme"}).encode()
    yield b'npm\n{"repository":"github:a/b"}'


def _pprof() -> Iterator[bytes]:
    builder = Builder()
    main, f = builder.at("main", 9), builder.at("f", 3, mapping=builder.mapping(V1))
    builder.sample(10, f, main)
    builder.sample(-3, f, f, main)
    profile = builder.encoded()
    for kind in (b"profile\n", b"path\n"):
        yield kind + profile
    answer = querier_pb2.SelectMergeStacktracesResponse.FromString(
        b"\x2a" + _sized(b"\x0a" + _sized(profile))
    )
    yield b"answer\n" + answer.SerializeToString()
    yield b"gzip\n" + gzip.compress(profile, mtime=0)


def _sized(content: bytes) -> bytes:
    """A length as protobuf writes it, and what is so long."""
    length, size = bytearray(), len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*length, size]) + content


def _requests() -> Iterator[bytes]:
    host = b"Host: a\r\n"
    trace = b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
    yield b"GET /a?b=c HTTP/1.1\r\n" + host + trace + b"X-Forwarded-For: 1.2.3.4\r\n\r\n"
    yield b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nConnection: x-a\r\nX-A: 1\r\n\r\nhello"
    chunks = b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n"
    yield (
        b"POST /vcs.v1.VCSService/GetFile HTTP/1.1\r\n"
        + host
        + chunks
        + b"GET / HTTP/1.1\r\n"
        + host
        + b"\r\n"
    )
    yield b"GET http://user:pw@other/x HTTP/1.0\r\n\r\n"
    yield b"OPTIONS * HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n"
    upgrade = b"Connection: upgrade\r\nUpgrade: websocket\r\n"
    yield b"POST /w HTTP/1.1\r\n" + host + upgrade + b"Content-Length: 2\r\n\r\nhi"
    yield b"POST /w HTTP/1.1\r\n" + host + upgrade + chunks
    yield b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


if __name__ == "__main__":
    main()
