"""A real Prometheus that scrapes and evaluates many times a second."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import yaml

from tests.deploy.monitoring.rules import FILE, promtool
from tests.e2e.hosts import addresses
from tests.e2e.process import WAIT_SECONDS
from tests.fakes.programs import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POLL = 0.1
_PORT = 29090  # Debian's own may run on the usual one of all addresses
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Prometheus:
    """A running one, asked over its API: https://prometheus.io/docs/prometheus/latest/querying/api/"""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self._process = process
        self._url = url

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer; an expression that it refuses is an error."""
        with _NO_PROXY.open(
            f"{self._url}/api/v1/{path}?{urlencode(parameters)}", timeout=WAIT_SECONDS
        ) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that an expression gives now."""
        return list(self.ask("query", query=expression)["result"])

    def seen(self, selector: str) -> list[dict[str, Any]]:
        """The series that a selector has matched at all: on a busy machine a scrape may fail now and then."""
        return self.query(f"last_over_time({selector}[10m])")

    def rules(self) -> list[dict[str, Any]]:
        """Every rule as it was evaluated last."""
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

    def wait_until(self, there: Callable[[], object], what: str) -> None:
        """Wait until something is there."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                if there():
                    return
            except urllib.error.URLError:  # it starts
                assert self._process.poll() is None, "Prometheus has ended"
            assert time.monotonic() < until, f"Prometheus does not see {what}"
            time.sleep(_POLL)


@contextmanager
def running_prometheus(folder: Path, target: str, labels: dict[str, str]) -> Iterator[Prometheus]:
    """Run it with the rules.

    Args:
        folder: for what it writes.
        target: what it scrapes, ``HOST:PORT``.
        labels: of the target; ``job`` among them.
    """
    config, (host,) = folder / "prometheus.yaml", addresses(1)
    job = {"job_name": labels["job"], "static_configs": [{"targets": [target], "labels": labels}]}
    settings = {
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"},
        "rule_files": [str(FILE)],
        "scrape_configs": [job],
    }
    config.write_text(yaml.safe_dump(settings))
    promtool("check", "config", str(config))
    command = [path_of("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address={host}:{_PORT}", "--log.level=error"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield Prometheus(process, f"http://{host}:{_PORT}")
        finally:
            process.kill()
