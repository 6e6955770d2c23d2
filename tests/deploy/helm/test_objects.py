"""Every object fits the schema of its kind, in the strict form that knows no other keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kubernetes_validate
import pytest

from tests.deploy.helm.chart import CI_VALUES, Object, Objects

if TYPE_CHECKING:
    from pathlib import Path

# The oldest of those that the chart is for, one between, the newest.
KUBERNETES = ("1.30", "1.34", "1.37")
# Objects that operators bring the schema of: https://prometheus-operator.dev/docs/api-reference/api/ and
# https://gateway-api.sigs.k8s.io/reference/spec/. The keys of `spec` that have to be there, and that may.
CUSTOM: dict[str, tuple[str, set[str], set[str]]] = {
    "ServiceMonitor": ("monitoring.coreos.com/v1", {"selector", "endpoints"}, {"namespaceSelector"}),
    "PodMonitor": ("monitoring.coreos.com/v1", {"selector", "podMetricsEndpoints"}, {"namespaceSelector"}),
    "PrometheusRule": ("monitoring.coreos.com/v1", {"groups"}, set()),
    "HTTPRoute": ("gateway.networking.k8s.io/v1", {"parentRefs", "rules"}, {"hostnames"}),
}
pytestmark = pytest.mark.parametrize("values_file", CI_VALUES, ids=lambda path: path.name)


@pytest.mark.parametrize("version", KUBERNETES)
def test_they_fit_the_schema_of_kubernetes(rendered: Objects, version: str) -> None:
    own = [each for each in rendered if each["kind"] not in CUSTOM]
    assert own
    for each in own:
        kubernetes_validate.validate(each, version, strict=True)


def test_they_have_the_form_that_operators_want(rendered: Objects) -> None:
    for each in rendered:
        if each["kind"] in CUSTOM:
            version, needed, possible = CUSTOM[each["kind"]]
            assert each["apiVersion"] == version
            assert needed <= set(each["spec"]) <= needed | possible, each["kind"]


def test_no_object_is_there_twice_and_each_says_where_it_belongs(
    rendered: Objects, values_file: Path
) -> None:
    def identity(each: Object) -> tuple[str, str, str]:
        return each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]

    assert len({identity(each) for each in rendered}) == len(rendered)
    ours = [each for each in rendered if "app.kubernetes.io/name" in each["metadata"].get("labels", {})]
    assert all(each["metadata"]["namespace"] for each in ours)
    assert all(each["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm" for each in ours)


def test_what_is_written_in_the_monitors_is_there(rendered: Objects) -> None:
    for kind, key in (("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")):
        for each in rendered.of(kind):
            (endpoint,) = each["spec"][key]
            assert (endpoint["port"], endpoint["path"]) == ("metrics", "/metrics")
            assert set(endpoint) <= {
                "port",
                "path",
                "interval",
                "scrapeTimeout",
                "relabelings",
                "metricRelabelings",
            }


def test_routes_match_prefixes_of_the_page(rendered: Objects) -> None:
    for each in rendered.of("HTTPRoute"):
        (rule,) = each["spec"]["rules"]
        assert {match["path"]["type"] for match in rule["matches"]} == {"PathPrefix"}
        assert rule["matches"][0]["path"]["value"] == "/-/source/"
        (backend,) = rule["backendRefs"]
        service = rendered.one("Service")
        assert backend["name"] == service["metadata"]["name"]
        assert backend["port"] in [
            port["port"] for port in service["spec"]["ports"] if port["name"] == "http"
        ]
