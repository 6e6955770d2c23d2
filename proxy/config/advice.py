"""What is allowed but probably not meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.config.model import GitHub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proxy.config.model import Config

SHORTEST_SESSION_SECRET = 16
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
GITHUB_CALLS_AN_HOUR = 5000


def warnings(config: Config) -> tuple[str, ...]:
    """Name what an operator should look at, each in one sentence; never a secret's value."""
    return (*_app(config), *_secrets(config), *_github(config))


def _app(config: Config) -> Iterator[str]:
    parts = {
        "github.client_id": config.github.client_id,
        "github.client_secret": config.github.client_secret,
        "session.secrets": config.session.secrets,
    }
    missing = [path for path, value in parts.items() if not value]
    if missing and len(missing) < len(parts):
        yield (
            f"nobody can log in with GitHub: {' and '.join(missing)} missing,"
            f" while {' and '.join(path for path in parts if path not in missing)} given"
        )
    if config.cache.redis_url and not config.session.secrets:
        yield "cache.redis_url needs session.secrets: what is shared is sealed with a key derived from them"


def _secrets(config: Config) -> Iterator[str]:
    for index, secret in enumerate(config.session.secrets):
        if len(secret.reveal()) < SHORTEST_SESSION_SECRET:
            yield (
                f"session.secrets[{index}] is shorter than {SHORTEST_SESSION_SECRET} characters and can be"
                " guessed; make one with: openssl rand -base64 32"
            )
        if secret in config.session.secrets[:index]:
            yield f"session.secrets[{index}] is there a second time"


def _github(config: Config) -> Iterator[str]:
    github, usual = config.github, GitHub()
    if (github.url == usual.url) != (github.api_url == usual.api_url):
        yield (
            "only one of github.url and github.api_url is set; for GitHub Enterprise Server"
            " they are https://HOST and https://HOST/api/v3"
        )
    for name, url in (("url", github.url), ("api_url", github.api_url)):
        if url.scheme == "http":
            yield f"github.{name} is plain http: tokens can be read on the way"
    if github.rate_limit_reserve >= GITHUB_CALLS_AN_HOUR:
        yield (
            f"github.rate_limit_reserve is not below the {GITHUB_CALLS_AN_HOUR} calls that GitHub gives a"
            " user an hour: nothing is ever fetched ahead"
        )
