"""The forward proxy of the environment, and what is said when it is none."""

from __future__ import annotations

import pytest
from yarl import URL

from proxy import cli
from proxy.forward_proxy import ForwardProxies, ForwardProxyError

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "REQUEST_METHOD")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        ("https://p:1", {}, None),
        ("https://p:1", {"HTTPS_PROXY": ""}, None),
        ("https://p:1", {"HTTPS_PROXY": "http://u:w@f:3128"}, "http://u:w@f:3128"),
        ("https://p:1", {"https_proxy": "http://f:3128"}, "http://f:3128"),
        ("https://p:1", {"HTTPS_PROXY": "f:3128"}, "http://f:3128"),
        ("https://p:1", {"HTTPS_PROXY": "https://f:3128"}, "https://f:3128"),
        ("https://p:1", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": "q,p"}, None),
        ("https://p:1", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": "p:1"}, None),
        ("https://p:1", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": "p:2"}, "http://f:3128"),
        ("https://u:w@p:1", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": "p"}, None),
        ("https://a.p:1", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": ".p"}, None),
        ("https://[::1]:8", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": "::1"}, None),
        ("https://[::1]:8", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": "[::1]"}, None),
        ("https://p:1", {"HTTPS_PROXY": "http://f:3128", "NO_PROXY": "*"}, None),
        ("http://p:1", {"HTTPS_PROXY": "http://f:3128", "HTTP_PROXY": "http://g:1"}, "http://g:1"),
        ("http://p:1", {"ALL_PROXY": "http://f:3128"}, None),
    ],
)
def test_the_way_to_a_url(
    url: str, environ: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, environ)
    assert ForwardProxies().to(URL(url)) == (None if expected is None else URL(expected))


def test_a_plain_upstream_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"HTTPS_PROXY": "http://f:3128", "HTTP_PROXY": "http://g:1"})
    proxies = ForwardProxies()
    assert proxies.to_upstream(URL("http://p:1")) is None
    assert proxies.to_upstream(URL("https://p:1")) == URL("http://f:3128")


def test_the_way_to_an_upstream_speaks_no_tls_with_the_forward_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "https://f:3128")
    with pytest.raises(ForwardProxyError, match=r"^Pyroscope cannot .* add p to NO_PROXY$"):
        ForwardProxies().to_upstream(URL("https://p:1"))


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "HTTP_PROXY"])
@pytest.mark.parametrize(
    "value", ["http://hush:port", "hush:3128:1", "socks5://hush:1080", "http://", "http://[::1", "://", "/"]
)
def test_what_is_no_address_is_told_without_its_value(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ForwardProxyError, match=rf"^{variable} is no address .*: write it as") as told:
        ForwardProxies()
    assert "hush" not in str(told.value)
    assert told.value.__suppress_context__


@pytest.mark.parametrize("upstream", ["http://127.0.0.1:9", "https://127.0.0.1:9"])
def test_the_proxy_does_not_start_with_it_and_says_so(
    upstream: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hush@forward:port")
    arguments = ["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", f"--upstream-url={upstream}"]
    assert cli.main(arguments) == 1
    said = capsys.readouterr().err
    assert "could not run: HTTPS_PROXY is no address of a forward proxy: write it as http://" in said
    assert "Traceback" not in said
    assert "hush" not in said
