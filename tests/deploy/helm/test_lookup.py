"""A ConfigMap of one's own: where Helm can ask a cluster, a change of it replaces the pods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.deploy.helm.cluster import Cluster, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.deploy.helm.chart import Helm


@pytest.fixture
def here() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


def test_the_annotation_follows_what_it_holds(
    helm3: Helm, helm4: Helm, here: Cluster, tmp_path: Path
) -> None:
    kubeconfig = here.kubeconfig(tmp_path / "kubeconfig")
    flags = ("--dry-run=server", "--disable-openapi-validation", "--kubeconfig", str(kubeconfig))

    def checksum(data: dict[str, str] | None, memory: str) -> str:
        here.config_maps = {} if data is None else {"mine": data}
        (tmp_path / memory).mkdir(exist_ok=True)
        # What Helm says depends on more than its arguments here, so it is asked each time.
        helms = (replace(helm, memory=tmp_path / memory) for helm in (helm3, helm4))
        pods = [helm.template(values={"existingConfigMap": "mine"}, flags=flags).pod for helm in helms]
        (found,) = {pod["metadata"]["annotations"]["checksum/config"] for pod in pods}
        return str(found)

    first = checksum({"config.yaml": "log: {level: info}"}, "1")
    assert checksum({"config.yaml": "log: {level: debug}"}, "2") != first
    assert checksum({"config.yaml": "log: {level: info}"}, "3") == first
    assert checksum(None, "4") != first
