"""A Dockerfile as stages of steps, and the rules by which Docker reads their values."""

from __future__ import annotations

import io
import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dockerfile_parse import DockerfileParser

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its name in capitals, and the rest as written, on one line."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What one ``FROM`` begins."""

    base: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """The values of every step of that name."""
        return [step.value for step in self.steps if step.name == name]

    def value(self, name: str) -> str:
        """The value of the only step of that name."""
        (value,) = self.values(name)
        return value


def stages(path: Path = DOCKERFILE) -> tuple[list[Step], list[Stage]]:
    """The steps before the first ``FROM``, and the stages."""
    parser = DockerfileParser(fileobj=io.StringIO(path.read_text("utf-8")), env_replace=False)
    before: list[Step] = []
    found: list[Stage] = []
    for line in parser.structure:
        step = Step(line["instruction"], line["value"])
        if step.name == "COMMENT":
            continue
        if step.name == "FROM":
            base, *named = step.value.split()
            found.append(Stage(base, named[-1] if named else ""))
        else:
            (found[-1].steps if found else before).append(step)
    return before, found


def expand(value: str, variables: Mapping[str, str]) -> str:
    """Put in ``$NAME`` and ``${NAME}``; what is not known is empty.

    https://docs.docker.com/reference/dockerfile/#environment-replacement
    """
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda match: variables.get(match[1] or match[2], ""), value)


def assignments(value: str) -> dict[str, str]:
    """The names and values of ``ENV``, ``LABEL`` or ``ARG``, quotes taken off."""
    pairs = (word.partition("=") for word in shlex.split(value))
    return {name: text for name, _, text in pairs}


def exec_form(value: str) -> list[str]:
    """The words of ``ENTRYPOINT``, ``CMD`` or ``HEALTHCHECK … CMD``, in the form without a shell.

    Raises:
        ValueError: they are in another form.
    """
    words = json.loads(value[value.index("[") :])
    if not words or not all(isinstance(word, str) for word in words):
        raise ValueError(value)
    return list(words)
