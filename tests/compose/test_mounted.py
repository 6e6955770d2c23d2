"""The files that ``deploy/compose.yaml`` mounts are accepted by whoever reads them, and right."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from proxy import config
from proxy.session import COOKIE_NAME
from tests.compose.loading import COMPOSE, FOLDER, document, project, services

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = {
    "/run/secrets/client_secret": "hush",
    "/run/secrets/session_secret": "a-session-secret-of-32-characters\n",
}


def mounted(service: str) -> dict[str, Path]:
    """The files and folders of this repository by where a service finds them."""
    volumes = services()[service]["volumes"]
    return {volume["target"]: Path(volume["source"]) for volume in volumes if volume["type"] == "bind"}


def ports(service: str) -> set[int]:
    """What a service listens on."""
    return {"proxy": {4041, 4043}, "pyroscope": {4040}, "prometheus": {9090}, "redis": {6379}}[service]


def leads_somewhere(host_and_port: str) -> bool:
    host, _, port = host_and_port.partition(":")
    return host in services() and int(port) in ports(host)


class TestTheProxysConfiguration:
    def parsed(self, **environ: str) -> config.Config:
        _, *arguments = services()["proxy"]["command"]
        assert arguments[0] == "--config"
        text = mounted("proxy")[arguments[1]].read_text("utf-8")
        given = {secret["target"] for secret in services()["proxy"]["secrets"]}
        assert given == SECRETS.keys()
        return config.parse(text, environ, read_file=SECRETS.__getitem__)

    def test_it_is_accepted(self) -> None:
        parsed = self.parsed(GITHUB_CLIENT_ID="Iv1.x")
        assert config.warnings(parsed) == ()
        assert parsed.upstream.url.host == "pyroscope"
        assert leads_somewhere(f"{parsed.upstream.url.host}:{parsed.upstream.url.port}")
        assert [secret.reveal() for secret in parsed.session.secrets] == ["a-session-secret-of-32-characters"]

    def test_without_an_app_nobody_can_log_in_and_without_redis_nothing_is_shared(self) -> None:
        parsed = self.parsed()
        assert (parsed.github.client_id, parsed.cache.redis_url.reveal()) == ("", "")
        (warning,) = config.warnings(parsed)
        assert "nobody can log in with GitHub: github.client_id missing" in warning

    def test_what_compose_passes_on_is_used(self) -> None:
        wanted = {"GITHUB_CLIENT_ID": "Iv1.x", "REDIS_URL": "redis://redis:6379/0"}
        passed = project(**wanted)["services"]["proxy"]["environment"]
        assert passed == wanted
        parsed = self.parsed(**passed)
        assert (parsed.github.client_id, parsed.github.client_secret.reveal()) == ("Iv1.x", "hush")
        assert parsed.cache.redis_url.reveal() == "redis://redis:6379/0"

    def test_the_redis_that_the_file_names_is_the_service(self) -> None:
        assert "REDIS_URL=redis://redis:6379/0" in COMPOSE.read_text("utf-8")
        assert leads_somewhere("redis:6379")


class TestPrometheus:
    CONFIGURATION = "/etc/prometheus/prometheus.yml"

    @pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
    def test_promtool_accepts_it_with_its_rules(self, tmp_path: Path) -> None:
        for target, source in mounted("prometheus").items():
            place = tmp_path / Path(target).relative_to("/etc/prometheus")
            place.symlink_to(source)
        command = ["promtool", "check", "config", str(tmp_path / "prometheus.yml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "SUCCESS: 1 rule files found" in done.stdout

    def test_it_scrapes_what_is_there(self) -> None:
        jobs = document(mounted("prometheus")[self.CONFIGURATION])["scrape_configs"]
        targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
        assert targets["pyroscope-source-proxy"] == ["proxy:4043"]
        assert all(leads_somewhere(target) for found in targets.values() for target in found)


class TestGrafana:
    """https://grafana.com/docs/grafana/latest/administration/provisioning/"""

    def sources(self) -> Iterator[dict[str, Any]]:
        provisioned = document(
            mounted("grafana")["/etc/grafana/provisioning/datasources"] / "datasources.yaml"
        )
        assert provisioned["apiVersion"] == 1
        yield from provisioned["datasources"]

    def test_every_data_source_has_the_fields_it_needs(self) -> None:
        for source in self.sources():
            assert {"name", "uid", "type", "access", "url"} <= source.keys()
            assert source["access"] == "proxy"
            assert leads_somewhere(source["url"].removeprefix("http://"))

    def test_profiles_come_through_the_proxy_and_the_session_with_them(self) -> None:
        (source,) = (it for it in self.sources() if it["type"] == "grafana-pyroscope-datasource")
        assert source["url"] == "http://proxy:4041"
        assert source["jsonData"] == {"keepCookies": [COOKIE_NAME]}

    def test_the_tenant_is_an_example_that_works_once_uncommented(self) -> None:
        text = (FOLDER / "grafana/datasources/datasources.yaml").read_text("utf-8")
        for line in ("httpHeaderName1: X-Scope-OrgID", "secureJsonData:", "  httpHeaderValue1: tenant-1"):
            assert f"# {line}\n" in text
            text = text.replace(f"# {line}\n", f"{line}\n")
        source = yaml.safe_load(text)["datasources"][0]
        assert source["jsonData"]["httpHeaderName1"] == "X-Scope-OrgID"
        assert source["secureJsonData"] == {"httpHeaderValue1": "tenant-1"}

    def test_dashboards_are_read_from_where_they_are_mounted(self) -> None:
        provisioned = document(mounted("grafana")["/etc/grafana/provisioning/dashboards"] / "dashboards.yaml")
        (provider,) = provisioned["providers"]
        assert (provisioned["apiVersion"], provider["type"]) == (1, "file")
        folder = mounted("grafana")[provider["options"]["path"]]
        assert (folder / "source-proxy.json").is_file()


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh")
def test_the_secrets_that_compose_mounts_are_made_once(tmp_path: Path) -> None:
    script = shutil.copy(FOLDER / "secrets.sh", tmp_path)
    first = subprocess.run(["sh", script], capture_output=True, text=True, check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert made.keys() == {Path(secret["file"]).name for secret in project()["secrets"].values()}
    assert len({value for value in made.values() if len(value) >= 43}) == 2
    assert not any(value in first.stdout for value in made.values() if value != "not-set")
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    # The container's user reads them, and it is none of this machine's.
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o644}
    (tmp_path / "secrets/client_secret").write_text("mine")
    again = subprocess.run(["sh", script], capture_output=True, text=True, check=True)
    assert again.stdout == ""
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made | {
        "client_secret": "mine"
    }
