"""Does what ``docker build`` would do with the Dockerfile, in a folder of this machine.

The steps are read from the Dockerfile: ``RUN`` lines run as they stand there, with the paths that its
``ARG`` lines offer set to places in the folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.image.dockerfile import ROOT, Stage, assignments, exec_form, expand, stages

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERPRETER = (Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}").resolve()
"""The Python that stands for that of the base images."""
REVISION = "0123456789abcdef0123456789abcdef01234567"
# The flags of RUN are BuildKit's affair.
_RUN_FLAGS = re.compile(r"^(?:--\w+=\S+\s+)+")
_HOST_SYSTEM = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Image:
    """What the last stage amounts to."""

    prefix: Path
    environ: dict[str, str] = field(repr=False)
    labels: dict[str, str]
    user: str
    entrypoint: list[str]
    command: list[str]
    health: list[str]
    stop_signal: str


def build(folder: Path) -> Image:
    """Run the builder's steps and put together what the image starts with.

    Args:
        folder: an empty one.

    Raises:
        subprocess.CalledProcessError: a step failed.
    """
    first, (builder, final) = stages()
    settings = {
        "PREFIX": str(folder / "prefix"),
        "TOOLS": str(folder / "tools"),
        "RUNTIME_PYTHON": str(INTERPRETER),
        "REVISION": REVISION,
    }
    for step in first:
        settings |= {name: expand(value, settings) for name, value in assignments(step.value).items()}
    _Builder(folder, settings).run(builder)
    return _image(final, settings)


class _Builder:
    """One stage that is under way."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._variables: dict[str, str] = {}
        self._place = folder

    def run(self, stage: Stage) -> None:
        for step in stage.steps:
            {"ARG": self._arg, "WORKDIR": self._workdir, "COPY": self._copy, "RUN": self._run}[step.name](
                step.value
            )

    def _arg(self, value: str) -> None:
        self._variables |= _args(value, self._settings)

    def _workdir(self, value: str) -> None:
        self._place = self._folder / "root" / value.lstrip("/")
        self._place.mkdir(parents=True)

    def _copy(self, value: str) -> None:
        *sources, target = value.split()
        for name in sources:
            source, place = ROOT / name, self._place / target
            if source.is_dir():
                shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place.mkdir(exist_ok=True)
                shutil.copy(source, place)

    def _run(self, value: str) -> None:
        path = f"{INTERPRETER.parent}:{_HOST_SYSTEM}"
        # How pip reaches its index is this machine's affair; how Python behaves is that of the Dockerfile.
        here = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environ = here | {"PATH": path} | self._variables
        command = ["/bin/sh", "-euc", _RUN_FLAGS.sub("", value)]
        subprocess.run(command, cwd=self._place, env=environ, check=True, stdin=subprocess.DEVNULL)


def _image(stage: Stage, settings: Mapping[str, str]) -> Image:
    variables: dict[str, str] = {"PATH": _HOST_SYSTEM}
    environ = dict(variables)
    for step in stage.steps:
        if step.name == "ARG":
            variables |= _args(step.value, settings)
        elif step.name == "ENV":
            set_here = {name: expand(text, variables) for name, text in assignments(step.value).items()}
            environ |= set_here
            variables |= set_here
    return Image(
        prefix=Path(settings["PREFIX"]),
        environ=environ,
        labels={name: expand(text, variables) for name, text in assignments(stage.value("LABEL")).items()},
        user=stage.value("USER"),
        entrypoint=exec_form(stage.value("ENTRYPOINT")),
        command=exec_form(stage.value("CMD")),
        health=exec_form(stage.value("HEALTHCHECK")),
        stop_signal=stage.value("STOPSIGNAL"),
    )


def _args(value: str, settings: Mapping[str, str]) -> dict[str, str]:
    """An ``ARG``: its default, unless the build was told otherwise."""
    return {name: settings.get(name, default) for name, default in assignments(value).items()}
