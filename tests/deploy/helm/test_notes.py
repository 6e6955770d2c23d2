"""What people read after the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.deploy.helm.chart import CHART, NAMESPACE, RELEASE

if TYPE_CHECKING:
    from tests.deploy.helm.chart import Helm, Object

NAME = f"{RELEASE}-pyroscope-source-proxy"


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, f"http://{NAME}.{NAMESPACE}.svc:4041"),
        ({"service": {"port": 80}, "tls": {"secretName": "x"}}, f"https://{NAME}.{NAMESPACE}.svc:80"),
    ],
)
def test_they_say_the_url_and_the_cookie(helm: Helm, values: Object, url: str) -> None:
    notes = helm.notes(values)
    start = notes.index("       url: ")
    provisioned = yaml.safe_load(notes[start : notes.index("\n\n", start)])
    assert provisioned == {"url": url, "jsonData": {"keepCookies": ["pyroscope_git_session"]}}
    assert f"helm test --namespace {NAMESPACE} {RELEASE}" in notes


@pytest.mark.parametrize(
    ("values", "warned"),
    [
        ({}, True),
        ({"existingSecret": "x"}, False),
        ({"existingConfigMap": "x"}, False),
        ({"secret": {"clientId": "a", "clientSecret": "hush", "sessionSecret": "hush"}}, False),
    ],
)
def test_they_warn_where_nobody_could_log_in_and_show_no_secret(
    helm: Helm, values: Object, warned: bool
) -> None:
    notes = helm.notes(values)
    assert ("nobody can log in" in notes) is warned
    assert "hush" not in notes


def test_they_mention_what_is_easily_forgotten(helm: Helm) -> None:
    assert "share what they know" in helm.notes({"replicaCount": 2})
    shared = {"replicaCount": 2, "existingSecret": "x", "redis": {"existingSecret": "r"}}
    assert "share what they know" not in helm.notes(shared)
    assert "/-/source/callback" in helm.notes({"ingress": {"enabled": True}})


def test_the_readme_shows_the_address_that_the_chart_makes(helm: Helm) -> None:
    readme = (CHART / "README.md").read_text("utf-8")
    objects = helm.template(release="pyroscope-source-proxy")
    assert f"http://{objects.one('Service')['metadata']['name']}.NAMESPACE.svc:4041" in readme
