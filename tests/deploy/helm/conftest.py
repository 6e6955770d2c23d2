from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.deploy.helm.binaries import helm_or_skip
from tests.deploy.helm.chart import Helm, Objects

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "helm"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def helm3(memory: Path) -> Helm:
    return Helm(helm_or_skip("helm3"), memory)


@pytest.fixture(scope="session")
def helm4(memory: Path) -> Helm:
    return Helm(helm_or_skip("helm4"), memory)


@pytest.fixture(scope="session")
def helm(helm4: Helm) -> Helm:
    """The Helm where it does not matter which: that both render the same is held elsewhere."""
    return helm4


@pytest.fixture
def rendered(helm: Helm, values_file: Path) -> Objects:
    """The objects of one of the ``ci/*-values.yaml``."""
    return helm.template(values_file)
