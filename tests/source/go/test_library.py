from __future__ import annotations

import pytest

from proxy.source import rules
from proxy.source.go import is_go
from proxy.source.go.versions import places
from proxy.source.mapping import parse
from proxy.source.model import Absent, Frame, Language, Note, Open, Repository, Service
from proxy.source.resolve import resolve
from proxy.source.rooms import language_of
from tests.source.documents import GO_STANDARD_LIBRARY
from tests.source.go.costs import calls, lookups
from tests.source.transcript import World, run

CART = Service(Repository("acme", "shop"), "main", "services/cart")
CACHE = "/go/pkg/mod/"


def go(ref: str, file: str) -> World:
    return {"golang/go": {ref: {file: "x"}}, "acme/shop": {"main": {"README.md": "x"}}}


@pytest.mark.parametrize(
    ("path", "function", "ref", "file"),
    [
        ("/opt/homebrew/Cellar/go/1.21.3/libexec/src/runtime/proc.go", "", "go1.21.3", "src/runtime/proc.go"),
        ("/opt/hostedtoolcache/go/1.21.6/x64/src/fmt/print.go", "", "go1.21.6", "src/fmt/print.go"),
        (
            f"{CACHE}golang.org/toolchain@v0.0.1-go1.24.6.linux-amd64/src/runtime/asm_amd64.s",
            "memeqbody",
            "go1.24.6",
            "src/runtime/asm_amd64.s",
        ),
        (
            f"{CACHE}golang.org/toolchain@v0.0.1-go1.25rc1.linux-amd64/src/fmt/print.go",
            "",
            "go1.25rc1",
            "src/fmt/print.go",
        ),
        (
            "C:\\hostedtoolcache\\windows\\go\\1.21.6\\x64\\src\\fmt\\print.go",
            "",
            "go1.21.6",
            "src/fmt/print.go",
        ),
    ],
)
def test_the_version_in_the_path(path: str, function: str, ref: str, file: str) -> None:
    transcript = run(go(ref, file), path, function)
    assert transcript.found == ("go_standard_library", "golang/go", ref, file)
    assert transcript.notes == []
    assert transcript.read == [".pyroscope.yaml", file]
    assert calls(transcript) == 2


@pytest.mark.parametrize(
    ("go_mod", "ref", "says"),
    [
        ("go 1.21\ntoolchain go1.22.3", "go1.22.3", "the toolchain of go.mod"),
        ("go 1.20", "go1.20", "shown is go1.20 of go.mod"),
        ("go 1.21", "go1.21.0", "shown is go1.21.0 of go.mod"),
        ("go 1.22.4", "go1.22.4", "shown is go1.22.4 of go.mod"),
        ("go 1.23rc1", "go1.23rc1", "shown is go1.23rc1 of go.mod"),
        ("module x", "master", "lines may not match"),
        (None, "master", "lines may not match"),
    ],
)
@pytest.mark.parametrize(
    ("path", "function", "file"),
    [
        ("/usr/local/go/src/net/http/server.go", "net/http.(*conn).serve", "src/net/http/server.go"),
        ("$GOROOT/src/net/http/server.go", "", "src/net/http/server.go"),
        ("GOROOT/src/net/http/server.go", "", "src/net/http/server.go"),
        ("net/http/server.go", "net/http.(*conn).serve", "src/net/http/server.go"),
        ("fmt/scan.go", "", "src/fmt/scan.go"),
        (
            "vendor/golang.org/x/net/http2/hpack/hpack.go",
            "vendor/golang.org/x/net/http2/hpack.F",
            "src/vendor/golang.org/x/net/http2/hpack/hpack.go",
        ),
        (
            "vendor/golang.org/x/net/http2/hpack/hpack.go",
            "",
            "src/vendor/golang.org/x/net/http2/hpack/hpack.go",
        ),
        ("/usr/local/go/src/cmd/compile/main.go", "main.main", "src/cmd/compile/main.go"),
    ],
)
def test_the_version_of_go_mod(
    path: str, function: str, file: str, go_mod: str | None, ref: str, says: str
) -> None:
    own = {"go.mod": go_mod} if go_mod else {"README.md": "x"}
    transcript = run(
        {"golang/go": {ref: {file: "x"}}, "acme/shop": {"main": own}}, path, function, service=CART
    )
    assert transcript.found == ("go_standard_library", "golang/go", ref, file)
    assert says in transcript.notes[-1]
    vendored_unsure = path.startswith("vendor/") and not function
    assert calls(transcript) == (3 if vendored_unsure else 2)


