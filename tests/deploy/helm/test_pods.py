"""The pods: what they may do, how many there are, how they end, where their files come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.deploy.helm.chart import CI_VALUES, Helm, Object, Objects, RefusedError
from tests.deploy.helm.restricted import violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

every_file = pytest.mark.parametrize("values_file", CI_VALUES, ids=lambda path: path.name)
OWN_KEYS = {"client_id", "client_secret", "session_secret"}


@every_file
def test_they_fit_the_restricted_profile(rendered: Objects) -> None:
    for pod in rendered.pods():
        assert violations(pod["spec"]) == []


@every_file
def test_they_are_user_10001_on_a_read_only_root_and_have_no_token(rendered: Objects) -> None:
    for pod in rendered.pods():
        assert pod["spec"]["securityContext"]["runAsUser"] == 10001
        assert pod["spec"]["automountServiceAccountToken"] is False
    assert rendered.proxy["securityContext"]["readOnlyRootFilesystem"] is True
    assert rendered.proxy["securityContext"]["runAsUser"] == 10001
    for account in rendered.of("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False
    writable = [each["name"] for each in rendered.proxy["volumeMounts"] if not each.get("readOnly")]
    assert writable == ["source-proxy-tmp"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"allowPrivilegeEscalation": True}, "c: allowPrivilegeEscalation"),
        ({"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}, "c: capabilities.add"),
        ({"capabilities": {}}, "c: capabilities.drop"),
        ({"runAsNonRoot": False}, "c: runAsNonRoot"),
        ({"seccompProfile": {"type": "Unconfined"}}, "c: seccompProfile"),
        ({"privileged": True}, "c: privileged"),
    ],
)
def test_what_the_profile_forbids_is_seen(change: Object, found: str) -> None:
    fine = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert violations({"containers": [{"name": "c", "securityContext": fine}]}) == []
    assert violations({"containers": [{"name": "c", "securityContext": fine | change}]}) == [found]
    host = {"hostNetwork": True, "volumes": [{"name": "v", "hostPath": {}}], "containers": []}
    assert violations(host) == ["hostNetwork", "volume v: {'hostPath'}"]


def secret_keys(pod: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every key of a Secret that the pod needs, with the Secret's name."""
    for container in pod["spec"]["containers"]:
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference:
                yield reference["name"], reference["key"]
    for volume in pod["spec"]["volumes"]:
        for source in volume.get("projected", {}).get("sources", []):
            for item in source["secret"]["items"]:
                yield source["secret"]["name"], item["key"]


@every_file
def test_every_key_of_a_secret_is_there_or_is_promised(rendered: Objects, values_file: Path) -> None:
    created = {each["metadata"]["name"]: set(each["data"]) for each in rendered.of("Secret")}
    needed = set(secret_keys(rendered.pod))
    for name, key in needed:
        if name in created:
            assert key in created[name]
        else:  # the Secret is the operator's: the keys are those that the README names
            assert key in OWN_KEYS | {"url"}
    assert {(name, key) for name, keys in created.items() for key in keys} <= needed


@every_file
def test_volumes_and_mounts_belong_together(rendered: Objects) -> None:
    mounted = [mount["name"] for mount in rendered.proxy["volumeMounts"]]
    assert sorted(mounted) == sorted(volume["name"] for volume in rendered.pod["spec"]["volumes"])
    created = {each["metadata"]["name"] for each in rendered.of("ConfigMap")}
    (config,) = [
        v["configMap"]["name"] for v in rendered.pod["spec"]["volumes"] if v["name"] == "source-proxy-config"
    ]
    assert config in created | {"source-proxy-config"}


@pytest.mark.parametrize(
    ("values", "budget"),
    [
        ({}, None),
        ({"replicaCount": 0}, None),
        ({"replicaCount": 2}, {"maxUnavailable": 1}),
        ({"replicaCount": 3, "podDisruptionBudget": {"minAvailable": 2}}, {"minAvailable": 2}),
        ({"replicaCount": 3, "podDisruptionBudget": {"minAvailable": 0}}, {"minAvailable": 0}),
        ({"replicaCount": 2, "podDisruptionBudget": {"maxUnavailable": 0}}, {"maxUnavailable": 0}),
        ({"replicaCount": 2, "podDisruptionBudget": {"minAvailable": "50%"}}, {"minAvailable": "50%"}),
        ({"replicaCount": 2, "podDisruptionBudget": {"enabled": False}}, None),
        ({"autoscaling": {"enabled": True, "minReplicas": 1}}, None),
        ({"autoscaling": {"enabled": True}}, {"maxUnavailable": 1}),
        ({"replicaCount": 5, "autoscaling": {"enabled": True, "minReplicas": 1}}, None),
    ],
)
def test_there_is_a_disruption_budget_only_above_one_replica(
    helm: Helm, values: Object, budget: Object | None
) -> None:
    found = helm.template(values=values).of("PodDisruptionBudget")
    amounts = ("minAvailable", "maxUnavailable")
    specs = [{key: each["spec"][key] for key in amounts if key in each["spec"]} for each in found]
    assert specs == ([budget] if budget else [])


def test_an_autoscaler_takes_the_number_of_replicas_over(helm: Helm) -> None:
    fixed = helm.template(values={"replicaCount": 3})
    assert fixed.one("Deployment")["spec"]["replicas"] == 3
    assert not fixed.of("HorizontalPodAutoscaler")
    scaled = helm.template(values={"replicaCount": 3, "autoscaling": {"enabled": True}})
    assert "replicas" not in scaled.one("Deployment")["spec"]
    target = scaled.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", scaled.one("Deployment")["metadata"]["name"])


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({}, 50),
        ({"config": {"shutdown_delay": "0s", "shutdown_grace": "1m30s"}}, 100),
        ({"config": {"shutdown_delay": "500ms", "shutdown_grace": "600ms"}}, 12),
        ({"config": {"shutdown_grace": "1h1m1s"}}, 3681),
        ({"terminationGracePeriodSeconds": 40}, 40),
    ],
)
def test_a_pod_has_time_to_end(helm: Helm, values: Object, seconds: int) -> None:
    assert helm.template(values=values).pod["spec"]["terminationGracePeriodSeconds"] == seconds


def test_a_pod_that_would_be_killed_while_it_ends_is_refused(helm: Helm) -> None:
    with pytest.raises(RefusedError, match=r"terminationGracePeriodSeconds must be at least .* 40 seconds"):
        helm.template(values={"terminationGracePeriodSeconds": 39})


def test_a_changed_configuration_replaces_the_pods_and_nothing_else_does(helm: Helm) -> None:
    def annotations(**values: Any) -> Object:
        found: Object = helm.template(values=values).pod["metadata"]["annotations"]
        return found

    plain = annotations()
    assert annotations(replicaCount=2, resources={"limits": {"memory": "1Gi"}}) == plain
    assert annotations(config={"log": {"level": "debug"}}) != plain
    assert annotations(mappings="source_code: {}") != plain
    app = {"clientId": "id", "clientSecret": "a", "sessionSecret": "b"}
    # Files are read anew while the proxy runs; the client id is in the environment.
    assert annotations(secret=app | {"sessionSecret": "c\nb"}) == annotations(secret=app)
    assert annotations(secret=app | {"clientId": "other"}) != annotations(secret=app)
    assert annotations(podAnnotations={"a": "b"}) == plain | {"a": "b"}


def test_every_replica_is_ready_before_an_old_one_goes_and_they_are_spread(helm: Helm) -> None:
    objects = helm.template(values={"replicaCount": 2})
    strategy = objects.one("Deployment")["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    spread = objects.pod["spec"]["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
