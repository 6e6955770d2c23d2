"""``deploy/compose.yaml``: Compose accepts it, and what it mounts, checks and pins is right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import proxy
from proxy.config.model import Config
from tests.compose.loading import FOLDER, ROOT, project, services
from tests.image.dockerfile import DOCKERFILE, Stage, exec_form, stages

OURS = {"proxy": DOCKERFILE, "sample": FOLDER / "sample/Dockerfile"}
"""The services whose images are built here."""
CHECKS = {
    # Built on the official image of Python.
    "pyroscope-source-proxy": {"python3"},
    "pyroscope-source-proxy-sample": {"python3"},
    # Distroless: https://github.com/grafana/pyroscope/blob/main/cmd/pyroscope/Dockerfile copies two programs.
    "grafana/pyroscope": {"/usr/bin/profilecli", "/usr/bin/pyroscope"},
    # Alpine's busybox; curl is not in it: https://github.com/grafana/grafana/blob/main/Dockerfile
    "grafana/grafana": {"wget"},
    # https://github.com/prometheus/prometheus/blob/main/Dockerfile copies /bin/promtool.
    "prom/prometheus": {"promtool"},
    "redis": {"redis-cli"},
}
"""What each image has that a health check can be made with."""


def last_stage(service: str) -> Stage:
    return stages(OURS[service])[1][-1]


def test_redis_comes_only_when_asked_for() -> None:
    assert services().keys() - project()["services"].keys() == {"redis"}


def test_everything_that_belongs_together_is_there() -> None:
    assert services().keys() == {"proxy", "pyroscope", "sample", "grafana", "prometheus", "redis"}


@pytest.mark.parametrize("service", services())
class TestEveryService:
    def test_its_image_is_one_exact_version(self, service: str) -> None:
        image = services()[service]["image"]
        assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+\.\d+(-alpine)?", image)

    def test_its_health_check_uses_what_its_image_has(self, service: str) -> None:
        checked = services()[service]
        way, program, *_ = checked["healthcheck"]["test"]
        # CMD-SHELL would need a shell, which not all have.
        assert way == "CMD"
        assert program in CHECKS[checked["image"].partition(":")[0]]

    def test_it_gets_no_more_rights_than_it_needs(self, service: str) -> None:
        found = services()[service]
        assert found["cap_drop"] == ["ALL"]
        assert found["security_opt"] == ["no-new-privileges:true"]
        assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & found.keys()

    def test_it_waits_for_the_health_of_what_it_needs(self, service: str) -> None:
        needed = services()[service].get("depends_on", {})
        assert needed.keys() <= services().keys()
        assert {need["condition"] for need in needed.values()} <= {"service_healthy"}

    def test_what_it_mounts_is_there_and_cannot_be_changed(self, service: str) -> None:
        for volume in services()[service].get("volumes", ()):
            if volume["type"] == "bind":
                assert volume["read_only"] is True
                source = Path(volume["source"])
                assert source.is_file() or list(source.iterdir()), f"nothing is at {source}"
            else:
                assert volume["source"] in project()["volumes"]

    def test_its_ports_are_for_this_machine_alone(self, service: str) -> None:
        assert {port["host_ip"] for port in services()[service].get("ports", ())} <= {"127.0.0.1"}

    def test_no_secret_stands_in_its_environment(self, service: str) -> None:
        for name, value in (services()[service].get("environment") or {}).items():
            if re.search("SECRET|PASSWORD|TOKEN", name):
                assert name.endswith("__FILE")
                assert value.startswith("/run/secrets/")


@pytest.mark.parametrize("service", OURS)
class TestOurServices:
    def test_it_is_built_from_its_dockerfile(self, service: str) -> None:
        build = services()[service]["build"]
        assert (Path(build["context"]) / build["dockerfile"]).samefile(OURS[service])
        assert services()[service]["image"].endswith(f":{proxy.__version__}")

    def test_its_root_is_read_only(self, service: str) -> None:
        assert services()[service]["read_only"] is True
        assert "tmpfs" not in services()[service]

    def test_its_health_check_is_that_of_its_image(self, service: str) -> None:
        assert services()[service]["healthcheck"]["test"] == [
            "CMD",
            *exec_form(last_stage(service).value("HEALTHCHECK")),
        ]

    def test_it_is_not_root(self, service: str) -> None:
        assert last_stage(service).value("USER") == "10001:10001"


class TestTheProxy:
    def test_the_listener_for_operators_is_not_published(self) -> None:
        (port,) = services()["proxy"]["ports"]
        assert (port["target"], port["published"]) == (Config().listen.port, str(Config().listen.port))

    def test_it_gets_longer_to_stop_than_it_takes(self) -> None:
        assert services()["proxy"]["stop_grace_period"] == "40s"
        assert Config().shutdown_grace < 40

    def test_the_revision_reaches_the_image(self) -> None:
        built = project(REVISION="abc")["services"]["proxy"]["build"]
        assert built["args"] == {"REVISION": "abc"}
        assert any(value.startswith("REVISION=") for value in last_stage("proxy").values("ARG"))


def test_what_holds_data_is_a_volume() -> None:
    kept = {
        volume["source"]: volume["target"]
        for service in services().values()
        for volume in service.get("volumes", ())
        if volume["type"] == "volume"
    }
    assert kept == {
        "grafana": "/var/lib/grafana",
        "prometheus": "/prometheus",
        "pyroscope": "/data",
        "pyroscope-compactor": "/data-compactor",
        "pyroscope-metastore": "/data-metastore",
    }


def test_secrets_are_files_that_git_does_not_see() -> None:
    secrets: dict[str, Any] = project()["secrets"]
    assert secrets.keys() == {"client_secret", "session_secret", "grafana_admin_password"}
    folders = {Path(secret["file"]).parent for secret in secrets.values()}
    assert folders == {FOLDER / "secrets"}
    assert "/deploy/compose/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