def test_the_mapping_of_the_goroot_goes_before_go_mod() -> None:
    own = {".pyroscope.yaml": GO_STANDARD_LIBRARY, "go.mod": "go 1.22.4"}
    for path in ("/usr/local/go/src/fmt/print.go", "$GOROOT/src/fmt/print.go", "fmt/print.go"):
        world: World = {"golang/go": {"go1.24.10": {"src/fmt/print.go": "x"}}, "acme/shop": {"main": own}}
        transcript = run(world, path, "fmt.Println")
        assert transcript.found == ("mapping_github", "golang/go", "go1.24.10", "src/fmt/print.go")


def test_a_version_in_the_path_goes_before_the_mapping_of_the_goroot() -> None:
    world: World = {
        "golang/go": {"go1.21.6": {"src/fmt/print.go": "x"}},
        "acme/shop": {"main": {".pyroscope.yaml": GO_STANDARD_LIBRARY}},
    }
    assert run(world, "/opt/hostedtoolcache/go/1.21.6/x64/src/fmt/print.go").found[2] == "go1.21.6"


def test_a_version_of_two_numbers_is_said_to_be_inexact() -> None:
    transcript = run(go("go1.22.0", "src/fmt/print.go"), "/usr/lib/go-1.22/src/fmt/print.go")
    assert transcript.found[2] == "go1.22.0"
    assert transcript.notes == [
        "The path does not say which 1.22 it is: shown is go1.22.0, lines may not match."
    ]


def test_a_go_that_is_not_there_is_said_and_no_other_takes_its_place() -> None:
    world: World = {"golang/go": {"master": {"src/fmt/print.go": "x"}}, "acme/shop": {"main": {}}}
    transcript = run(world, "/opt/hostedtoolcache/go/1.21.99/x64/src/fmt/print.go")
    assert "go1.21.99 of golang/go is not there: is it a Go of your own?" in transcript.notes
    assert "is a file of Go's standard library" in transcript.reason


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("sort/x.go", "main.sorted"),
        ("sort/x.go", "github.com/acme/shop/sort.Sort"),
        ("log/x.go", "github.com/acme/shop/log.Print"),
        ("cmd/server/main.go", "main.main"),
        ("vendor/golang.org/x/net/http2/hpack/hpack.go", "golang.org/x/net/http2/hpack.F"),
    ],
)
def test_what_only_looks_like_the_library(path: str, function: str) -> None:
    world: World = {"golang/go": {"master": {f"src/{path}": "wrong"}}, "acme/shop": {"main": {path: "x"}}}
    transcript = run(world, path, function)
    assert transcript.found[1:] == ("acme/shop", "main", path)
    assert calls(transcript) == 1


def test_without_a_function_the_services_own_file_is_found_where_the_library_has_none() -> None:
    world: World = {
        "golang/go": {"master": {"src/sort/sort.go": "x"}},
        "acme/shop": {"main": {"sort/x.go": "x"}},
    }
    assert run(world, "sort/x.go").found == ("root_path", "acme/shop", "main", "sort/x.go")


def test_without_a_function_the_services_vendor_folder_goes_before_the_librarys() -> None:
    file = "vendor/golang.org/x/net/http2/hpack/hpack.go"
    world: World = {"golang/go": {"master": {f"src/{file}": "wrong"}}, "acme/shop": {"main": {file: "x"}}}
    assert run(world, file).found == ("go_vendor", "acme/shop", "main", file)


def test_a_profile_of_go_itself() -> None:
    service = Service(Repository("golang", "go"), "go1.22.1")
    world: World = {"golang/go": {"go1.22.1": {"src/cmd/compile/internal/ssa/x.go": "x"}}}
    transcript = run(world, "cmd/compile/internal/ssa/x.go", "cmd/compile/internal/ssa.F", service=service)
    assert transcript.found == (
        "go_standard_library",
        "golang/go",
        "go1.22.1",
        "src/cmd/compile/internal/ssa/x.go",
    )


