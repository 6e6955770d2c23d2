"""The values that put the proxy beside Pyroscope: up to date, and right in a chart with its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kubernetes_validate
import pytest
import yaml

from deploy.tools import sidecar
from proxy.config import Config, parse
from tests.deploy.helm.chart import CHART, Helm, Object, Objects, values_of
from tests.deploy.helm.restricted import violations

if TYPE_CHECKING:
    from pathlib import Path

HERE = CHART.parents[1] / "tests/deploy/helm/pyroscope"
FIELDS = values_of(HERE / "fields.yaml")
SECRET_FILES = ("client_secret", "session_secret")
every_shape = pytest.mark.parametrize("shape", sidecar.SHAPES, ids=lambda shape: shape.name)


def install(helm: Helm, shape: sidecar.Shape) -> Objects:
    """What Pyroscope's chart renders with the values of a shape."""
    microservices = {"architecture": {"microservices": {"enabled": shape.component != "all"}}}
    return helm.template(sidecar.FOLDER / shape.name, values=microservices, release="profiles", chart=HERE)


def workload(objects: Objects, shape: sidecar.Shape) -> Object:
    (found,) = [each for each in objects.of("Deployment") if each["metadata"]["name"] == shape.component]
    return found


def proxy_in(pod: Object, shape: sidecar.Shape) -> Object:
    containers = pod["spec"].get("initContainers" if shape.native else "containers", [])
    (found,) = [each for each in containers if each["name"] == "source-proxy"]
    container: Object = found
    return container


def paths_in(value: Object, known: set[str], prefix: str = "") -> set[str]:
    found = set()
    for key, each in value.items():
        path = f"{prefix}{key}"
        nested = isinstance(each, dict) and path not in known
        found |= paths_in(each, known, f"{path}.") if nested else {path}
    return found


def test_the_files_are_up_to_date_with_both_helms(helm3: Helm, helm4: Helm) -> None:
    for helm in (helm3, helm4):
        assert sidecar.main(["--check", "--helm", str(helm.path)]) == 0


