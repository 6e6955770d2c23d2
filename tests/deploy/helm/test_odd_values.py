"""Values that people write without meaning harm: nothing, null, quotes, braces, line breaks."""

from __future__ import annotations

import base64
import shutil
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.helm.chart import CHART, Helm, Object, RefusedError, values_of

if TYPE_CHECKING:
    from pathlib import Path

VALUES = values_of(CHART / "values.yaml")
KUBERNETES = {"podSecurityContext", "securityContext", "updateStrategy", "resources"}
ODD = "a \"quoted\" 'text': {{ not.a.template }} # no comment, ${NO} %s \\ ünï ☃"


def emptied(value: Any, empty: Any) -> Any:
    """The same sections, with something else for every value, of which pieces of Kubernetes are one."""
    if isinstance(value, dict) and value:
        return {key: empty if key in KUBERNETES else emptied(each, empty) for key, each in value.items()}
    return empty


@pytest.mark.parametrize("values", [dict.fromkeys(VALUES), emptied(VALUES, None)], ids=["sections", "values"])
def test_null_everywhere_leaves_a_chart_that_works(helm3: Helm, helm4: Helm, values: Object) -> None:
    objects = helm4.template(values=values)
    assert helm3.template(values=values) == objects
    for each in objects:
        kubernetes_validate.validate(each, "1.37", strict=True)
    assert objects.one("Deployment")["spec"]["replicas"] == 1
    assert {port["name"] for port in objects.one("Service")["spec"]["ports"]} == {"http", "metrics"}


def test_empty_texts_are_as_if_they_were_not_there(helm: Helm) -> None:
    empty = {key: "" for key, value in VALUES.items() if value == ""} | {
        "redis": {"url": ""},
        "tls": {"secretName": ""},
        "config": {"github": {"client_id": "", "callback_url": ""}},
    }
    plain, with_empty = helm.template(), helm.template(values=empty)
    assert [each["kind"] for each in plain] == [each["kind"] for each in with_empty]


@pytest.mark.parametrize(
    "section", ["autoscaling", "networkPolicy", "serviceMonitor", "podMonitor", "ingress"]
)
def test_what_is_turned_on_works_without_the_rest_of_its_section(helm: Helm, section: str) -> None:
    bare: Object = {key: None for key in VALUES[section] if key != "enabled"} | {"enabled": True}
    if section == "autoscaling":
        bare |= {"targetCPUUtilizationPercentage": 50}
    if section == "ingress":
        bare |= {"paths": ["/"]}
    for each in helm.template(values={section: bare}):
        if "monitoring" not in each["apiVersion"]:
            kubernetes_validate.validate(each, "1.37", strict=True)


def test_odd_texts_arrive_as_they_are(helm: Helm) -> None:
    secret = {"clientId": "id", "clientSecret": ODD, "sessionSecret": f"{ODD}\nsecond"}
    objects = helm.template(
        values={
            "secret": secret,
            "podAnnotations": {"example.com/odd": ODD, "example.com/number": "1", "example.com/yes": "yes"},
            "extraEnv": [{"name": "ODD", "value": ODD}, {"name": "NUMBER", "value": "0123"}],
            "mappings": f"# {ODD}\n\ttab\n",
            "serviceMonitor": {"enabled": True, "annotations": {"odd": ODD}},
            "config": {"github": {"client_id": ODD}},
        }
    )
    data = objects.one("Secret")["data"]
    assert base64.b64decode(data["client_secret"]).decode() == ODD
    assert base64.b64decode(data["session_secret"]).decode() == f"{ODD}\nsecond"
    annotations = objects.pod["metadata"]["annotations"]
    assert (annotations["example.com/odd"], annotations["example.com/number"]) == (ODD, "1")
    assert annotations["example.com/yes"] == "yes"
    assert {"name": "NUMBER", "value": "0123"} in objects.proxy["env"]
    config_map = objects.one("ConfigMap")["data"]
    assert config_map["mappings.yaml"] == f"# {ODD}\n\ttab\n"
    assert yaml.safe_load(config_map["config.yaml"])["github"]["client_id"] == ODD
    assert objects.one("ServiceMonitor")["metadata"]["annotations"] == {"odd": ODD}


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("redis://redis", 6379),
        ("redis://:hush@redis:6380/1", 6380),
        ("rediss://u:p%40:1@[::1]:6381", 6381),
        ("redis://u:ha#sh@redis", 6379),
    ],
)
def test_a_policy_lets_out_to_redis_where_it_is(helm: Helm, url: str, port: int) -> None:
    values = {"existingSecret": "github", "redis": {"url": url}, "networkPolicy": {"enabled": True}}
    assert port in ports_out(helm, values)


