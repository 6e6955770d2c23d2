"""What GitHub's answers mean. Pure.

https://docs.github.com/en/rest/rate-limit/rate-limit
https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.doctor.judging.answers import SLOW_SECONDS, Silent, named, unanswered
from proxy.doctor.model import failure, ok, skipped, warning

if TYPE_CHECKING:
    from yarl import URL

    from proxy.config.model import GitHub
    from proxy.doctor.judging.answers import Answer, Heard
    from proxy.doctor.model import Finding

WEB, API, GRAPHQL = "github.web", "github.api", "github.graphql"
CREDENTIALS, CALLBACK = "github.app", "github.callback_url"
GRAFANA_CALLBACK = "/a/grafana-pyroscope-app/github/callback"
"""Where Grafana's Profiles Drilldown app takes a login back, below Grafana's own address."""
PAGE_CALLBACK = "/-/source/callback"
"""Where our page takes one back."""

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_VERSION = re.compile(r"[0-9]+(\.[0-9]+){1,3}[0-9A-Za-z.-]{0,32}")
_SETTINGS = "Settings → Developer settings → GitHub Apps"
_NO_API = (
    "set github.api_url to https://api.github.com, for GitHub Enterprise Server to https://HOST/api/v3, and "
    "check any proxy on the way"
)
_REFUSALS = {
    "incorrect_client_credentials": (
        "GitHub does not accept github.client_id and github.client_secret together",
        f"copy both from one App ({_SETTINGS}); the secret is shown once, so make a new one if need be",
    ),
    "Not Found": (
        "GitHub knows no App with this github.client_id",
        f"copy the client id, not the App id, from {_SETTINGS} of the GitHub that github.url names",
    ),
    "redirect_uri_mismatch": (
        "github.callback_url is not among the App's callback URLs",
        f"add it there, letter by letter ({_SETTINGS})",
    ),
    "application_suspended": (
        "the GitHub App is suspended",
        "its owner has to ask GitHub's support",
    ),
}


def web(answer: Answer, github: GitHub) -> Finding:
    """Whether the host that people log in at can be reached from here."""
    host = named(github.url)
    if isinstance(answer, Silent):
        return unanswered(WEB, answer, host=host, key="github.url")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _not_well(WEB, answer, host)
    return _reached(WEB, answer, host, "answers")


def api(answer: Answer, github: GitHub) -> Finding:
    """What the REST API says to ``GET /rate_limit`` without a token, which costs none of any budget."""
    host = named(github.api_url)
    if isinstance(answer, Silent):
        return unanswered(API, answer, host=host, key="github.api_url")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _not_well(API, answer, host)
    said = answer.json() or {}
    # An Enterprise Server answers 404 "Rate limiting is not enabled.", or 401 in private mode.
    if not ("resources" in said or isinstance(said.get("message"), str)):
        return failure(API, f"{host} does not answer as GitHub's API does (HTTP {answer.status})", _NO_API)
    version = answer.headers.get("X-GitHub-Enterprise-Version", "")
    server = f"GitHub Enterprise Server {version}" if _VERSION.fullmatch(version) else "GitHub"
    return _reached(API, answer, host, f"is the API of {server}")


def graphql(answer: Answer, endpoint: URL) -> Finding:
    """What GraphQL says without a token; a refusal in GitHub's words is what has to come."""
    host = f"{named(endpoint)}{endpoint.path}"
    if isinstance(answer, Silent):
        return unanswered(GRAPHQL, answer, host=named(endpoint), key="github.api_url")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _not_well(GRAPHQL, answer, host)
    said = answer.json() or {}
    if answer.status == HTTPStatus.NOT_FOUND or not {"message", "errors", "data"} & said.keys():
        return failure(GRAPHQL, f"{host} does not answer as GraphQL does (HTTP {answer.status})", _NO_API)
    return _reached(GRAPHQL, answer, host, "is GraphQL")


def credentials(answer: Answer, github: GitHub) -> Finding:
    """What GitHub says to an authorization code that cannot be one: it looks at the credentials first."""
    host = named(github.url)
    if isinstance(answer, Silent):
        return unanswered(CREDENTIALS, answer, host=host, key="github.url")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return warning(
            CREDENTIALS, "GitHub limits logins now, so the App was not checked", "try again in a minute"
        )
    error = (answer.json() or {}).get("error")
    if error == "bad_verification_code":
        return ok(CREDENTIALS, "GitHub knows the App, and its secret is right")
    if isinstance(error, str) and error in _REFUSALS:
        return failure(CREDENTIALS, *_REFUSALS[error])
    if answer.status == HTTPStatus.NOT_FOUND:
        return failure(CREDENTIALS, *_REFUSALS["Not Found"])
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _not_well(CREDENTIALS, answer, host)
    return failure(
        CREDENTIALS,
        f"{host} does not answer a login as GitHub does (HTTP {answer.status})",
        "check github.url and any proxy on the way",
    )


def not_configured(github: GitHub) -> Finding:
    """The finding where there are no credentials to check."""
    if github.client_id or github.client_secret:
        missing = "github.client_secret" if github.client_id else "github.client_id"
        return failure(
            CREDENTIALS,
            f"only one half of the App's credentials is there, {missing} is missing",
            "give both (GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET), or neither",
        )
    return warning(
        CREDENTIALS,
        "no GitHub App is configured, so Grafana says that GitHub is not configured and shows no source",
        "register one and set github.client_id and github.client_secret (docs/grafana.md)",
    )


def callback_url(callback: URL | None) -> Finding:
    """Whether the address that Grafana's logins lead back to can be right.

    Args:
        callback: ``github.callback_url``; ``None`` when it is empty.
    """
    if callback is None:
        return ok(
            CALLBACK,
            f"github.callback_url is empty: Grafana's own page is taken, https://GRAFANA{GRAFANA_CALLBACK}",
        )
    if callback.path.endswith(PAGE_CALLBACK):
        return failure(
            CALLBACK,
            "github.callback_url leads to the proxy's own page, which cannot end a login of Grafana's",
            f"set it to https://GRAFANA{GRAFANA_CALLBACK} or leave it empty; the page needs no key, only its "
            "address among the App's callback URLs",
        )
    if not callback.path.endswith(GRAFANA_CALLBACK):
        return warning(
            CALLBACK,
            "github.callback_url is not the address of Grafana's page for it",
            f"set it to https://GRAFANA{GRAFANA_CALLBACK}, or leave it empty",
        )
    if callback.scheme == "http" and callback.host not in _LOCAL:
        return warning(
            CALLBACK,
            "github.callback_url is plain http: the session's cookie is for https only and would be dropped",
            "serve Grafana by https and write the address so",
        )
    return ok(CALLBACK, f"logins lead back to {named(callback)}, which has to be the address people open")


def not_asked(check: str) -> Finding:
    """The finding for what needs the App's credentials."""
    return skipped(check, "no GitHub App is configured")


def _reached(check: str, answer: Heard, host: str, what: str) -> Finding:
    if answer.seconds >= SLOW_SECONDS:
        return warning(
            check,
            f"{host} {what}, and took {answer.milliseconds}",
            "look at the way to GitHub: a proxy, name servers, a slow link",
        )
    return ok(check, f"{host} {what}, in {answer.milliseconds}")


def _not_well(check: str, answer: Heard, host: str) -> Finding:
    return failure(
        check,
        f"{host} is not well (HTTP {answer.status})",
        "see githubstatus.com, and check any proxy on the way, which may be what answered",
    )
