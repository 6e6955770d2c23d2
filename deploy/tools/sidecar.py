"""Writes ``deploy/helm/sidecar/``: values for the Pyroscope chart that put the proxy beside Pyroscope.

    python -m deploy.tools.sidecar [--check] [--helm PATH]

They are made from what our own chart renders with ``sidecar/source-values.yaml``, so that the container is
the same in both shapes. The fields of Pyroscope's chart that are used:
https://github.com/grafana/pyroscope/tree/main/operations/pyroscope/helm/pyroscope
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHART: Final = Path(__file__).parent.parent / "helm"
FOLDER: Final = CHART / "sidecar"
# A port of the container → its name beside Pyroscope, whose own are http2, memberlist, grpc and raft.
PORTS: Final = {"http": "source-proxy", "metrics": "source-metrics"}
_OF_A_RELEASE: Final = ("helm.sh/chart", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by")


class Shape(NamedTuple):
    """One file: which component of Pyroscope gets the proxy, and as which kind of container."""

    component: str
    native: bool

    @property
    def name(self) -> str:
        """The name of the file."""
        where = "single-binary" if self.component == "all" else self.component
        return f"{where}{'-native' if self.native else ''}-values.yaml"


SHAPES: Final = tuple(
    Shape(component, native) for component in ("all", "query-frontend") for native in (False, True)
)


def render(helm: str) -> list[dict[str, Any]]:
    """The objects of our chart, with the values that all files are made from.

    Raises:
        subprocess.CalledProcessError: when Helm fails; what it said is in ``stderr``.
        OSError: when Helm cannot be run.
    """
    command = [helm, "template", "sidecar", str(CHART), "--values", str(FOLDER / "source-values.yaml")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - the caller's Helm
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def values(objects: Sequence[Mapping[str, Any]], shape: Shape) -> dict[str, Any]:
    """The values for the Pyroscope chart.

    Args:
        objects: the Deployment, the ConfigMap and the Service of our chart.
        shape: where the proxy goes.
    """
    kinds = {each["kind"]: each for each in objects}
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    container = _container(pod["containers"][0], native=shape.native)
    beside = {
        "initContainers" if shape.native else "extraContainers": [container],
        "extraVolumes": pod["volumes"],
        "terminationGracePeriodSeconds": pod["terminationGracePeriodSeconds"],
        "service": {"extraPorts": [_service_port(port) for port in kinds["Service"]["spec"]["ports"]]},
    }
    component = beside if shape.component == "all" else {"components": {shape.component: beside}}
    objects_beside = [_config_map(kinds["ConfigMap"]), _service(kinds["Service"], shape.component)]
    return {"pyroscope": component, "extraObjects": objects_beside}


def _container(container: Mapping[str, Any], *, native: bool) -> dict[str, Any]:
    result = dict(container)
    result["ports"] = [{**port, "name": PORTS[port["name"]]} for port in container["ports"]]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        result[probe] = {**container[probe], "httpGet": {**asked, "port": PORTS[asked["port"]]}}
    return {**result, "restartPolicy": "Always"} if native else result


def _service_port(port: Mapping[str, Any]) -> dict[str, Any]:
    return {**port, "name": PORTS[port["name"]], "targetPort": PORTS[port["targetPort"]]}


def _metadata(rendered: Mapping[str, Any]) -> dict[str, Any]:
    labels = {key: value for key, value in rendered["labels"].items() if key not in _OF_A_RELEASE}
    return {"name": rendered["name"], "labels": labels}


def _config_map(rendered: Mapping[str, Any]) -> dict[str, Any]:
    return {**rendered, "metadata": _metadata(rendered["metadata"])}


def _service(rendered: Mapping[str, Any], component: str) -> dict[str, Any]:
    """The Service, which selects Pyroscope's pods: its chart fills in templates in ``extraObjects``."""
    spec = {
        **rendered["spec"],
        "ports": [_service_port(port) for port in rendered["spec"]["ports"]],
        "selector": {
            "app.kubernetes.io/name": '{{ include "pyroscope.name" . }}',
            "app.kubernetes.io/instance": "{{ .Release.Name }}",
            "app.kubernetes.io/component": component,
        },
    }
    return {**rendered, "metadata": _metadata(rendered["metadata"]), "spec": spec}


def _header(shape: Shape) -> str:
    where = "a single binary" if shape.component == "all" else f"its {shape.component}"
    kind = (
        "a native sidecar: it is there before Pyroscope starts and until it has ended"
        if shape.native
        else "one more container of the pod"
    )
    return (
        f"# Values for the Pyroscope chart: the proxy beside {where}, as {kind}.\n"
        "# Written by python -m deploy.tools.sidecar from source-values.yaml; how to use it: ../README.md.\n"
        "# Where the chart does not know service.extraPorts, the Service below shows the ports as well.\n"
    )


class _Block(yaml.SafeDumper):
    """Writes texts of several lines as they are read, and no anchors: Helm's users copy from here."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class decides on the arguments
        return True


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    style = "|" if "\n" in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Block.add_representer(str, _text)


def files(helm: str) -> dict[Path, str]:
    """Each file and what belongs in it."""
    objects = render(helm)
    return {
        FOLDER / shape.name: _header(shape)
        + yaml.dump(values(objects, shape), Dumper=_Block, sort_keys=False)
        for shape in SHAPES
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` tell which are out of date; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the values for the Pyroscope chart.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where it would")
    parser.add_argument("--helm", default="helm", help="the Helm to render with (default: that on the PATH)")
    options = parser.parse_args(argv)
    try:
        wanted = files(options.helm)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Helm could not render the chart: {getattr(error, 'stderr', error)}", file=sys.stderr)
        return 1
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if options.check:
            print(f"{path} is out of date: run make chart", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
