from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Code, RpcError
from proxy.source.address import parse_repository, repository
from proxy.source.model import Repository


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop",
        "https://github.com/acme/shop/",
        "https://github.com/acme/shop.git",
        "https://github.com/acme/shop.git/",
        "http://github.com/acme/shop",
        "HTTPS://GitHub.COM/acme/shop",
        "https://www.github.com/acme/shop",
        "https://github.com:443/acme/shop",
        "https://user:pass@github.com/acme/shop",
        "https://github.com/acme/shop?tab=readme#top",
        "https://github.com/acme/shop/tree/main/services/cart",
        "https://github.com//acme/shop",
        "  github.com/acme/shop\n",
        "github.com/acme/shop.git",
        "www.github.com/acme/shop",
        "git@github.com:acme/shop.git",
        "git@github.com:acme/shop",
        "git@github.com:/acme/shop.git",
        "github.com:acme/shop.git",
        "ssh://git@github.com/acme/shop",
        "ssh://git@github.com:22/acme/shop.git",
        "ssh://git@ssh.github.com:443/acme/shop.git",
        "git://github.com/acme/shop.git",
        "git+https://github.com/acme/shop.git",
        "git+ssh://git@github.com/acme/shop.git",
    ],
)
def test_every_way_to_write_a_repository(url: str) -> None:
    assert parse_repository(url) == Repository("acme", "shop")


@pytest.mark.parametrize("host", ["git.acme.example", "git.acme.example:8443", "GIT.acme.example"])
@pytest.mark.parametrize(
    "url",
    [
        "https://git.acme.example:8443/acme/shop",
        "git@git.acme.example:acme/shop.git",
        "git.acme.example/acme/shop",
    ],
)
def test_an_enterprise_server(url: str, host: str) -> None:
    assert parse_repository(url, host) == Repository("acme", "shop")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "no repository"),
        ("   ", "no repository"),
        ("shop", "'shop' is not the address"),
        ("acme/shop", "on the host 'acme', not on github.com"),
        ("https://github.com", "not the address"),
        ("https://github.com/acme", "no owner and repository"),
        ("https://github.com/../shop", "no owner and repository"),
        ("https://github.com/acme/..", "no owner and repository"),
        ("https://github.com/acme/.git", "no owner and repository"),
        ("https://github.com/ac me/shop", "no owner and repository"),
        ("https://github.com/acme/sh%2fop", "no owner and repository"),
        ("https://gitlab.com/acme/shop", "'gitlab.com'"),
        ("https://github.com.evil.example/acme/shop", "'github.com.evil.example'"),
        ("https://evil.example/github.com/acme/shop", "'evil.example'"),
        ("https://github.com@evil.example/acme/shop", "'evil.example'"),
        ("git@bitbucket.org:acme/shop.git", "'bitbucket.org'"),
        ("file:///srv/acme/shop", "not the address"),
        ("ftp://github.com/acme/shop", "not the address"),
        ("https://github.com/acme/shop\0", "unprintable"),
        ("https://github.com/" + "a" * 3000, "too long"),
    ],
)
def test_what_is_no_repository_of_ours(url: str, says: str) -> None:
    with pytest.raises(RpcError) as caught:
        parse_repository(url)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert says in caught.value.message
    assert "https://github.com/OWNER/NAME" in caught.value.message


def test_the_public_github_is_another_host_than_an_enterprise_server() -> None:
    with pytest.raises(RpcError, match=r"not on git\.acme\.example"):
        parse_repository("https://github.com/acme/shop", "git.acme.example")
    with pytest.raises(RpcError, match=r"not on git\.acme\.example"):
        parse_repository("https://www.git.acme.example/acme/shop", "git.acme.example")


@pytest.mark.parametrize(
    "url", ["https://me:s3cret@gitlab.com/a/b", "me:s3cret@gitlab.com/a/b", "https://s3cret@gitlab.com"]
)
def test_a_password_is_never_repeated(url: str) -> None:
    with pytest.raises(RpcError) as caught:
        parse_repository(url)
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("owner", "name", "valid"),
    [
        ("a", "b", True),
        ("A-1", "x_y.z", True),
        ("a", "b.GIT", True),
        ("", "b", False),
        ("a", "", False),
        ("a/b", "c", False),
    ],
)
def test_names(owner: str, name: str, *, valid: bool) -> None:
    assert (repository(owner, name) is not None) is valid


@given(st.text(alphabet="abg.:/@%?#\\ \0-h", max_size=60) | st.text(max_size=60))
def test_any_text_gives_a_repository_or_a_refusal(tail: str) -> None:
    for url in (tail, f"https://github.com/{tail}", f"git@github.com:{tail}"):
        try:
            found = parse_repository(url)
        except RpcError as error:
            assert error.code is Code.INVALID_ARGUMENT  # noqa: PT017 - both ends are right, each is looked at
        else:
            assert repository(found.owner, found.name) is not None
            assert not set("/\\\0?#%@: ") & set(found.owner + found.name)