@pytest.mark.parametrize(
    ("url", "given", "port"),
    [
        ("http://pyroscope", 0, 80),
        ("https://pyroscope/prefix", 0, 443),
        ("http://pyroscope:4040/a:1", 0, 4040),
        ("http://pyroscope:80", 4040, 4040),
        ("http://[::1]:4040", 0, 4040),
    ],
)
def test_a_policy_lets_out_to_pyroscope_where_it_is(helm: Helm, url: str, given: int, port: int) -> None:
    policy = {"enabled": True, "upstreamPort": given}
    assert port in ports_out(helm, {"networkPolicy": policy, "config": {"upstream": {"url": url}}})


@pytest.mark.parametrize(
    ("config", "ports"),
    [
        ({}, [[443]]),
        ({"github": {"url": "https://ghe:8443", "api_url": "https://ghe:8443/api/v3"}}, [[443, 8443]]),
        ({"resolver": {"npm_registry": "http://mirror/npm", "python_index": ""}}, [[443, 80]]),
        ({"tracing": {"endpoint": "http://otel:4318"}}, [[443], [4318]]),
        ({"tracing": {"endpoint": "http://otel"}}, [[443], [80]]),
        # Where port 443 may be asked is said by internetTo alone.
        ({"tracing": {"endpoint": "https://otel/v1/traces"}}, [[443]]),
        (None, [[443]]),
    ],
)
def test_a_policy_lets_out_to_github_and_what_else_is_configured(
    helm: Helm, config: Object | None, ports: list[list[int]]
) -> None:
    upstream = {"enabled": True, "upstreamPort": 1, "internetTo": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}
    (policy,) = helm.template(values={"networkPolicy": upstream, "config": config}).of("NetworkPolicy")
    _, _, outside, *others = policy["spec"]["egress"]
    assert [[port["port"] for port in rule["ports"]] for rule in (outside, *others)] == ports
    assert "to" in outside
    assert not any("to" in rule for rule in others)


def test_https_by_files_of_ones_own_is_told_everywhere(helm: Helm) -> None:
    files = {"cert_file": "/tls/a", "key_file": "/tls/b"}
    objects = helm.template(values={"config": {"listen_tls": files}})
    assert objects.one("Service")["spec"]["ports"][0]["appProtocol"] == "https"
    (pod,) = objects.of("Pod")
    assert pod["spec"]["containers"][0]["args"][-1].startswith("https://")


def ports_out(helm: Helm, values: Object) -> list[int]:
    (policy,) = helm.template(values=values).of("NetworkPolicy")
    return [port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]]


def test_an_image_can_come_from_anywhere(helm: Helm) -> None:
    def image(**values: str) -> str:
        return str(helm.template(values={"image": values}).proxy["image"])

    assert image() == "pyroscope-source-proxy:0.1.0"
    assert (
        image(registry="r.example.com:5000/team/", tag="1.2")
        == "r.example.com:5000/team/pyroscope-source-proxy:1.2"
    )
    digest = f"sha256:{'a' * 64}"
    assert image(repository="own", tag="1.2", digest=digest) == f"own@{digest}"


def test_alerts_get_the_address_of_their_runbooks_and_can_be_left_out(helm: Helm) -> None:
    def alerts(**values: Any) -> dict[str, str]:
        rendered = helm.template(values={"prometheusRule": {"enabled": True, **values}})
        groups = rendered.one("PrometheusRule")["spec"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        return {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules if "alert" in rule}

    plain = alerts()
    name, link = next(iter(plain.items()))
    assert link == f"docs/operations.md#{name.lower()}"
    base = "https://example.com/docs/"
    assert alerts(runbookBaseUrl=base) == {name: base + link for name, link in plain.items()}
    assert alerts(disabled=[name]) == {key: value for key, value in plain.items() if key != name}


def test_rules_and_dashboard_are_those_of_the_files(helm: Helm) -> None:
    objects = helm.template(values={"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}})
    rules = (CHART / "files/rules/source-proxy.rules.yaml").read_text("utf-8")
    assert objects.one("PrometheusRule")["spec"] == yaml.safe_load(rules)
    dashboard = objects.one("ConfigMap", suffix="-dashboard")
    text = (CHART / "files/dashboards/source-proxy.json").read_text("utf-8")
    assert dashboard["data"]["source-proxy.json"].strip() == text.strip()
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"


@pytest.mark.parametrize("section", ["prometheusRule", "dashboard"])
def test_a_chart_without_these_files_says_so(helm: Helm, tmp_path: Path, section: str) -> None:
    chart = shutil.copytree(CHART, tmp_path / "chart", ignore=shutil.ignore_patterns("files"))
    with pytest.raises(RefusedError, match=f"{section}.enabled: this copy of the chart has no files/"):
        helm.template(chart=chart, values={section: {"enabled": True}})
