"""As much of a Kubernetes API server as Helm asks when it looks something up: discovery and ConfigMaps."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Cluster(ThreadingHTTPServer):
    """Knows the ConfigMaps in ``config_maps``, by name, in whatever namespace."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.config_maps: dict[str, Mapping[str, str]] = {}

    def kubeconfig(self, path: Path) -> Path:
        """Write a file by which Helm finds it."""
        server = {"server": f"http://127.0.0.1:{self.server_address[1]}"}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": server}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "nobody"}}],
            "users": [{"name": "nobody", "user": {}}],
            "current-context": "here",
        }
        path.write_text(yaml.safe_dump(config), "utf-8")
        return path


_APPS_V1 = {"groupVersion": "apps/v1", "version": "v1"}
_APPS = {"name": "apps", "versions": [_APPS_V1], "preferredVersion": _APPS_V1}


def _resources(version: str, *kinds: str) -> dict[str, Any]:
    """What discovery says of the kinds in a version."""
    resources = [
        {"name": f"{kind.lower()}s", "kind": kind, "namespaced": True, "verbs": ["get", "list"]}
        for kind in kinds
    ]
    return {"kind": "APIResourceList", "groupVersion": version, "resources": resources}


class _Handler(BaseHTTPRequestHandler):
    server: Cluster

    def do_GET(self) -> None:
        status, answer = self._answer(self.path.partition("?")[0])
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str) -> tuple[int, dict[str, Any]]:
        fixed: dict[str, dict[str, Any]] = {
            "/version": {"major": "1", "minor": "34", "gitVersion": "v1.34.0"},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_APPS]},
            "/api/v1": _resources("v1", "ConfigMap", "Pod", "Service", "ServiceAccount"),
            "/apis/apps/v1": _resources("apps/v1", "Deployment"),
        }
        if path in fixed:
            return 200, fixed[path]
        name = path.rpartition("/")[2]
        if "/configmaps/" in path and name in self.server.config_maps:
            found = {"metadata": {"name": name}, "data": self.server.config_maps[name]}
            return 200, {"apiVersion": "v1", "kind": "ConfigMap", **found}
        return 404, {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": "NotFound",
            "code": 404,
        }

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def cluster() -> Iterator[Cluster]:
    """One that answers until the end of the block."""
    running = Cluster()
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
