"""What the image is pinned to is what the project asks for, on every machine that the image is built for."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.image.dockerfile import ROOT
from tests.image.locks import BUILD_LOCK, IMAGE_LOCK, SAMPLE_LOCK, locked
from tests.image.sbom import components, is_valid

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FOR_PEOPLE = {"test", "dev", "fuzz"}
"""The extras that no image needs."""
EXTRAS = sorted(PROJECT["optional-dependencies"].keys() - FOR_PEOPLE)
WANTED = [
    Requirement(line)
    for line in [
        *PROJECT["dependencies"],
        *(it for name in EXTRAS for it in PROJECT["optional-dependencies"][name]),
    ]
]
PLATFORMS = [
    {
        "python_version": version,
        "python_full_version": f"{version}.9",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for version in ("3.11", "3.12", "3.13")
    for machine in ("x86_64", "aarch64")
]


@pytest.mark.parametrize(
    "platform", PLATFORMS, ids=lambda it: f"{it['python_version']}-{it['platform_machine']}"
)
@pytest.mark.parametrize("wanted", WANTED, ids=lambda it: it.name)
def test_every_dependency_is_pinned_within_what_the_project_allows(
    wanted: Requirement, platform: dict[str, str]
) -> None:
    pin = locked(IMAGE_LOCK)[canonicalize_name(wanted.name)]
    assert wanted.specifier.contains(pin.version)
    assert pin.applies(platform)


def test_the_build_is_pinned_too() -> None:
    pins = locked(BUILD_LOCK)
    (backend,) = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    wanted = Requirement(backend)
    assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)].version)
    assert {"cyclonedx-bom", "pip"} <= pins.keys()


@pytest.mark.parametrize("lock", [BUILD_LOCK, SAMPLE_LOCK], ids=lambda it: str(it.relative_to(ROOT)))
def test_what_was_asked_for_by_hand_is_pinned(lock: Path) -> None:
    lines = lock.with_suffix(".in").read_text("utf-8").splitlines()
    asked = {canonicalize_name(Requirement(line).name) for line in lines if line and not line.startswith("#")}
    assert asked <= locked(lock).keys()


def test_no_lock_names_an_index() -> None:
    for lock in (IMAGE_LOCK, BUILD_LOCK, SAMPLE_LOCK):
        assert "://" not in lock.read_text("utf-8")


def test_the_bill_of_materials_of_the_lock_is_valid_and_complete(tmp_path: Path) -> None:
    made = tmp_path / "sbom.cdx.json"
    subprocess.run(
        [
            *(sys.executable, "-m", "cyclonedx_py", "requirements", "--pyproject", ROOT / "pyproject.toml"),
            *("--output-reproducible", "--output-file", made, IMAGE_LOCK),
        ],
        check=True,
        capture_output=True,
    )
    bill = json.loads(made.read_text("utf-8"))
    assert is_valid(made.read_text("utf-8"))
    pins = locked(IMAGE_LOCK)
    assert components(bill) == {name: pin.version for name, pin in pins.items()}
    assert (bill["metadata"]["component"]["name"], bill["metadata"]["component"]["type"]) == (
        PROJECT["name"],
        "application",
    )


@pytest.mark.parametrize(
    "text",
    [
        "aiohttp==3.0.0\n",
        "aiohttp>=3 --hash=sha256:" + 64 * "0" + "\n",
        "aiohttp==3.0.0 --hash=md5:" + 32 * "0" + "\n",
        2 * ("aiohttp==3.0.0 --hash=sha256:" + 64 * "0" + "\n"),
    ],
)
def test_a_lock_that_pins_less_is_refused(text: str, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the reason
        locked(lock)
