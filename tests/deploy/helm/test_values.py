"""values.yaml, its schema and the README say the same, and what does not fit is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from deploy.tools import values_table
from tests.deploy.helm.chart import CHART, CI_VALUES, Helm, Object, RefusedError, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES = values_of(CHART / "values.yaml")
SCHEMA = json.loads((CHART / "values.schema.json").read_text("utf-8"))
# Pieces of Kubernetes objects, whose keys are Kubernetes' business: test_objects.py holds what comes of them.
FREE = {
    "affinity", "podSecurityContext", "securityContext", "dnsConfig", "updateStrategy", "behavior", "global",
    "valueFrom", "labelSelector",
}  # fmt: skip


def schema_of(node: Object) -> Object:
    """A schema, or the one that it refers to."""
    name = node.get("$ref", "").removeprefix("#/definitions/")
    found: Object = SCHEMA["definitions"][name] if name else node
    return found


def leaves(node: Object, prefix: str = "") -> Iterator[tuple[str, Object]]:
    """Every value that the schema describes, by path; a map of free keys counts as one."""
    for name, child in schema_of(node).get("properties", {}).items():
        if below := list(leaves(child, f"{prefix}{name}.")):
            yield from below
        else:
            yield f"{prefix}{name}", schema_of(child)


def given(values: Any, node: Object, prefix: str = "") -> Iterator[str]:
    for name, value in values.items():
        child = schema_of(node)["properties"][name]
        if isinstance(value, dict) and schema_of(child).get("properties"):
            yield from given(value, child, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def complaints(values: Object) -> list[str]:
    """What the schema says of these values put over the defaults, as Helm puts them."""
    validator = jsonschema.Draft7Validator(SCHEMA)
    merged = merge(VALUES, values)
    return [
        f"{'.'.join(map(str, each.absolute_path))}: {each.validator}"
        for each in validator.iter_errors(merged)
    ]


def merge(under: Object, over: Object) -> Object:
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def test_the_schema_is_one_and_its_defaults_fit() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert complaints({}) == []
    for path in CI_VALUES:
        assert complaints(values_of(path)) == []


def test_every_value_has_a_schema_and_every_schema_a_value() -> None:
    described = {path for path, _ in leaves(SCHEMA)}
    # What Helm itself may put there, what only some set, and the configuration, which the proxy's keys hold.
    optional = {"global", "resources.claims"}
    probes = {path for path in described if path.startswith("probes.")}
    config = {path for path in described if path.startswith("config.")}
    assert set(given(VALUES, SCHEMA)) <= described
    assert described - set(given(VALUES, SCHEMA)) <= optional | probes | config


def test_nothing_takes_keys_that_it_does_not_know() -> None:
    def objects(name: str, node: Any) -> Iterator[tuple[str, Object]]:
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield name, node
            for key, child in node.items():
                yield from objects(name if key == "items" else key, child)

    for name, node in objects("", SCHEMA):
        if "properties" in node:
            assert node["additionalProperties"] is False, name
        else:
            assert "additionalProperties" in node or name in FREE | {"objects"}, name


def test_every_value_is_explained_in_the_readme_and_the_table_is_up_to_date() -> None:
    assert values_table.main(["--check"]) == 0
    explained = {row.path for row in values_table.rows((CHART / "values.yaml").read_text("utf-8"))}
    for path in given(VALUES, SCHEMA):
        parts = path.split(".")
        assert explained & {".".join(parts[:length]) for length in range(1, len(parts) + 1)}, path


def test_a_value_without_a_comment_is_noticed() -> None:
    with pytest.raises(values_table.UndocumentedError, match=r"a\.c"):
        values_table.rows("a:\n  # Said.\n  b: 1\n  c: 2\n")
    assert values_table.rows("# All\n# of it.\na:\n  b: 1\n") == [
        values_table.Row("a", '{"b": 1}', "All of it.")
    ]


def test_a_table_that_is_out_of_date_is_noticed() -> None:
    readme = f"{values_table.BEGIN}\nold\n{values_table.END}\nmore"
    new = values_table.put_in(readme, "# A | b.\na: x\n")
    assert '| `a` | `"x"` | A &#124; b. |' in new
    assert new.endswith(f"{values_table.END}\nmore")
    with pytest.raises(ValueError, match="the README needs"):
        values_table.put_in("nothing", "")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"replicaCounts": 2}, ": additionalProperties"),
        ({"config": {"upstreams": {}}}, "config: additionalProperties"),
        ({"config": {"upstream": {"uri": ""}}}, "config.upstream: additionalProperties"),
        ({"serviceMonitor": {"enable": True}}, "serviceMonitor: additionalProperties"),
        ({"replicaCount": "2"}, "replicaCount: type"),
        ({"replicaCount": -1}, "replicaCount: minimum"),
        ({"replicaCount": 1.5}, "replicaCount: type"),
        ({"image": {"tag": 1.1}}, "image.tag: type"),
        ({"image": {"tag": "has space"}}, "image.tag: pattern"),
        ({"image": {"digest": "sha256:12"}}, "image.digest: pattern"),
        ({"image": {"pullPolicy": "Sometimes"}}, "image.pullPolicy: enum"),
        ({"service": {"port": 65536}}, "service.port: maximum"),
        ({"service": {"type": "ExternalName"}}, "service.type: enum"),
        ({"config": {"listen": "4041"}}, "config.listen: pattern"),
        ({"config": {"listen": "0.0.0.0:0"}}, "config.listen: pattern"),
        ({"config": {"shutdown_grace": "30"}}, "config.shutdown_grace: pattern"),
        ({"config": {"shutdown_grace": "${GRACE}"}}, "config.shutdown_grace: pattern"),
        ({"config": {"shutdown_grace": ""}}, "config.shutdown_grace: minLength"),
        ({"config": {"upstream": {"url": "pyroscope:4040"}}}, "config.upstream.url: pattern"),
        (
            {"config": {"tenancy": {"multitenancy_enabled": "true"}}},
            "config.tenancy.multitenancy_enabled: type",
        ),
        ({"config": {"cache": {"max_size": "256MB"}}}, "config.cache.max_size: oneOf"),
        ({"config": {"log": {"level": "loud"}}}, "config.log.level: enum"),
        ({"config": None}, "config: type"),
        ({"extraEnv": [{"name": "A", "value": 1}]}, "extraEnv.0.value: type"),
        ({"extraEnv": {"A": "1"}}, "extraEnv: type"),
        ({"commonLabels": {"a": 1}}, "commonLabels.a: type"),
        ({"commonLabels": {"a": "b c"}}, "commonLabels.a: pattern"),
        ({"podAnnotations": {"a": True}}, "podAnnotations.a: type"),
        ({"existingSecret": "Not_A_Name"}, "existingSecret: pattern"),
        ({"fullnameOverride": "1st"}, "fullnameOverride: pattern"),
        ({"ingress": {"paths": ["page"]}}, "ingress.paths.0: pattern"),
        ({"podDisruptionBudget": {"minAvailable": "half"}}, "podDisruptionBudget.minAvailable: oneOf"),
        ({"prometheusRule": {"runbookBaseUrl": "https://x"}}, "prometheusRule.runbookBaseUrl: pattern"),
        ({"topologySpreadConstraints": [{"maxSkew": 1}]}, "topologySpreadConstraints.0: required"),
    ],
)
def test_what_does_not_fit_is_refused(values: Object, complaint: str) -> None:
    assert complaint in complaints(values)


def test_both_helms_hold_to_the_schema(helm3: Helm, helm4: Helm) -> None:
    wrong = {"replicaCount": "2", "config": {"upstreams": {}}, "service": {"prot": 1}}
    for helm in (helm3, helm4):
        with pytest.raises(RefusedError) as refused:
            helm.template(values=wrong)
        for said in ("replicaCount", "upstreams", "prot"):
            assert said in str(refused.value)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"secret": {"clientId": "a"}}, "secret needs all of clientId, clientSecret and sessionSecret"),
        ({"secret": {"clientId": "a"}, "existingSecret": "b"}, "existingSecret and secret are both given"),
        (
            {"existingSecret": "a", "redis": {"url": "redis://r", "existingSecret": "b"}},
            "redis.url and redis.existingSecret are both given",
        ),
        ({"redis": {"url": "redis://r"}}, "redis needs a session secret"),
        ({"config": {"listen": "127.0.0.1:4041"}}, "config.listen is reached from other pods"),
        ({"config": {"admin_listen": "[::1]:4043"}}, "config.admin_listen is reached from other pods"),
        ({"config": {"listen_tls": {"key_file": "/k"}}}, "config.listen_tls needs both"),
        (
            {"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}},
            "serviceMonitor.enabled and podMonitor.enabled would scrape each pod twice",
        ),
        ({"config": {"listen": "[::]:4043"}}, "config.listen and config.admin_listen need different ports"),
        ({"replicaCount": 2, "podDisruptionBudget": {"minAvailable": 2}}, "must be less than the 2 replicas"),
        (
            {"autoscaling": {"enabled": True, "minReplicas": 7}},
            "must not be greater than autoscaling.maxReplicas",
        ),
        (
            {"autoscaling": {"enabled": True, "targetCPUUtilizationPercentage": 0}},
            "autoscaling needs targetCPUUtilizationPercentage or targetMemoryUtilizationPercentage",
        ),
        ({"httpRoute": {"enabled": True}}, "httpRoute needs parentRefs"),
    ],
)
def test_what_does_not_go_together_is_refused(helm: Helm, values: Object, complaint: str) -> None:
    assert complaints(values) == []
    with pytest.raises(RefusedError, match=complaint):
        helm.template(values=values)


def test_the_chart_has_the_version_of_the_proxy() -> None:
    from proxy import __version__

    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)
