from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from proxy.egress.addresses import Anything, PublicOnly
from proxy.egress.targets import (
    MAX_LENGTH,
    RefusedError,
    absolute,
    below,
    check_steered,
    host_name,
    redirected,
)

BASE = URL("http://registry.lan:8081/npm/")


@pytest.mark.parametrize(
    "url",
    [
        "https://go.uber.org/zap?go-get=1",
        "https://go.uber.org:443/zap",
        "HTTPS://GO.UBER.ORG/zap",
        "https://gopkg.in./x",
        "https://xn--bcher-kva.example/x",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/",
        "https://a.example/%2e%2e/%2F?q=%00",
    ],
)
def test_what_may_be_asked(url: str) -> None:
    read = absolute(url)
    check_steered(read, PublicOnly())
    assert str(read).partition("//")[2].lower() == url.replace(":443", "").partition("//")[2].lower() or (
        ":443" in url
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://go.uber.org/zap", "plain http"),
        ("https://go.uber.org:8443/zap", "another port"),
        ("https://go.uber.org:80/zap", "another port"),
        ("https://go.uber.org:0/zap", "another port"),
        ("https://localhost/", "private networks"),
        ("https://localhost./", "private networks"),
        ("https://LOCALHOST/", "private networks"),
        ("https://metadata.google.internal/", "private networks"),
        ("https://127.0.0.1/", "a loopback address"),
        ("https://169.254.169.254/latest/meta-data/", "a link-local address"),
        ("https://[::1]/", "a loopback address"),
        ("https://[::ffff:127.0.0.1]/", "carries another one"),
        ("https://[::ffff:7f00:1]/", "carries another one"),
        ("https://[fe80::1%25eth0]/", "a link-local address"),
        ("https://[fe80::1]/", "a link-local address"),
        ("https://[64:ff9b::127.0.0.1]/", "a loopback address"),
        ("https://127.1/", "not the name of a host"),
        ("https://2130706433/", "not the name of a host"),
        ("https://0x7f000001/", "not the name of a host"),
        ("https://0x7f.0.0.1/", "not the name of a host"),
        ("https://0177.0.0.1/", "not the name of a host"),
        ("https://017700000001/", "not the name of a host"),
        ("https://127.0.0.1./", "not the name of a host"),
        ("https://a..example/", "not the name of a host"),
        ("https://.example/", "not the name of a host"),
        ("https://%6cocalhost/", "not the name of a host"),
        ("https://exa%00mple.com/", "not the name of a host"),
        ("https://-a.example/", "not the name of a host"),
        ("https://*.example/", "not the name of a host"),
        (f"https://{'a' * 64}.example/", "not the name of a host"),
        (f"https://{'a.' * 130}example/", "not the name of a host"),
        ("https://user@go.uber.org/", "user name"),
        ("https://user:secret@go.uber.org/", "user name"),
        ("https://:secret@go.uber.org/", "user name"),
        ("https://@go.uber.org/", "user name"),
        ("https://go.uber.org\\@127.0.0.1/", "a form that is not asked"),
        ("https://go.uber.org/a b", "a form that is not asked"),
        ("https://go.uber.org/a\r\nHost: evil", "a form that is not asked"),
        ("https://go.uber.org/\x00", "a form that is not asked"),
        ("https://gö.example/", "a form that is not asked"),
        ("https://１２７.0.0.1/", "a form that is not asked"),  # noqa: RUF001 - digits that IDNA maps to ASCII
        ("https://go.uber.org:99999/", "a form that is not asked"),
        ("https://go.uber.org:x/", "a form that is not asked"),
        ("https://[::1/", "a form that is not asked"),
        ("https://go.uber.org/" + "a" * MAX_LENGTH, "a form that is not asked"),
        ("https:///path", "http or https"),
        ("https:go.uber.org", "http or https"),
        ("file:///etc/passwd", "http or https"),
        ("gopher://go.uber.org/", "http or https"),
        ("//go.uber.org/", "http or https"),
        ("", "http or https"),
    ],
)
def test_what_may_not_be_asked(url: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason) as caught:
        check_steered(absolute(url), PublicOnly())
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://localhost/", "https://127.0.0.1/", "https://[fd00::1]/x"])
def test_private_hosts_where_they_are_allowed(url: str) -> None:
    check_steered(absolute(url), Anything())


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://127.1/", "https://localhost:6379/"])
def test_allowing_private_addresses_allows_nothing_else(url: str) -> None:
    with pytest.raises(RefusedError):
        check_steered(absolute(url), Anything())


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for prefix in ("", "https://", "https://a.example/", "https://a.example:"):
        try:
            url = absolute(prefix + text)
            check_steered(url, PublicOnly())
        except RefusedError:
            continue
        assert url.scheme == "https"
        assert str(url).isascii()
        assert str(url).isprintable()


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("left-pad/1.3.0", "http://registry.lan:8081/npm/left-pad/1.3.0"),
        ("@scope%2Fname/1.0.0", "http://registry.lan:8081/npm/@scope%2Fname/1.0.0"),
        ("a/@v/v1.0.0%2Bincompatible.info", "http://registry.lan:8081/npm/a/@v/v1.0.0%2Bincompatible.info"),
        ("github.com/!azure/x", "http://registry.lan:8081/npm/github.com/!azure/x"),
        ("a..b/...", "http://registry.lan:8081/npm/a..b/..."),
        ("caf%C3%A9", "http://registry.lan:8081/npm/caf%C3%A9"),
    ],
)
def test_paths_below_an_operators_address(path: str, url: str) -> None:
    assert str(below(BASE, path)) == url
    assert below(BASE, path).raw_host == "registry.lan"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/x",
        "//evil.example/x",
        "../admin",
        "a/../../admin",
        "a/..",
        ".",
        "./a",
        "%2e%2e/admin",
        "%2E./a",
        "a%2f..%2fb",
        "..%5cadmin",
        "a\\..\\b",
        "a?x=1",
        "a#b",
        "a b",
        "a\r\nX-Evil: 1",
        "a%0d%0aX: 1",
        "a%00",
        "\x00",
        "é",
        "a" * (MAX_LENGTH + 1),
    ],
)
def test_paths_that_lead_elsewhere(path: str) -> None:
    with pytest.raises(RefusedError):
        below(BASE, path)


