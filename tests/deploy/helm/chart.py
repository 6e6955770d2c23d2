"""Our chart, rendered by a real Helm: what came out, as objects that tests can ask."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).parents[3]
CHART: Final = ROOT / "deploy" / "helm"
CI_VALUES: Final = sorted((CHART / "ci").glob("*-values.yaml"))
RELEASE: Final = "t"
NAMESPACE: Final = "profiling"

Object = dict[str, Any]


class RefusedError(Exception):
    """Helm refused; the message is what it said."""


class Objects(list[Object]):
    """What a chart rendered."""

    def of(self, kind: str) -> list[Object]:
        """All objects of a kind."""
        return [each for each in self if each["kind"] == kind]

    def one(self, kind: str, suffix: str = "") -> Object:
        """The one object of a kind whose name ends so."""
        (found,) = [each for each in self.of(kind) if each["metadata"]["name"].endswith(suffix)]
        return found

    @property
    def pod(self) -> Object:
        """The pod of the one Deployment, with its metadata."""
        template: Object = self.one("Deployment")["spec"]["template"]
        return template

    @property
    def proxy(self) -> Object:
        """The proxy's container."""
        (found,) = [each for each in self.pod["spec"]["containers"] if each["name"] == "source-proxy"]
        container: Object = found
        return container

    def pods(self) -> Iterator[Object]:
        """Every pod: those of Deployments and StatefulSets, and those that stand alone."""
        for each in self:
            if each["kind"] in {"Deployment", "StatefulSet"}:
                yield each["spec"]["template"]
            elif each["kind"] == "Pod":
                yield each


@dataclass(frozen=True)
class Helm:
    """A Helm, and a folder in which all workers keep what it once said, as rendering takes a while."""

    path: Path
    memory: Path

    def lint(self, *values: Path) -> str:
        """What ``helm lint --strict`` says.

        Raises:
            RefusedError: when something is wrong.
        """
        return self.run("lint", "--strict", str(CHART), *(f"--values={each}" for each in values))

    def template(
        self,
        *files: Path,
        values: Mapping[str, Any] | None = None,
        release: str = RELEASE,
        chart: Path = CHART,
        flags: tuple[str, ...] = (),
    ) -> Objects:
        """The objects that a chart renders with values from files and from here, the latter last.

        Raises:
            RefusedError: when Helm refuses.
        """
        arguments = ["template", release, str(chart), f"--namespace={NAMESPACE}", *flags]
        text = self.run(
            *arguments, *(f"--values={file}" for file in files), "--values=-", given=_yaml(values)
        )
        return Objects(each for each in yaml.safe_load_all(text) if each)

    def notes(self, values: Mapping[str, Any]) -> str:
        """What is printed after an installation; Helm 4 alone tells it without a cluster."""
        arguments = ["install", RELEASE, str(CHART), f"--namespace={NAMESPACE}", "--dry-run=client"]
        return self.run(*arguments, "--values=-", given=_yaml(values)).rpartition("\nNOTES:\n")[2]

    def run(self, *arguments: str, given: str = "") -> str:
        """What a command of Helm says.

        Raises:
            RefusedError: when it fails.
        """
        key = hashlib.sha256(json.dumps([str(self.path), *arguments, given]).encode()).hexdigest()
        known = self.memory / key
        if known.exists():
            answer = json.loads(known.read_text("utf-8"))
        else:
            answer = self._ask(arguments, given)
            with tempfile.NamedTemporaryFile("w", dir=self.memory, delete=False, encoding="utf-8") as file:
                json.dump(answer, file)
            Path(file.name).replace(known)
        if answer["code"]:
            raise RefusedError(answer["error"])
        return str(answer["output"])

    def _ask(self, arguments: tuple[str, ...], given: str) -> dict[str, Any]:
        home = str(self.memory)
        environ = {"PATH": os.environ["PATH"], "HOME": home, "KUBECONFIG": f"{home}/no-cluster"}
        done = subprocess.run(
            [self.path, *arguments], input=given, capture_output=True, text=True, env=environ, check=False
        )
        return {"code": done.returncode, "output": done.stdout, "error": done.stderr + done.stdout}


def _yaml(values: Mapping[str, Any] | None) -> str:
    return yaml.safe_dump(dict(values or {}), allow_unicode=True)


def values_of(file: Path) -> Object:
    """The values in a file."""
    found: Object = yaml.safe_load(file.read_text("utf-8"))
    return found
