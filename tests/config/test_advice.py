from __future__ import annotations

import pytest
from yarl import URL

from proxy.config import Cache, Config, GitHub, Secret, Session, warnings

LONG = Secret("0123456789abcdef")
APP = GitHub(client_id="id", client_secret=Secret("hunter2"))


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(github=APP, session=Session((LONG,)), cache=Cache(redis_url=Secret("redis://cache"))),
        Config(github=GitHub(url=URL("https://ghe"), api_url=URL("https://ghe/api/v3"))),
    ],
)
def test_nothing_to_say(config: Config) -> None:
    assert warnings(config) == ()


@pytest.mark.parametrize(
    ("config", "start"),
    [
        (
            Config(github=APP),
            "nobody can log in with GitHub: session.secrets missing, while github.client_id and",
        ),
        (
            Config(session=Session((LONG,))),
            "nobody can log in with GitHub: github.client_id and github.client_secret missing",
        ),
        (
            Config(github=GitHub(client_id="id"), session=Session((LONG,))),
            "nobody can log in with GitHub: github.client_secret missing",
        ),
        (Config(cache=Cache(redis_url=Secret("redis://cache"))), "cache.redis_url needs session.secrets"),
        (
            Config(github=APP, session=Session((LONG, Secret("hunter2")))),
            "session.secrets[1] is shorter than 16 characters",
        ),
        (Config(github=APP, session=Session((LONG, LONG))), "session.secrets[1] is there a second time"),
        (Config(github=GitHub(url=URL("https://ghe"))), "only one of github.url and github.api_url is set"),
        (
            Config(github=GitHub(api_url=URL("https://ghe/api/v3"))),
            "only one of github.url and github.api_url is set",
        ),
        (Config(github=GitHub(rate_limit_reserve=5000)), "github.rate_limit_reserve is not below the 5000"),
    ],
)
def test_what_is_probably_not_meant_is_said_once(config: Config, start: str) -> None:
    (warning,) = warnings(config)
    assert warning.startswith(start)
    assert "hunter2" not in warning


def test_plain_http_to_github_is_said_for_both_addresses() -> None:
    config = Config(github=GitHub(url=URL("http://127.0.0.1:1"), api_url=URL("http://127.0.0.1:1/api/v3")))
    assert [warning.partition(" ")[0] for warning in warnings(config)] == ["github.url", "github.api_url"]
