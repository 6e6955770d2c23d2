"""What answers of Pyroscope, GitHub and package indexes mean, as tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict
from yarl import URL

from proxy.config.model import Config, GitHub, HostPort, Secret, Upstream
from proxy.doctor.judging import egress, github, upstream
from proxy.doctor.judging.answers import Heard, Silent, Trouble, is_redirect, named, unanswered
from proxy.doctor.model import Outcome
from proxy.ui.login import CALLBACK

OK, WARNING, FAILURE, SKIPPED = Outcome
ENTERPRISE = GitHub(url=URL("https://ghe.example"), api_url=URL("https://ghe.example/api/v3"))


def heard(status: int, body: bytes = b"", seconds: float = 0.01, **headers: str) -> Heard:
    found = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Heard(status, found, body, seconds, at=0.0)


@pytest.mark.parametrize("trouble", Trouble)
def test_every_silence_says_who_and_what_to_do(trouble: Trouble) -> None:
    finding = unanswered("github.api", Silent(trouble, "detail"), host="api.example", key="github.api_url")
    assert finding.outcome is FAILURE
    assert "api.example" in finding.found
    assert "github.api_url" in finding.advice or "HTTPS_PROXY" in finding.advice
    assert "{" not in finding.found + finding.advice


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://a.example", "a.example"), ("http://a:4040/x", "a:4040"), ("http://[::1]:80", "[::1]")],
)
def test_a_host_is_named_with_an_unusual_port_only(url: str, name: str) -> None:
    assert named(URL(url)) == name


@pytest.mark.parametrize(("status", "expected"), [(200, False), (302, True), (304, False), (404, False)])
def test_redirects(status: int, expected: bool) -> None:
    assert is_redirect(status) is expected


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (heard(200, b"ready"), OK, "is ready"),
        (heard(200, b"ready", seconds=3), WARNING, "3000 ms"),
        (heard(503), WARNING, "not ready"),
        (heard(302), FAILURE, "redirects"),
        (heard(404), WARNING, "HTTP 404"),
        (Silent(Trouble.CONNECT, "Connection refused"), FAILURE, "(Connection refused)"),
    ],
)
def test_readiness(answer: Heard | Silent, outcome: Outcome, words: str) -> None:
    finding = upstream.ready(answer, "p:4040")
    assert finding.outcome is outcome
    assert words in finding.found
    assert bool(finding.advice) is (outcome is not OK)


TYPES = b'{"profileTypes":[{"ID":"a"},{"ID":"b"}]}'
NO_ORG = b'{"code":"unauthenticated","message":"no org id"}'


@pytest.mark.parametrize(
    ("answer", "tenants", "outcome", "words"),
    [
        (heard(200, TYPES), False, OK, "2 profile types"),
        (heard(200, b'{"profileTypes":[{"ID":"a"}]}'), False, OK, "1 profile type,"),
        (heard(200, b"{}"), False, WARNING, "no profiles of the last hour"),
        (heard(200, TYPES), True, WARNING, "without a tenant"),
        (heard(401, NO_ORG), True, OK, "wants a tenant"),
        (heard(401, NO_ORG), False, WARNING, "wants a tenant, while"),
        (heard(401, b"go away"), False, WARNING, "wants credentials"),
        (heard(403), False, WARNING, "wants credentials"),
        (heard(200, b"<html>"), False, FAILURE, "does not answer as Pyroscope"),
        (heard(200, b'{"profileTypes":1}'), False, FAILURE, "does not answer as Pyroscope"),
        (heard(200, b"[" * 100_000), False, FAILURE, "does not answer as Pyroscope"),
        (heard(404), False, FAILURE, "does not answer as Pyroscope"),
        (heard(501), False, FAILURE, "does not answer as Pyroscope"),
        (heard(500), False, FAILURE, "fails to answer"),
        (Silent(Trouble.TIMEOUT, "5 s"), False, FAILURE, "within 5 s"),
    ],
)
def test_queries(answer: Heard | Silent, tenants: bool, outcome: Outcome, words: str) -> None:
    finding = upstream.queries(answer, "p:4040", multitenancy_enabled=tenants)
    assert finding.outcome is outcome
    assert words in finding.found
    assert bool(finding.advice) is (outcome is not OK)


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://localhost:4041", FAILURE),
        ("http://127.0.0.1:4043", FAILURE),
        ("http://proxy.example:4041", FAILURE),
        ("http://localhost:4040", OK),
        ("http://pyroscope:4041", OK),
    ],
)
def test_an_upstream_that_is_the_proxy_itself(url: str, outcome: Outcome) -> None:
    config = Config(listen=HostPort("proxy.example", 4041), upstream=Upstream(URL(url)))
    assert upstream.loop(config).outcome is outcome


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (heard(200, b'{"resources":{}}'), OK, "is the API of GitHub,"),
        (
            heard(200, b'{"resources":{}}', X_GitHub_Enterprise_Version="3.17.1"),
            OK,
            "GitHub Enterprise Server 3.17.1",
        ),
        (
            heard(200, b'{"resources":{}}', X_GitHub_Enterprise_Version="\x1b[31m"),
            OK,
            "is the API of GitHub,",
        ),
        (heard(404, b'{"message":"Rate limiting is not enabled."}'), OK, "is the API"),
        (heard(401, b'{"message":"Must authenticate to access this API."}'), OK, "is the API"),
        (heard(200, b'{"resources":{}}', seconds=2), WARNING, "took 2000 ms"),
        (heard(404, b"<html>Not Found</html>"), FAILURE, "does not answer as GitHub's API"),
        (heard(200, b"{}"), FAILURE, "does not answer as GitHub's API"),
        (heard(502, b'{"message":"x"}'), FAILURE, "not well"),
        (Silent(Trouble.DNS), FAILURE, "name server"),
    ],
)
def test_the_api(answer: Heard | Silent, outcome: Outcome, words: str) -> None:
    finding = github.api(answer, ENTERPRISE)
    assert finding.outcome is outcome
    assert words in finding.found


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (heard(401, b'{"message":"Bad credentials"}'), OK),
        (heard(200, b'{"errors":[]}'), OK),
        (heard(404, b'{"message":"Not Found"}'), FAILURE),
        (heard(200, b"<html>"), FAILURE),
        (heard(503), FAILURE),
        (Silent(Trouble.TLS), FAILURE),
    ],
)
def test_graphql(answer: Heard | Silent, outcome: Outcome) -> None:
    assert github.graphql(answer, URL("https://ghe.example/api/graphql")).outcome is outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(heard(200), OK), (heard(302), OK), (heard(500), FAILURE), (Silent(Trouble.CERTIFICATE), FAILURE)],
)
def test_the_web(answer: Heard | Silent, outcome: Outcome) -> None:
    assert github.web(answer, ENTERPRISE).outcome is outcome


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (heard(200, b'{"error":"bad_verification_code"}'), OK, "its secret is right"),
        (heard(200, b'{"error":"incorrect_client_credentials"}'), FAILURE, "does not accept"),
        (heard(200, b'{"error":"redirect_uri_mismatch"}'), FAILURE, "not among the App's callback URLs"),
        (heard(200, b'{"error":"application_suspended"}'), FAILURE, "suspended"),
        (heard(404, b'{"error":"Not Found"}'), FAILURE, "knows no App"),
        (heard(404, b"<html>"), FAILURE, "knows no App"),
        (heard(429), WARNING, "limits logins"),
        (heard(500), FAILURE, "not well"),
        (heard(200, b'{"error":["x"]}'), FAILURE, "as GitHub does"),
        (heard(200, b"<html>"), FAILURE, "as GitHub does"),
        (Silent(Trouble.PROXY, "HTTP 407"), FAILURE, "(HTTP 407)"),
    ],
)
def test_the_app(answer: Heard | Silent, outcome: Outcome, words: str) -> None:
    finding = github.credentials(answer, ENTERPRISE)
    assert finding.outcome is outcome
    assert words in finding.found


@pytest.mark.parametrize(
    ("settings", "outcome", "words"),
    [
        (GitHub(), WARNING, "no GitHub App"),
        (GitHub(client_id="id"), FAILURE, "github.client_secret is missing"),
        (GitHub(client_secret=Secret("hush")), FAILURE, "github.client_id is missing"),
    ],
)
def test_no_app(settings: GitHub, outcome: Outcome, words: str) -> None:
    finding = github.not_configured(settings)
    assert finding.outcome is outcome
    assert words in finding.found
    assert "hush" not in repr(finding)


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        (None, OK),
        (f"https://grafana.example{github.GRAFANA_CALLBACK}", OK),
        (f"https://example.com/grafana{github.GRAFANA_CALLBACK}", OK),
        (f"http://localhost:3000{github.GRAFANA_CALLBACK}", OK),
        (f"http://grafana.example{github.GRAFANA_CALLBACK}", WARNING),
        ("https://grafana.example/login/github", WARNING),
        (f"https://grafana.example{CALLBACK}", FAILURE),
    ],
)
def test_the_callback_url(url: str | None, outcome: Outcome) -> None:
    assert github.callback_url(URL(url) if url else None).outcome is outcome


def test_the_callback_of_the_page_is_the_one_that_is_served() -> None:
    assert github.PAGE_CALLBACK == CALLBACK


@pytest.mark.parametrize(
    ("url", "answer", "outcome"),
    [
        (None, None, SKIPPED),
        ("https://pypi.example", heard(200), OK),
        ("https://pypi.example", heard(404), OK),
        ("https://pypi.example", heard(503), WARNING),
        ("https://pypi.example", Silent(Trouble.DNS), WARNING),
    ],
)
def test_lookups(url: str | None, answer: Any, outcome: Outcome) -> None:
    finding = egress.lookup("python_index", URL(url) if url else None, answer)
    assert (finding.check, finding.outcome) == ("egress.python_index", outcome)


def test_forward_proxies_are_named_without_their_password() -> None:
    way = URL("http://user:hush@proxy.corp:3128")
    finding = egress.proxy({"github.com": way, "pyroscope": None}, "pyroscope")
    assert finding.outcome is OK
    assert "github.com through the forward proxy proxy.corp:3128" in finding.found
    assert "hush" not in repr(finding)
    assert egress.proxy({"github.com": None, "pyroscope": None}, "pyroscope").outcome is OK
    assert egress.useless_proxy("HTTPS_PROXY is no address", "write one").outcome is FAILURE
    astray = egress.proxy({"github.com": way, "pyroscope": way}, "pyroscope")
    assert astray.outcome is WARNING
    assert "NO_PROXY" in astray.advice


def test_private_addresses() -> None:
    settings = Config().egress
    assert egress.private_addresses(settings).outcome is OK
    assert egress.private_addresses(replace(settings, allow_private_addresses=True)).outcome is WARNING


@pytest.mark.parametrize(
    ("found", "outcome", "words"),
    [
        (egress.Authorities("", "", 140), OK, "140 CAs of the system"),
        (egress.Authorities("/ca.pem", "", 1), OK, "1 CA of /ca.pem"),
        (egress.Authorities("", "", None), OK, "CAs of the system"),
        (egress.Authorities("", "", 0), FAILURE, "no CA is trusted"),
        (egress.Authorities("/ca.pem", "cannot be read: gone", 0), FAILURE, "cannot be read: gone"),
    ],
)
def test_authorities(found: egress.Authorities, outcome: Outcome, words: str) -> None:
    finding = egress.authorities(found)
    assert finding.outcome is outcome
    assert words in finding.found
