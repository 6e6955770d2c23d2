from __future__ import annotations

import pytest

from proxy.config import Config, GitHub, Secret, Session


def test_a_secret_is_not_printed() -> None:
    secret = Secret("hunter2")
    config = Config(github=GitHub(client_secret=secret), session=Session((secret,)))
    for text in (repr(secret), str(secret), f"{secret}", repr(config)):
        assert "hunter2" not in text
    assert secret.reveal() == "hunter2"


def test_secrets_compare_by_value_with_secrets_only() -> None:
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"
    assert not Secret("")


@pytest.mark.parametrize(
    ("client_id", "client_secret", "secrets", "configured"),
    [
        ("id", "secret", ("s",), True),
        ("", "secret", ("s",), False),
        ("id", "", ("s",), False),
        ("id", "secret", (), False),
    ],
)
def test_the_app_needs_all_three(
    client_id: str, client_secret: str, secrets: tuple[str, ...], configured: bool
) -> None:
    github = GitHub(client_id=client_id, client_secret=Secret(client_secret))
    config = Config(github=github, session=Session(tuple(map(Secret, secrets))))
    assert config.github_app_configured is configured
