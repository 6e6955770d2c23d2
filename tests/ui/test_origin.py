"""Which origin a page has, which requests are its own, and where a login may lead back to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from proxy.errors import Code, RpcError
from proxy.ui.origin import HOME, MAX_RETURN, is_cross_site, origin_of, require_same_origin, safe_return

OWN = {"Host": "p.example", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"Host": "p.example"}, "http://p.example"),
        ({"Host": "p.example:4041"}, "http://p.example:4041"),
        ({"Host": "p.example:80"}, "http://p.example"),
        ({"Host": "p.example:443", "X-Forwarded-Proto": "https"}, "https://p.example"),
        ({"Host": "p.example:80", "X-Forwarded-Proto": "https"}, "https://p.example:80"),
        ({"Host": "[::1]:4041"}, "http://[::1]:4041"),
        ({"Host": "10.0.0.1"}, "http://10.0.0.1"),
        (
            {"Host": "in", "X-Forwarded-Host": "Out.Example", "X-Forwarded-Proto": "HTTPS"},
            "https://out.example",
        ),
        ({"Host": "in", "X-Forwarded-Host": "out, in", "X-Forwarded-Proto": "https,http"}, "https://out"),
    ],
)
def test_the_origin_is_what_the_visitor_sees(headers: dict[str, str], origin: str) -> None:
    assert origin_of(headers) == origin


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": ""},
        {"Host": "a b"},
        {"Host": "a/b"},
        {"Host": "user@evil.example"},
        {"Host": "a\\b"},
        {"Host": "a?b"},
        {"Host": "a#b"},
        {"Host": "p.example:"},
        {"Host": "p.example:123456"},
        {"Host": "p.example\r\nX: y"},
        {"Host": "-a"},
        {"Host": "p", "X-Forwarded-Proto": "javascript"},
        {"Host": "p", "X-Forwarded-Proto": "https://"},
        {"Host": "p", "X-Forwarded-Host": "'evil'"},
    ],
)
def test_what_is_no_origin_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(RpcError, match="X-Forwarded-Host") as caught:
        origin_of(headers)
    assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://p.example"},
        {"Origin": "https://p.example"},
    ],
)
def test_the_page_may_change_things(headers: dict[str, str]) -> None:
    require_same_origin(OWN | headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://p.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://p.example"},
        {"Origin": "https://p.example:8443"},
        {"Origin": "https://p.example.evil.example"},
        {"Origin": "https://evil.example", "Referer": "https://p.example/-/source/"},
    ],
)
def test_nobody_else_may(headers: dict[str, str]) -> None:
    with pytest.raises(RpcError, match="only the page itself") as caught:
        require_same_origin(OWN | headers)
    assert caught.value.code is Code.PERMISSION_DENIED


def test_an_origin_that_cannot_be_compared_is_no_own_one() -> None:
    with pytest.raises(RpcError, match="only the page itself"):
        require_same_origin({"Host": "a b", "Origin": "http://a b"})


def test_cross_site_is_what_a_browser_says() -> None:
    assert is_cross_site({"Sec-Fetch-Site": "cross-site"})
    assert not is_cross_site({"Sec-Fetch-Site": "none"})
    assert not is_cross_site({})


@pytest.mark.parametrize(
    "path",
    [HOME, f"{HOME}?", f"{HOME}?service=a&fn=b%2Fc.%28*D%29.e~!$'[x]", f"{HOME}?{'a' * (MAX_RETURN - 11)}"],
)
def test_a_login_leads_back_to_the_page(path: str) -> None:
    assert safe_return(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/-/source",
        "//evil.example",
        "//evil.example/-/source/",
        "https://evil.example/-/source/",
        "/\\evil.example",
        "/-/source/\\evil.example",
        "/-/source//evil.example",
        "/-/source/../../evil",
        "/-/source/logout",
        "/-/source/callback?code=x",
        "/-/source/?a b",
        "/-/source/?a#b",
        '/-/source/?a"b',
        "/-/source/?a\r\nSet-Cookie: x=y",
        "/-/source/?a\n",
        "/-/source/?ä",
        "/-/source/?\x00",
        "javascript:alert(1)",
        "%2F-%2Fsource%2F",
        " /-/source/",
        f"{HOME}?{'a' * MAX_RETURN}",
    ],
)
def test_it_leads_nowhere_else(path: str) -> None:
    assert safe_return(path) == HOME


@given(st.text() | st.text("/\\:@?#%.-source~ \r\n\tevil"))
def test_whatever_is_asked_for_the_browser_stays_here(path: str) -> None:
    where = URL("https://p.example/").join(URL(safe_return(path), encoded=True))
    assert (where.scheme, where.host, where.raw_path) == ("https", "p.example", HOME)
