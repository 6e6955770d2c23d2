"""What the methods add to what is behind them: words, the answer's form, limits."""

from __future__ import annotations

import base64

import pytest

from proxy import vcs
from proxy.errors import Code, RpcError
from proxy.github.model import Commit
from proxy.library import Outcome
from proxy.source.model import File, Found, Frame, Language, NotFound, Repository, Snapshot

FILE = File(Snapshot(Repository("o", "n"), "main", "a" * 40), "a.go", "b" * 40, b"package a\n")
FOUND = Found(Language.GO, "root_path", FILE)
COMMIT = Commit(
    "a" * 40, "message\n\nmore", "2023-11-14T22:13:20Z", "ada", "https://a/v", "https://g/commit/a"
)


@pytest.mark.parametrize("size", [0, 1, 1000, vcs._SLOW_TO_ENCODE - 1, vcs._SLOW_TO_ENCODE, 3_000_001])
async def test_content_is_base64_whatever_its_size(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert base64.b64decode(await vcs._base64(content), validate=True) == content


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
