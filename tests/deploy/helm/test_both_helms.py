"""Helm 3 and Helm 4 find nothing to complain about, and render the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deploy.helm.chart import CI_VALUES, Helm, RefusedError

if TYPE_CHECKING:
    from pathlib import Path


def by_name(path: Path) -> str:
    return path.name


def test_they_are_helm_3_and_helm_4(helm3: Helm, helm4: Helm) -> None:
    assert helm3.run("version", "--short").startswith("v3.")
    assert helm4.run("version", "--short").startswith("v4.")


@pytest.mark.parametrize("values_file", CI_VALUES, ids=by_name)
def test_lint_is_content(helm3: Helm, helm4: Helm, values_file: Path) -> None:
    for helm in (helm3, helm4):
        said = helm.lint(values_file)
        assert "0 chart(s) failed" in said
        assert "[WARNING]" not in said


@pytest.mark.parametrize("values_file", CI_VALUES, ids=by_name)
def test_both_render_the_same(helm3: Helm, helm4: Helm, values_file: Path) -> None:
    assert helm3.template(values_file) == helm4.template(values_file)


@pytest.mark.parametrize(
    ("version", "fine"), [("v1.29.9", False), ("v1.30.0", True), ("v1.34.1-eks-1234567", True)]
)
def test_a_cluster_that_is_too_old_is_refused(helm3: Helm, helm4: Helm, version: str, fine: bool) -> None:
    for helm in (helm3, helm4):
        if fine:
            assert helm.template(flags=("--kube-version", version)).of("Deployment")
        else:
            with pytest.raises(RefusedError, match=r"requires kubeVersion: >=1\.30"):
                helm.template(flags=("--kube-version", version))