def test_a_file_that_is_out_of_date_is_noticed(
    helm: Helm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source-values.yaml").write_text((sidecar.FOLDER / "source-values.yaml").read_text("utf-8"))
    monkeypatch.setattr(sidecar, "FOLDER", tmp_path)
    assert sidecar.main(["--check", "--helm", str(helm.path)]) == 1
    assert capsys.readouterr().err.count("is out of date: run make chart") == len(sidecar.SHAPES)
    assert sidecar.main(["--helm", str(helm.path)]) == 0
    assert sidecar.main(["--check", "--helm", str(helm.path)]) == 0


def test_without_helm_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert sidecar.main(["--helm", "/there/is/no/helm"]) == 1
    assert "Helm could not render the chart" in capsys.readouterr().err


@every_shape
def test_only_fields_of_pyroscopes_chart_are_used(shape: sidecar.Shape) -> None:
    values = values_of(sidecar.FOLDER / shape.name)
    assert set(values) == {"pyroscope", *FIELDS["objects"]}
    own = values["pyroscope"]
    if shape.component != "all":
        assert set(own) == {"components"}
        assert set(own["components"]) == {shape.component} <= set(FIELDS["components"])
        own = own["components"][shape.component]
    known = {*FIELDS["workload"], *FIELDS["service"]}
    assert paths_in(own, known) <= known


@every_shape
def test_the_container_is_that_of_the_chart_but_for_the_names_of_its_ports(
    helm: Helm, shape: sidecar.Shape
) -> None:
    beside = proxy_in(workload(install(helm, shape), shape)["spec"]["template"], shape)
    alone = helm.template(sidecar.FOLDER / "source-values.yaml").proxy
    assert beside.get("restartPolicy") == ("Always" if shape.native else None)
    renamed = {**beside, "ports": alone["ports"]}
    renamed.pop("restartPolicy", None)
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        renamed[probe] = {**beside[probe], "httpGet": {**beside[probe]["httpGet"], "port": "metrics"}}
    assert renamed == alone
    for port, other in zip(beside["ports"], alone["ports"], strict=True):
        assert port == {**other, "name": sidecar.PORTS[other["name"]]}


@every_shape
def test_it_lands_in_the_pods_of_the_component_alone(helm: Helm, shape: sidecar.Shape) -> None:
    objects = install(helm, shape)
    for each in objects.of("Deployment"):
        pod = each["spec"]["template"]["spec"]
        names = [
            container["name"] for kind in ("initContainers", "containers") for container in pod.get(kind, [])
        ]
        assert names.count("source-proxy") == (each["metadata"]["name"] == shape.component)
    for version in ("1.30", "1.37"):
        for each in objects:
            kubernetes_validate.validate(each, version, strict=True)


@every_shape
def test_it_goes_with_what_pyroscopes_pods_have(helm: Helm, shape: sidecar.Shape) -> None:
    pod = workload(install(helm, shape), shape)["spec"]["template"]
    proxy = proxy_in(pod, shape)
    assert not {port["name"] for port in proxy["ports"]} & set(FIELDS["ports"])
    assert all(len(port["name"]) <= 15 for port in proxy["ports"])
    volumes = [volume["name"] for volume in pod["spec"]["volumes"]]
    assert len(set(volumes)) == len(volumes)
    assert {mount["name"] for mount in proxy["volumeMounts"]} <= set(volumes) - set(FIELDS["volumes"])
    # Beside a container that does not care for the restricted profile, it does.
    assert violations({"securityContext": FIELDS["podSecurityContext"], "containers": [proxy]}) == []
    assert proxy["securityContext"]["runAsUser"] == FIELDS["podSecurityContext"]["runAsUser"]


@every_shape
def test_the_services_reach_it(helm: Helm, shape: sidecar.Shape) -> None:
    objects = install(helm, shape)
    pod = workload(objects, shape)["spec"]["template"]
    ports = {port["name"]: port["containerPort"] for port in proxy_in(pod, shape)["ports"]}
    for name in ("pyroscope-source-proxy", shape.component):
        (service,) = [each for each in objects.of("Service") if each["metadata"]["name"] == name]
        assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        reached = {
            port["port"]: ports[port["targetPort"]]
            for port in service["spec"]["ports"]
            if "targetPort" in port
        }
        assert reached == {4041: 4041, 4043: 4043}
    others = [each for each in objects.of("Deployment") if each["metadata"]["name"] != shape.component]
    selector = objects.one("Service", "pyroscope-source-proxy")["spec"]["selector"]
    for other in others:
        assert not selector.items() <= other["spec"]["template"]["metadata"]["labels"].items()


@every_shape
def test_the_configuration_is_accepted_and_leads_to_the_pyroscope_in_the_pod(
    helm: Helm, shape: sidecar.Shape
) -> None:
    config_map = install(helm, shape).one("ConfigMap")
    files = {f"/etc/pyroscope-source-proxy/secrets/{name}": f"made-up-{name}" for name in SECRET_FILES}
    text = config_map["data"]["config.yaml"]
    config = parse(text, {"GITHUB_CLIENT_ID": "id"}, read_file=files.__getitem__)
    assert config.github_app_configured
    assert config.upstream.url == Config().upstream.url
    assert str(config.upstream.url.origin()) == "http://localhost:4040"
    assert yaml.safe_load(text).keys() >= {"listen", "admin_listen", "upstream"}


def test_the_readme_names_every_file() -> None:
    readme = (CHART / "README.md").read_text("utf-8")
    for shape in sidecar.SHAPES:
        assert f"](sidecar/{shape.name})" in readme
    written = {path.name for path in sidecar.FOLDER.iterdir()} - {"source-values.yaml"}
    assert written == {shape.name for shape in sidecar.SHAPES}
