"""What the methods add to what is behind them: words, the answer's form, limits."""

from __future__ import annotations

import pytest

from proxy import vcs
from proxy.connect import codec
from proxy.connect.headers import Compression, Format
from proxy.errors import Code, RpcError
from proxy.github.model import Commit
from proxy.library import Outcome
from proxy.proto import vcs_pb2
from proxy.source.model import File, Found, Frame, Language, NotFound, Repository, Snapshot

FILE = File(Snapshot(Repository("o", "n"), "main", "a" * 40), "a.go", "b" * 40, b"package a\n")
FOUND = Found(Language.GO, "root_path", FILE)
COMMIT = Commit(
    "a" * 40, "message\n\nmore", "2023-11-14T22:13:20Z", "ada", "https://a/v", "https://g/commit/a"
)


@pytest.mark.parametrize("size", [0, 1, 500, 3_000_001])
@pytest.mark.parametrize("wanted", list(Format))
@pytest.mark.parametrize("compressed", [False, True])
def test_a_message_is_written_in_the_form_that_is_wanted(
    size: int, wanted: Format, *, compressed: bool
) -> None:
    message = vcs_pb2.GetFileResponse(content="A" * size, URL="https://g/x")
    written = vcs.encoded(message, wanted, compressed=compressed)
    body = written.body(wanted)
    assert codec.decode(vcs_pb2.GetFileResponse, wanted, body) if size < 1000 else len(body) > size
    gzip = written.gzipped(wanted)
    assert (gzip is not None) is (compressed and size > codec.MIN_COMPRESSED_SIZE)
    assert gzip is None or codec.decompress(gzip, Compression.GZIP) == body
    assert written.size == len(body) + len(gzip or b"")


def test_what_was_found_is_given() -> None:
    assert vcs.found_file(Outcome(FOUND, (), 0.1, 2)) is FILE


def test_what_was_not_found_says_why() -> None:
    with pytest.raises(RpcError, match=r"^looked everywhere$") as caught:
        vcs.found_file(Outcome(NotFound(Language.GO, "looked everywhere"), (), 0.1, 2))
    assert caught.value.code is Code.NOT_FOUND


@pytest.mark.parametrize("code", Code)
def test_what_kept_it_from_being_found_is_raised_as_it_is(code: Code) -> None:
    error = RpcError(code, "no", retry_after=3)
    with pytest.raises(RpcError) as caught:
        vcs.found_file(Outcome(error, (), 0.1, 2))
    assert caught.value is error


@pytest.mark.parametrize(("path", "function"), [("a.go", ""), ("", "f"), ("a.go", "f")])
def test_a_frame_that_names_anything_will_do(path: str, function: str) -> None:
    assert vcs.require_frame(Frame(path, function)) == Frame(path, function)


def test_a_frame_that_names_nothing_does_not() -> None:
    with pytest.raises(RpcError, match="localPath or a functionName") as caught:
        vcs.require_frame(Frame("", ""))
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_a_commit_keeps_everything() -> None:
    info = vcs._commit_info(COMMIT)
    assert (info.sha, info.message, info.date) == (COMMIT.sha, COMMIT.message, COMMIT.date)
    assert (info.URL, info.author.login, info.author.avatarURL) == (COMMIT.page_url, "ada", "https://a/v")


def test_an_author_without_login_is_left_out() -> None:
    info = vcs._commit_info(Commit("a" * 40, "m", "d", "", "https://a/v", "u"))
    assert not info.HasField("author")


def test_the_time_is_said_in_the_way_of_browsers() -> None:
    header = vcs.server_timing(Outcome(FOUND, (), 0.0123, 2))
    assert header == 'resolve;desc="root_path";dur=12.3, github;desc="calls 2"'
    assert '"none"' in vcs.server_timing(Outcome(NotFound(Language.GO, ""), (), 0, 0))
