"""What no schema can say: selectors match, ports resolve, names fit, probes ask what is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from proxy.admin import admin_application
from proxy.config import Config
from proxy.live import Live
from proxy.metrics import Metrics
from proxy.settings import Settings
from tests.deploy.helm.chart import CI_VALUES, NAMESPACE, RELEASE, Helm, Object, Objects

if TYPE_CHECKING:
    from pathlib import Path

LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?")
LONGEST_RELEASE = "a" * 53  # what Helm allows
ALL_ON = {
    "existingSecret": "github",
    "redis": {"url": "redis://redis"},
    "service": {"type": "LoadBalancer"},
    "autoscaling": {"enabled": True},
    "networkPolicy": {"enabled": True},
    "serviceMonitor": {"enabled": True},
    "prometheusRule": {"enabled": True},
    "dashboard": {"enabled": True},
    "ingress": {"enabled": True},
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]},
}
every_file = pytest.mark.parametrize("values_file", CI_VALUES, ids=lambda path: path.name)


def fits(selector: Object, labels: Object) -> bool:
    return selector.items() <= labels.items()


@every_file
def test_selectors_match_the_pods_and_nothing_else(rendered: Objects) -> None:
    labels = rendered.pod["metadata"]["labels"]
    deployment = rendered.one("Deployment")
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        *(each["spec"]["selector"] for each in rendered.of("Service")),
        *(each["spec"]["selector"]["matchLabels"] for each in rendered.of("PodDisruptionBudget")),
        *(each["spec"]["selector"]["matchLabels"] for each in rendered.of("PodMonitor")),
        *(each["spec"]["podSelector"]["matchLabels"] for each in rendered.of("NetworkPolicy")),
        *(
            each["labelSelector"]["matchLabels"]
            for each in rendered.pod["spec"].get("topologySpreadConstraints", [])
        ),
    ]
    others = [each["metadata"]["labels"] for each in rendered.of("Pod")]
    for selector in selectors:
        assert fits(selector, labels)
        assert not any(fits(selector, other) for other in others)


@every_file
def test_monitors_find_a_service_with_the_port_in_the_namespace_of_the_release(rendered: Objects) -> None:
    for monitor in rendered.of("ServiceMonitor"):
        assert monitor["spec"]["namespaceSelector"]["matchNames"] == [NAMESPACE]
        selector = monitor["spec"]["selector"]["matchLabels"]
        found = [each for each in rendered.of("Service") if fits(selector, each["metadata"]["labels"])]
        ports = [port["name"] for each in found for port in each["spec"]["ports"]]
        assert ports.count("metrics") == 1


@every_file
def test_ports_resolve(rendered: Objects) -> None:
    of_the_pod = {port["name"]: port["containerPort"] for port in rendered.proxy["ports"]}
    assert len(set(of_the_pod.values())) == len(of_the_pod)
    for service in rendered.of("Service"):
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= set(of_the_pod)
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert rendered.proxy[probe]["httpGet"]["port"] == "metrics"
    for policy in rendered.of("NetworkPolicy"):
        named = [port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]]
        assert {"http", "metrics"} <= set(named) <= set(of_the_pod)
    for ingress in rendered.of("Ingress"):
        backends = [
            path["backend"]["service"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]
        ]
        service = rendered.one("Service")
        assert {backend["name"] for backend in backends} == {service["metadata"]["name"]}
        assert {backend["port"]["name"] for backend in backends} <= {
            p["name"] for p in service["spec"]["ports"]
        }


@every_file
def test_the_metrics_port_never_leaves_the_cluster(rendered: Objects) -> None:
    for service in rendered.of("Service"):
        outside = service["spec"]["type"] != "ClusterIP"
        assert not (outside and "metrics" in [port["name"] for port in service["spec"]["ports"]])


@every_file
async def test_probes_ask_routes_that_the_admin_port_has(helm: Helm, values_file: Path) -> None:
    container = helm.template(values_file).proxy
    metrics = Metrics(CollectorRegistry(), version="0", revision="")
    draining = ""

    async def collect() -> CollectorRegistry:
        return metrics.registry

    admin = admin_application(collect, Live(Settings(Config(), None)), lambda: draining)
    async with TestClient(TestServer(admin)) as client:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert (await client.get(container[probe]["httpGet"]["path"])).status == 200
        # While it drains, it must get no more requests but not be killed.
        draining = "draining"
        assert (await client.get(container["livenessProbe"]["httpGet"]["path"])).status == 200
        assert (await client.get(container["readinessProbe"]["httpGet"]["path"])).status == 503


@pytest.mark.parametrize(
    ("release", "name"),
    [
        (LONGEST_RELEASE, None),
        ("pyroscope-source-proxy", "pyroscope-source-proxy"),
        ("prod", "prod-pyroscope-source-proxy"),
        ("1st", "r-1st-pyroscope-source-proxy"),
        ("my.release", "my-release-pyroscope-source-proxy"),
    ],
)
def test_names_are_names_for_every_release(helm: Helm, release: str, name: str | None) -> None:
    objects = helm.template(values=ALL_ON, release=release)
    for each in objects:
        own = each["metadata"]["name"]
        assert len(own) <= 63
        assert re.fullmatch("[a-z]([-a-z0-9]*[a-z0-9])?", own)
        labels = {**each["metadata"]["labels"], **objects.pod["metadata"]["labels"]}
        assert all(LABEL_VALUE.fullmatch(value) for value in labels.values())
    if name:
        assert objects.one("Deployment")["metadata"]["name"] == name
    for port in objects.proxy["ports"]:
        assert len(port["name"]) <= 15


def test_names_can_be_given(helm: Helm) -> None:
    assert (
        helm.template(values={"fullnameOverride": "front"}).one("Deployment")["metadata"]["name"] == "front"
    )
    renamed = helm.template(
        values={"nameOverride": "front", "commonLabels": {"app.kubernetes.io/name": "no"}}
    )
    assert renamed.one("Service")["metadata"]["name"] == f"{RELEASE}-front"
    assert renamed.pod["metadata"]["labels"]["app.kubernetes.io/name"] == "front"
