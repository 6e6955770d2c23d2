"""The chart as a package: whole, and without what is for others."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from tests.deploy.helm.chart import CHART, Helm

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}


def test_it_renders_as_the_folder_does(helm: Helm, tmp_path: Path) -> None:
    helm.run("package", str(CHART), "--destination", str(tmp_path))
    (package,) = tmp_path.iterdir()
    assert helm.template(values=VALUES, chart=package) == helm.template(values=VALUES)
    with tarfile.open(package) as archive:
        folders = {name.split("/")[1] for name in archive.getnames()}
    assert {"templates", "files", "README.md", "values.schema.json"} <= folders
    assert not folders & {"ci", "sidecar"}
