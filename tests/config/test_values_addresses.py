from __future__ import annotations

import pytest
from yarl import URL

from proxy.config import HostPort, Secret, values
from proxy.config.values import InvalidValueError, Scalar


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0.0.0.0:4041", HostPort("0.0.0.0", 4041)),
        ("localhost:0", HostPort("localhost", 0)),
        ("[::]:65535", HostPort("::", 65535)),
        ("[2001:db8::1]:80", HostPort("2001:db8::1", 80)),
        ("my_host-1.example:80", HostPort("my_host-1.example", 80)),
    ],
)
def test_addresses_read_and_write_back(text: str, address: HostPort) -> None:
    assert values.host_port(Scalar(text)) == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4041",
        ":4041",
        "localhost",
        "localhost:",
        "localhost:http",
        "localhost:-1",
        "localhost:65536",
        "localhost:99999999",
        "::1:80",
        "[]:80",
        "[::1]",
        "[localhost]:80",
        "[::1%eth0]:80:",
        "a b:80",
        "-a:80",
        "a/b:80",
        "http://localhost:80",
        "a\n:80",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidValueError):
        values.host_port(Scalar(text))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:4040", "http://localhost:4040"),
        ("https://pyroscope.example/prefix/a%2Fb", "https://pyroscope.example/prefix/a%2Fb"),
        ("http://host/", "http://host"),
        ("http://host/prefix//", "http://host/prefix"),
        ("HTTP://Host", "http://host"),
        ("https://host:443/prefix", "https://host/prefix"),
        ("https://host:80", "https://host:80"),
        ("http://[::1]:4040", "http://[::1]:4040"),
        ("http://pyro_scope:80", "http://pyro_scope"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_base_urls(text: str, url: str) -> None:
    assert values.base_url(Scalar(text)) == URL(url)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must start with"),
        ("localhost:4040", "must start with"),
        ("ftp://host", "must start with"),
        ("file:///etc/passwd", "must start with"),
        ("http:host", "must start with"),
        ("http://", "must start with"),
        ("http:///path", "no valid host"),
        ("http://a b", "space"),
        ("http://a\\b", "backslash"),
        ("http://host/\x00", "control character"),
        ("http://host\n.evil", "control character"),
        ("http://host?query=1", "query"),
        ("http://host?", "query"),
        ("http://host#fragment", "fragment"),
        ("http://user@host", "user name"),
        ("http://user:pass@host", "user name"),
        ("http://:pass@host", "user name"),
        ("http://@host", "user name"),
        ("http://host:0", "port"),
        ("http://host:65536", "port"),
        ("http://host:http", "port"),
        ("http://host:-1", "port"),
        ("http://[::1", "no URL"),
        ("http://[zz]", "no"),
        ("http://host\udcff", "UTF-8"),
        ("http://$(id)", "no valid host"),
    ],
)
def test_what_is_no_base_url(text: str, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        values.base_url(Scalar(text))


def test_an_empty_optional_url_is_off() -> None:
    assert values.optional_base_url(Scalar("")) is None
    assert values.optional_base_url(Scalar("https://host")) == URL("https://host")


def test_a_callback_url_stays_as_it_is_written() -> None:
    text = "https://Grafana.example/a/callback/?source=x"
    assert values.callback_url(Scalar(text)) == text
    assert values.callback_url(Scalar("")) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "redis://cache",
        "redis://:p%23ss@cache:6379/1?ssl_cert_reqs=none",
        "rediss://user:pass@10.0.0.1:6380",
        "unix:///run/redis.sock",
    ],
)
def test_redis_urls(text: str) -> None:
    assert values.redis_url(Scalar(text)) == Secret(text)


@pytest.mark.parametrize(
    "text",
    ["cache:6379", "http://cache", "redis://", "redis://:p#ss@cache", "redis://cache:x", "redis://cache:0"],
)
def test_what_is_no_redis_url(text: str) -> None:
    with pytest.raises(InvalidValueError):
        values.redis_url(Scalar(text))
