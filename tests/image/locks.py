"""Reads a file of pinned requirements with hashes, as pip takes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.image.dockerfile import ROOT

if TYPE_CHECKING:
    from pathlib import Path

IMAGE_LOCK = ROOT / "requirements/image.txt"
BUILD_LOCK = ROOT / "requirements/build.txt"
SAMPLE_LOCK = ROOT / "deploy/compose/sample/requirements.txt"


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned distribution."""

    requirement: Requirement
    version: str
    hashes: tuple[str, ...]

    def applies(self, environment: dict[str, str] | None = None) -> bool:
        """Whether it is installed; on this machine, unless told what differs."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(environment)


def locked(path: Path) -> dict[str, Pin]:
    """The pins of a lock by their names.

    Raises:
        ValueError: a line is something else than one name at one version with SHA-256 hashes.
    """
    text = re.sub(r"^\s*#.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    pins: dict[str, Pin] = {}
    for line in text.splitlines():
        said, *hashes = re.split(r"\s+--hash=", line.strip())
        requirement = Requirement(said)
        (pin,) = requirement.specifier
        if (
            pin.operator != "=="
            or not hashes
            or not all(re.fullmatch("sha256:[0-9a-f]{64}", it) for it in hashes)
        ):
            raise ValueError(line)
        name = canonicalize_name(requirement.name)
        if name in pins:
            raise ValueError(f"{name} is pinned twice")
        pins[name] = Pin(requirement, pin.version, tuple(hashes))
    return pins
