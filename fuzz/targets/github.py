"""Answers of GitHub, or of whatever answers in its place: files, commits, trees, refusals, tokens."""

from __future__ import annotations

from multidict import CIMultiDict
from yarl import URL

from fuzz.targets.target import assert_sentence, split
from proxy import oauth
from proxy.errors import RpcError
from proxy.github import api, graphql, limits, names, refusals
from proxy.github.jsonvalue import Malformed
from proxy.github.model import RemoteFile, git_blob_oid
from proxy.github.wire import Response
from proxy.source.model import Repository

_REPOSITORY = Repository("acme", "shop")
_API = api.Api(URL("https://github.com"), URL("https://api.github.com"))
_NOW, _TOKEN = 1_700_000_000.0, "gho_0123456789abcdefABCDEF"
_ASKED = refusals.Asked(_NOW, URL("https://github.com"), _TOKEN)
_PATHS, _REFS = ("a.go", "b/c.go"), ("main", "0123456789abcdef0123456789abcdef01234567")


def check(data: bytes) -> None:
    """Each reader ends in what its documentation says or in its own exceptions, and tells no token."""
    kind, rest = split(data, tuple(_READERS))
    try:
        _READERS[kind](rest)
    except Malformed as error:
        assert_sentence(api.unreadable(error).message)
    except graphql.Unusable as error:
        assert_sentence(str(error))
    except RpcError as error:
        _check_refusal(error)


def _repository(body: bytes) -> None:
    assert names.is_repository(api.read_repository(body).repository)


def _commit(body: bytes) -> None:
    commit = api.read_commit(body, _API, _REPOSITORY)
    assert names.is_sha(commit.sha)
    commit.message.encode()


def _tree(body: bytes) -> None:
    for entry in api.read_tree(body).entries:
        assert names.is_path(entry.path)
        assert names.is_sha(entry.oid)


def _login(data: bytes) -> None:
    token = oauth.read_token_answer(_response(data), _NOW).token
    assert token.access_token.isprintable()


def _contents(body: bytes) -> None:
    found = api.read_contents(body, "asked/path.go")
    if isinstance(found, RemoteFile):
        assert found.oid == git_blob_oid(found.content)
    assert names.is_path(found.path)


def _survey(body: bytes) -> None:
    found = graphql.read_answer(Response(200, CIMultiDict(), body), _ASKED)
    if found is not None:
        assert set(graphql.read_survey(found, _REFS, _API).commits) == set(_REFS)


def _look(body: bytes) -> None:
    found = graphql.read_answer(Response(200, CIMultiDict(), body), _ASKED)
    if found is None:
        return
    look = graphql.read_look(found, _PATHS, _API)
    assert set(look.blobs) == set(_PATHS)
    for blob in look.blobs.values():
        if blob is not None and blob.content is not None:
            assert blob.oid == git_blob_oid(blob.content)


def _answer(data: bytes) -> None:
    response = _response(data)
    refusals.is_absent(response)
    refusals.is_permission(response)
    graphql.read_limited(response, _NOW)
    seen = limits.read_rate_limit(response.headers, "graphql")
    assert seen is None or seen.resource in (*limits.RESOURCES, "other")
    assert 1 <= limits.wait(response.headers, _NOW) <= limits.LONGEST_WAIT
    etag = api.etag_of(response)
    assert etag.isascii()
    assert etag.isprintable()
    raise refusals.refusal(response, _ASKED)


def _check_refusal(error: RpcError) -> None:
    assert_sentence(error.message)
    assert _TOKEN not in error.message
    assert error.retry_after is None or 0 <= error.retry_after <= limits.LONGEST_WAIT


def _response(data: bytes) -> Response:
    """From a status, header lines, an empty line and a body; the token may stand anywhere in it as $T."""
    head, _, body = data.replace(b"$T", _TOKEN.encode()).partition(b"\n\n")
    status, *lines = head.decode("utf-8", "surrogateescape").split("\n")
    headers: CIMultiDict[str] = CIMultiDict()
    for line in lines:
        name, _, value = line.partition(":")
        headers.add(name.strip(), value.strip())
    known = status.isascii() and status.isdigit() and len(status) <= 3
    return Response(int(status) if known else 403, headers, body)


_READERS = {
    b"contents": _contents,
    b"repository": _repository,
    b"commit": _commit,
    b"tree": _tree,
    b"look": _look,
    b"survey": _survey,
    b"answer": _answer,
    b"login": _login,
}