def test_a_module_with_a_src_folder_is_not_the_library() -> None:
    world: World = {**go("master", "src/main.go"), "x/lib": {"v1.2.3": {"src/main.go": "x"}}}
    assert run(world, f"{CACHE}github.com/x/lib@v1.2.3/src/main.go").found[1] == "x/lib"


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("_cgo_gotypes.go", "main._Cfunc_add"),
        ("/tmp/go-build1/b001/_cgo_gotypes.go", "main._Cfunc_add"),  # noqa: S108 - where Go builds
        ("$WORK\\b001\\_cgo_export.c", ""),
        ("_testmain.go", "main.main"),
        ("<autogenerated>", "net/http.(*onceCloseListener).Accept"),
        ("<autogenerated>", "github.com/acme/shop.(*T).M"),
        ("cgo-gcc-prolog", "x"),
        ("/work/db.cgo1.go", ""),
    ],
)
def test_what_the_go_tools_make_has_no_source_and_that_is_said(path: str, function: str) -> None:
    assert language_of(Frame(path, function)) is Language.GO
    transcript = run({"acme/shop": {"main": {"x": "x"}}}, path, function)
    assert "made by the Go tools while building and in no repository" in transcript.reason
    assert transcript.read == [".pyroscope.yaml"]
    assert calls(transcript) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.go", True),
        ("a.S", True),
        ("/usr/local/go/src/runtime/cgo/gcc_libinit.c", True),
        (f"{CACHE}github.com/mattn/go-sqlite3@v1.14.17/sqlite3-binding.c", True),
        ("src/main.c", False),
        ("a.py", False),
        ("", False),
    ],
)
def test_is_go(path: str, *, expected: bool) -> None:
    assert is_go(path) is expected


def test_an_own_file_costs_one_call_and_no_look_up() -> None:
    for path in ("github.com/acme/shop/pkg/cart.go", "/build/pkg/cart.go", "pkg/cart.go"):
        transcript = run(
            {"acme/shop": {"main": {"pkg/cart.go": "x"}}}, path, "github.com/acme/shop/pkg.F[...].func1"
        )
        assert transcript.found[3] == "pkg/cart.go"
        assert calls(transcript) == 1
        assert lookups(transcript) == []


def test_places_of_go_mod_are_few() -> None:
    assert places(Service(CART.repository, "main", "a/b")) == ("a/b/go.mod", "a/go.mod", "go.mod")
    deep = places(Service(CART.repository, "main", "/".join("abcdefghijklmn")))
    assert len(deep) == 8
    assert deep[-1] == "go.mod"


@pytest.mark.parametrize("path", ["/usr/local/go/src/fmt/print.go", "github.com/x/y@v1.0.0/f.go"])
def test_an_enterprise_server_has_no_public_repositories(path: str) -> None:
    asking = resolve(Frame(path), Service(Repository("acme", "shop"), "main"), None, "git.acme.example")
    asked = [next(asking)]
    try:
        while True:
            asked.append(asking.send(Absent.REPOSITORY if isinstance(asked[-1], Open) else None))
    except StopIteration:
        pass
    assert [str(each.repository) for each in asked if isinstance(each, Open)] == ["acme/shop"]
    said = [each.text for each in asked if isinstance(each, Note)]
    assert any("on github.com, which git.acme.example is not" in text for text in said)


def test_every_rule_is_described_in_a_line() -> None:
    assert set(rules.DESCRIPTIONS) == {*rules.RULES, *rules.STEPS}
    assert all("\n" not in text and text.endswith(".") for text in rules.DESCRIPTIONS.values())


def test_an_operators_mapping_may_name_the_goroot() -> None:
    transcript = run(
        {"golang/go": {"go1.24.10": {"src/fmt/print.go": "x"}}},
        "fmt/print.go",
        "fmt.Println",
        operator=parse(GO_STANDARD_LIBRARY.encode()),
    )
    assert transcript.found[:3] == ("operator_mapping_github", "golang/go", "go1.24.10")


def test_a_file_of_the_library_that_has_the_name_of_another_function() -> None:
    world: World = {
        "golang/go": {"go1.22.4": {"src/bytes/buffer.go": "x"}},
        "acme/shop": {"main": {"go.mod": "module github.com/acme/shop\n\ngo 1.22.4\n"}},
    }
    transcript = run(world, "bytes/buffer.go", "github.com/acme/shop/cart.Total")
    assert transcript.found == ("go_standard_library", "golang/go", "go1.22.4", "src/bytes/buffer.go")
    own: World = {**world, "acme/shop": {"main": {"bytes/buffer.go": "x"}}}
    assert run(own, "bytes/buffer.go", "github.com/acme/shop/cart.Total").found[1] == "acme/shop"
    assert "golang/go" not in run(world, "bytes/buffer.go", "github.com/acme/shop/bytes.Total").reason
