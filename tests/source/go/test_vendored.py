from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.source.go.worlds import CACHE, CART, SHOP, shop
from tests.source.transcript import World, run

if TYPE_CHECKING:
    from proxy.source.model import Service


@pytest.mark.parametrize("service", [SHOP, CART])
def test_what_is_nowhere_may_be_in_the_vendor_folder(service: Service) -> None:
    file = "vendor/git.acme.corp/team/lib/f.go"
    transcript = run(
        {"acme/shop": {"main": {file: "x"}}}, "git.acme.corp/team/lib@v1.0.0/f.go", service=service
    )
    assert transcript.found == ("go_vendor", "acme/shop", "main", file)


def test_a_vendored_file_that_was_not_committed() -> None:
    world: World = {**shop("require github.com/x/y v1.0.0"), "x/y": {"v1.0.0": {"sub/f.go": "x"}}}
    transcript = run(world, "/src/shop/vendor/github.com/x/y/sub/f.go", "github.com/x/y/sub.F")
    assert transcript.found == ("go_github", "x/y", "v1.0.0", "sub/f.go")


def test_a_vendor_folder_somewhere_else() -> None:
    file = "services/cart/vendor/github.com/x/y/f.go"
    world: World = {"acme/shop": {"main": {file: "x", "y/f.go": "wrong", "f.go": "wrong"}}}
    assert run(world, "/src/vendor/github.com/x/y/f.go").found == ("go_vendor", "acme/shop", "main", file)
    assert (
        "is not there"
        in run({"acme/shop": {"main": {"y/f.go": "wrong"}}}, "/src/vendor/github.com/x/y/f.go").reason
    )


@pytest.mark.parametrize(
    "name", ["com_github_x_y_z", "gazelle~~go_deps~com_github_x_y_z", "gazelle++go_deps+com_github_x_y_z"]
)
@pytest.mark.parametrize("prefix", ["", "/build/sandbox/linux/1/execroot/_main/"])
def test_a_repository_of_a_bazel_build(prefix: str, name: str) -> None:
    world: World = {**shop("require github.com/x/y-z v1.0.0"), "x/y-z": {"v1.0.0": {"sub/f.go": "x"}}}
    transcript = run(world, f"{prefix}external/{name}/sub/f.go")
    assert transcript.found == ("go_github", "x/y-z", "v1.0.0", "sub/f.go")


def test_a_repository_of_a_bazel_build_is_never_the_services_own() -> None:
    transcript = run(shop(**{"f.go": "wrong"}), "external/com_github_x_y/f.go")
    assert "is a file of another repository of a Bazel build" in transcript.reason
    assert (
        run(shop(**{"external__tools__f.go": "x"}), "external/tools/f.go").found[3] == "external/tools/f.go"
    )


def test_a_mapping_names_a_module_without_its_version_in_any_cache() -> None:
    text = (
        "source_code: {mappings: [{path: [{prefix: github.com/x/y}], language: go, "
        "source: {github: {owner: mine, repo: y, ref: v9}}}]}"
    )
    world: World = {"acme/shop": {"main": {".pyroscope.yaml": text}}, "mine/y": {"v9": {"sub/f.go": "x"}}}
    for module in ("github.com/x/y@v1.0.0/sub", "github.com/x/y/v2@v2.0.0/sub", "github.com/x/y/sub@v1.0.0"):
        for prefix in (CACHE, ""):
            assert run(world, f"{prefix}{module}/f.go").found == (
                "mapping_github",
                "mine/y",
                "v9",
                "sub/f.go",
            )
