from __future__ import annotations

import pytest
from multidict import CIMultiDict

from proxy.querier.headers import forwarded, without_session

OURS = {"Content-Type": "application/proto", "Connect-Protocol-Version": "1", "Accept-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Scope-OrgID", "acme"),
        ("Authorization", "Bearer of-the-gateway"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Request-Id", "abc"),
        ("User-Agent", "Grafana/12"),
        ("X-Grafana-Org-Id", "1"),
        ("Cookie", "grafana_session=abc; other=1"),
        ("Referer", "https://grafana/"),
    ],
)
def test_what_is_meant_for_pyroscope_goes_along(name: str, value: str) -> None:
    assert forwarded(CIMultiDict({name: value})) == CIMultiDict({name: value, **OURS})


@pytest.mark.parametrize(
    "name",
    [
        "Connection",
        "Keep-Alive",
        "Proxy-Authorization",
        "TE",
        "Transfer-Encoding",
        "Upgrade",
        "Host",
        "Expect",
        "Accept",
        "Range",
        "If-None-Match",
        "Content-Length",
        "Content-Encoding",
        "Content-Language",
        "Connect-Timeout-Ms",
        "Connect-Accept-Encoding",
        "CONTENT-MD5",
    ],
)
def test_what_speaks_of_the_connection_or_the_message_does_not(name: str) -> None:
    assert forwarded(CIMultiDict({name: "x"})) == CIMultiDict(OURS)


def test_our_own_content_type_and_encoding_stand_in_the_place_of_the_caller_s() -> None:
    sent = CIMultiDict({"content-type": "application/json", "accept-encoding": "br", "Accept": "*/*"})
    assert forwarded(sent) == CIMultiDict(OURS)


def test_what_connection_names_ends_here() -> None:
    sent = CIMultiDict(
        [("Connection", "close, X-Hop"), ("Connection", "x-other"), ("X-Hop", "1"), ("X-Other", "1")]
    )
    assert forwarded(sent) == CIMultiDict(OURS)


def test_headers_that_come_twice_go_twice() -> None:
    sent = CIMultiDict([("X-Gateway", "1"), ("X-Gateway", "2")])
    assert forwarded(sent).getall("x-gateway") == ["1", "2"]


def test_the_time_that_is_left_goes_along() -> None:
    assert forwarded(CIMultiDict(), timeout_ms=1500)["Connect-Timeout-Ms"] == "1500"


def test_bytes_that_are_no_text_are_left_behind() -> None:
    sent = CIMultiDict({"X-Odd": "\udcff", "Cookie": "a=\udcff", "X-Fine": "ü"})
    assert forwarded(sent) == CIMultiDict({"X-Fine": "ü", **OURS})


@pytest.mark.parametrize(
    ("cookie", "kept"),
    [
        ("pyroscope_git_session=secret", ""),
        ("a=1; pyroscope_git_session=secret; b=2", "a=1; b=2"),
        ("pyroscope_git_session=1; pyroscope_git_session=2", ""),
        ("a=1;pyroscope_git_session=secret", "a=1"),
        (" pyroscope_git_session =secret; a=1", "a=1"),
        ("pyroscope_git_session", ""),
        ('a="x=y"; xpyroscope_git_session=1', 'a="x=y"; xpyroscope_git_session=1'),
        ("PYROSCOPE_GIT_SESSION=1", "PYROSCOPE_GIT_SESSION=1"),
        (";;", ""),
    ],
)
def test_the_github_session_stays_here(cookie: str, kept: str) -> None:
    assert without_session(cookie) == kept
    assert ("Cookie" in forwarded(CIMultiDict({"Cookie": cookie}))) == bool(kept)
