from __future__ import annotations

import pytest

from tests.source.go.costs import calls
from tests.source.go.worlds import CACHE, CART, shop
from tests.source.transcript import World, run


def test_a_whole_transcript() -> None:
    go_mod = "module github.com/acme/shop\nrequire github.com/x/y v1.2.4\n"
    world: World = {**shop(go_mod), "x/y": {"v1.2.4": {"f.go": "x"}}}
    transcript = run(world, CACHE + "github.com/x/y@v1.2.3/f.go", "github.com/x/y.F")
    assert transcript.lines == [
        "ref: acme/shop@main? yes",
        "configuration: acme/shop@main:.pyroscope.yaml? no",
        "go_mod: acme/shop@main:go.mod? yes",
        "go_mod! go.mod has v1.2.4 of github.com/x/y, the path v1.2.3: shown is the one of go.mod.",
        "go_github: x/y@v1.2.4? yes",
        "go_github: x/y@v1.2.4:f.go? yes",
    ]
    assert calls(transcript) == 2


def test_the_paths_version_counts_where_go_mods_is_not_there() -> None:
    world: World = {**shop("require github.com/x/y v1.2.4"), "x/y": {"v1.2.3": {"f.go": "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go")
    assert transcript.found[2] == "v1.2.3"
    assert "v1.2.4 of github.com/x/y is not in x/y: no v1.2.4." in transcript.notes


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ("services__cart__go.mod", ["services/cart/go.mod"]),
        ("services__go.mod", ["services/cart/go.mod", "services/go.mod"]),
        ("go.mod", ["services/cart/go.mod", "services/go.mod", "go.mod"]),
    ],
)
def test_go_mod_is_read_in_the_root_path_then_upward(where: str, read: list[str]) -> None:
    world: World = {**shop(**{where: "require github.com/x/y v1.2.4"}), "x/y": {"v1.2.4": {"f.go": "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go", service=CART)
    assert transcript.found[2] == "v1.2.4"
    assert transcript.read[1:-1] == read
    assert calls(transcript) == 2


@pytest.mark.parametrize(
    ("line", "repository", "ref"),
    [
        ("github.com/x/y => github.com/fork/y v1.9.0", "fork/y", "v1.9.0"),
        ("github.com/x/y v1.2.3 => github.com/fork/y v1.9.0", "fork/y", "v1.9.0"),
        ("github.com/x/y v1.0.0 => github.com/fork/y v1.9.0", "x/y", "v1.2.3"),
        ("github.com/x/z => github.com/fork/y v1.9.0", "x/y", "v1.2.3"),
        ("github.com/x/y => github.com/fork/y v0.0.0-20210101000000-abcdefabcdef", "fork/y", "abcdefabcdef"),
        ("github.com/x/y => github.com/fork/mono/y v1.9.0", "fork/mono", "y/v1.9.0"),
    ],
)
def test_replaced_by_another_module(line: str, repository: str, ref: str) -> None:
    file = "y/f.go" if repository == "fork/mono" else "f.go"
    world: World = {**shop(f"require github.com/x/y v1.2.3\nreplace {line}"), repository: {ref: {file: "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go")
    assert transcript.found == ("go_github", repository, ref, file)
    assert calls(transcript) == 2


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("./lib", "services/cart/lib/f.go"),
        ("../../lib/y", "lib/y/f.go"),
        ("../..", "f.go"),
        ('"../a b"', "services/a b/f.go"),
    ],
)
def test_replaced_by_a_folder_relative_to_go_mod(target: str, file: str) -> None:
    go_mod = f"require github.com/x/y v1.2.3\nreplace github.com/x/y => {target}"
    world: World = {"acme/shop": {"main": {"services/cart/go.mod": go_mod, file: "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go", service=CART)
    assert transcript.found == ("go_replace", "acme/shop", "main", file)


@pytest.mark.parametrize("target", ["../../../lib", "/abs/lib", '"C:\\\\lib"', "./a\0"])
def test_replaced_by_a_folder_outside(target: str) -> None:
    world = shop(f"require github.com/x/y v1.2.3\nreplace github.com/x/y => {target}")
    transcript = run(world, "github.com/x/y@v1.2.3/f.go")
    assert any("which is outside the repository" in note for note in transcript.notes)
    assert "github.com/x/y@v1.2.3/f.go is a file of a Go module outside" in transcript.reason


def test_the_services_own_module_at_a_version() -> None:
    world = shop("module github.com/acme/shop", **{"pkg__f.go": "x"})
    assert run(world, "github.com/acme/shop@v1.0.0/pkg/f.go").found == (
        "repository_name",
        "acme/shop",
        "main",
        "pkg/f.go",
    )


def test_a_go_mod_that_is_too_large_is_said() -> None:
    world: World = {**shop("/" * (1024 * 1024 + 1)), "x/y": {"v1.0.0": {"f.go": "x"}}}
    transcript = run(world, "github.com/x/y@v1.0.0/f.go")
    assert transcript.notes == ["go.mod is not used: it is larger than 1024 KiB."]
    assert transcript.found[2] == "v1.0.0"
