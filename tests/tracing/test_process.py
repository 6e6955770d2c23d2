"""The process as operators run it: configured by a file, ended by a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.process import SECRETS, ask, running_proxy, running_upstream

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracing.collector import Collector

ENVIRON = os.environ | SECRETS | {"GITHUB_CLIENT_ID": "id"}


def configured(tmp_path: Path, collector: Collector) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(f"tracing: {{endpoint: '{collector.url}/v1/traces', service_name: front}}\n")
    return str(path)


@pytest.mark.parametrize("hangs", [False, True])
def test_the_last_spans_are_sent_before_it_ends(tmp_path: Path, collector: Collector, hangs: bool) -> None:
    if hangs:
        collector.held.clear()
    with (
        running_upstream() as upstream,
        running_proxy(
            "--config", configured(tmp_path, collector), upstream=upstream, environ=ENVIRON
        ) as proxy,
    ):
        client = proxy.connect()
        for _ in range(3):
            assert ask(client, "/ready?hush")[0] == 200
        client.close()
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.end() == 0
    assert any("could not be sent" in line for line in proxy.lines) is hangs
    collector.held.set()
    assert len(collector.spans) == 3 or hangs
    assert {span.name for span in collector.spans} == {"other"}
    assert {span.resource["service.name"] for span in collector.spans} == {"front"}
    assert not any(b"hush" in body for body in collector.bodies)


@pytest.mark.parametrize("command", [["serve", "--config"], ["check-config"]])
def test_without_the_extra_the_configuration_is_at_fault(
    tmp_path: Path, collector: Collector, command: list[str]
) -> None:
    (tmp_path / "opentelemetry.py").write_text("raise ModuleNotFoundError('opentelemetry')\n")
    environ = os.environ | {"PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-m", "proxy", *command, configured(tmp_path, collector)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "tracing.endpoint: needs OpenTelemetry" in ran.stderr
    assert "pip install 'pyroscope-source-proxy[otel]'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_tracing_opentelemetry_is_not_even_imported() -> None:
    code = "import sys, proxy.app, proxy.cli; sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
