"""What the page's answers forbid."""

from __future__ import annotations

import pytest
from yarl import URL

from proxy.ui.policy import avatar_origins, security_headers


@pytest.mark.parametrize(
    ("github", "origins"),
    [
        ("https://github.com", ("https://avatars.githubusercontent.com",)),
        ("https://ghe.example", ("https://ghe.example", "https://avatars.ghe.example")),
        ("https://ghe.example:8443", ("https://ghe.example:8443", "https://avatars.ghe.example:8443")),
        ("http://127.0.0.1:4042", ("http://127.0.0.1:4042",)),
        ("http://[::1]:4042", ("http://[::1]:4042",)),
    ],
)
def test_avatars_come_from_the_github_that_is_configured(github: str, origins: tuple[str, ...]) -> None:
    assert avatar_origins(URL(github)) == origins


def test_nothing_inline_and_nothing_from_elsewhere() -> None:
    headers = security_headers(URL("https://github.com"))
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: https://avatars.githubusercontent.com",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