@given(st.text(alphabet="./%2e2fF5cC\\@:?#a", max_size=20))
def test_no_path_leaves_the_base(path: str) -> None:
    try:
        url = below(BASE, path)
    except RefusedError:
        return
    assert url.origin() == BASE.origin()
    assert url.raw_path.startswith("/npm/")
    assert ".." not in url.path.replace("\\", "/").split("/")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/y?a=%2F", "https://a.example/y?a=%2F"),
        ("y", "https://a.example/d/y"),
        ("//b.example/y", "https://b.example/y"),
        ("https://b.example/y#part", "https://b.example/y"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("?go-get=1", "https://a.example/d/x?go-get=1"),
    ],
)
def test_where_redirects_lead(location: str, target: str) -> None:
    assert str(redirected(URL("https://a.example/d/x"), location)) == target


@pytest.mark.parametrize(
    "location",
    [
        None,
        "file:///etc/passwd",
        "mailto:x",
        "javascript:alert(1)",
        "http://[",
        "https://u:p@b.example/",
        "//u@b.example",
        "/a b",
        "/\x00",
        "\\\\b.example",
        "https://b.example:x/",
        "/é",
        "http:///x",
        "a" * 5000,
    ],
)
def test_redirects_without_a_usable_address(location: str | None) -> None:
    with pytest.raises(RefusedError, match="redirects"):
        redirected(URL("https://a.example/d/x"), location)


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://a.example/x", "a.example"), ("https://[::1]/x", "::1"), ("https://a%0ab/", "the host")],
)
def test_hosts_in_sentences(url: str, name: str) -> None:
    assert host_name(URL(url, encoded=True)) == name
