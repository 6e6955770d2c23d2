from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source.go.names import package_of
from proxy.source.go.packages import PACKAGES
from proxy.source.go.standard import ref_of, standard
from tests.source.test_paths import HOSTILE

TOOLCHAIN = "/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go"


@pytest.mark.parametrize(
    ("path", "version", "file"),
    [
        ("/opt/homebrew/Cellar/go/1.21.3/libexec/src/runtime/proc.go", "1.21.3", "runtime/proc.go"),
        ("/usr/local/Cellar/go/1.21.3_1/libexec/src/runtime/proc.go", "1.21.3", "runtime/proc.go"),
        ("/opt/homebrew/Cellar/go@1.22/1.22.5/libexec/src/fmt/print.go", "1.22.5", "fmt/print.go"),
        ("/opt/hostedtoolcache/go/1.21.6/x64/src/net/http/server.go", "1.21.6", "net/http/server.go"),
        ("C:/hostedtoolcache/windows/go/1.21.6/x64/src/fmt/print.go", "1.21.6", "fmt/print.go"),
        (f"{TOOLCHAIN}1.24.6.linux-amd64/src/net/http/server.go", "1.24.6", "net/http/server.go"),
        (f"{TOOLCHAIN}1.25rc1.darwin-arm64/src/runtime/asm_arm64.s", "1.25rc1", "runtime/asm_arm64.s"),
        ("golang.org/toolchain@v0.0.1-go1.24.6.linux-amd64/src/fmt/print.go", "1.24.6", "fmt/print.go"),
        (f"{TOOLCHAIN}1.24.6-acme.linux-amd64/src/fmt/print.go", "1.24.6", "fmt/print.go"),
        ("/home/me/sdk/go1.20.14/src/runtime/proc.go", "1.20.14", "runtime/proc.go"),
        ("/home/me/sdk/go1.25rc1/src/runtime/proc.go", "1.25rc1", "runtime/proc.go"),
        ("/usr/lib/go-1.22/src/fmt/print.go", "1.22", "fmt/print.go"),
        ("/usr/share/go-1.19/src/fmt/print.go", "1.19", "fmt/print.go"),
        ("/usr/lib64/go/1.21/src/fmt/print.go", "1.21", "fmt/print.go"),
        ("/root/.goenv/versions/1.21.3/src/fmt/print.go", "1.21.3", "fmt/print.go"),
        ("/home/me/.gvm/gos/go1.21.3/src/fmt/print.go", "1.21.3", "fmt/print.go"),
        ("/home/me/.asdf/installs/golang/1.21.3/go/src/fmt/print.go", "1.21.3", "fmt/print.go"),
        ("/home/me/.local/share/mise/installs/go/1.21.3/src/fmt/print.go", "1.21.3", "fmt/print.go"),
        ("/home/me/.gimme/versions/go1.21.3.linux.amd64/src/fmt/print.go", "1.21.3", "fmt/print.go"),
        (f"/nix/store/{'a1' * 16}-go-1.21.3/share/go/src/fmt/print.go", "1.21.3", "fmt/print.go"),
        ("/usr/local/go1.21.3/src/fmt/print.go", "1.21.3", "fmt/print.go"),
        ("/usr/local/go/src/net/http/server.go", "", "net/http/server.go"),
        ("/usr/local/go/src/vendor/golang.org/x/net/http/httpguts/guts.go", "", None),
        ("/usr/local/go/src/cmd/compile/internal/ssa/rewrite.go", "", None),
        ("/usr/local/go/src/brandnew/x.go", "", None),
        ("/usr/local/go/src/runtime/asm_amd64.s", "", None),
        ("/usr/lib/golang/src/fmt/print.go", "", None),
        ("/usr/lib/go/src/fmt/print.go", "", None),
        ("/snap/go/10455/src/fmt/print.go", "", None),
        ("$GOROOT/src/fmt/print.go", "", None),
        ("GOROOT/src/fmt/print.go", "", None),
        ("external/go_sdk/src/fmt/print.go", "", None),
        ("external/rules_go~~go_sdk~main___download_0/src/fmt/print.go", "", None),
        ("/build/x/external/rules_go++go_sdk+go_sdk/src/fmt/print.go", "", None),
        ("C:/Program Files/Go/src/fmt/print.go", "", None),
        ("C:/Go/src/fmt/print.go", "", None),
        ("/opt/homebrew/Cellar/go/HEAD-1a2b3c4/libexec/src/fmt/print.go", "", None),
    ],
)
@pytest.mark.parametrize("function", ["", "fmt.Println", "net/http.(*conn).serve"])
def test_every_place_of_a_go(path: str, version: str, file: str | None, function: str) -> None:
    if "brandnew" in path:
        function = "" if function == "" else "brandnew.F"
    found = standard(path, function)
    assert found is not None
    assert found == (version, file or path.partition("/src/")[2], True)


@pytest.mark.parametrize(
    ("path", "function", "sure"),
    [
        ("fmt/scan.go", "fmt.Fscanf", True),
        ("fmt/scan.go", "", False),
        ("net/http/server.go", "net/http.(*conn).serve", True),
        ("runtime/time.go", "time.Sleep", True),
        ("runtime/sema.go", "sync.runtime_Semacquire", True),
        ("runtime/memmove_amd64.s", "runtime.memmove", True),
        ("internal/bytealg/compare_amd64.s", "cmpbody", False),
        ("slices/sort.go", "slices.SortFunc[go.shape.[]github.com/acme/shop.Item,go.shape.int]", True),
        ("sync/atomic/type.go", "sync/atomic.(*Pointer[go.shape.struct { a/b.c int }]).Load", True),
        ("log/log.go", "golang.org/x/net/http2.(*Framer).readMetaFrame.Printf.func6", False),
        ("log/log.go", "golang.org/x/net/http2.configureServer.func4.Print.2", False),
        ("sync/oncefunc.go", "google.golang.org/grpc.(*Server).initServerWorkers.OnceFunc.func2.1.1", False),
        ("internal/brandnew/x.go", "internal/brandnew.F", True),
        ("runtime/internal/atomic/atomic_amd64.go", "runtime/internal/atomic.Load", True),
        ("cmd/compile/internal/ssa/rewrite.go", "cmd/compile/internal/ssa.rewriteValue", True),
        ("vendor/golang.org/x/net/http2/hpack/hpack.go", "vendor/golang.org/x/net/http2/hpack.F", True),
        ("vendor/golang.org/x/net/http2/hpack/hpack.go", "", False),
        ("/home/me/go/src/fmt/print.go", "fmt.Println", True),
        ("/home/me/mygo/src/runtime/time.go", "time.Sleep", True),
    ],
)
def test_the_function_speaks_for_the_library(path: str, function: str, *, sure: bool) -> None:
    found = standard(path, function)
    assert found is not None
    assert found.sure is sure


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("sort/x.go", "main.sorted"),
        ("sort/x.go", "example.com/x/sort.Sort"),
        ("log/log.go", "github.com/acme/shop/log.Print"),
        ("log/log.go", "github.com/acme/shop/log.Print.func1"),
        ("shop/sort/x.go", "shop/sort.Sort"),
        ("cmd/server/main.go", "main.main"),
        ("cmd/server/main.go", ""),
        ("internal/cart/x.go", "github.com/acme/shop/internal/cart.F"),
        ("vendor/golang.org/x/net/http2/hpack/hpack.go", "golang.org/x/net/http2/hpack.F"),
        ("/go/pkg/mod/github.com/x/lib@v1.2.3/src/main.go", "github.com/x/lib/src.F"),
        ("/go/pkg/mod/github.com/x/lib@v1.2.3/src/fmt/print.go", "github.com/x/lib/src/fmt.F"),
        ("/go/pkg/mod/github.com/x/go/1.21.3@v1.2.3/src/fmt/print.go", ""),
        ("/go/src/app/main.go", "main.main"),
        ("/go/src/app/main.go", ""),
        ("/go/src/github.com/acme/shop/sort/x.go", "github.com/acme/shop/sort.F"),
        ("/usr/local/go/src/github.com/acme/shop/x.go", ""),
        ("/usr/local/go/src/app/main.go", "main.main"),
        ("/usr/local/go/src/main.go", ""),
        ("/build/fmt/print.go", "fmt.Println"),
        ("src/go/1/main.go", ""),
        ("", ""),
        ("fmt", "fmt.X"),
    ],
)
def test_what_is_not_the_library(path: str, function: str) -> None:
    assert standard(path, function) is None


@pytest.mark.parametrize(
    ("version", "ref"),
    [
        ("1.21.3", "go1.21.3"),
        ("1.25rc1", "go1.25rc1"),
        ("1.20", "go1.20"),
        ("1.9", "go1.9"),
        ("1.21", "go1.21.0"),
        ("1.100", "go1.100.0"),
        ("1.21rc2", "go1.21rc2"),
    ],
)
def test_the_tag_of_a_go(version: str, ref: str) -> None:
    assert ref_of(version) == ref


@pytest.mark.parametrize(
    ("function", "package"),
    [
        ("fmt.Fprintf", "fmt"),
        ("main.main", "main"),
        ("main.main.func1", "main"),
        ("main.main.func1.2", "main"),
        ("main.glob..func1", "main"),
        ("main.init.0", "main"),
        ("net/http.(*conn).serve", "net/http"),
        ("net/http.HandlerFunc.ServeHTTP", "net/http"),
        ("net/http.(*Server).Serve-fm", "net/http"),
        ("net/http.(*Server).Serve.gowrap1", "net/http"),
        ("github.com/a/b.(*T[...]).M", "github.com/a/b"),
        ("github.com/a/b.F[go.shape.int]", "github.com/a/b"),
        ("github.com/a/b.F[github.com/c/d.X]", "github.com/a/b"),
        ("github.com/a/b.F[...].func1", "github.com/a/b"),
        ("gopkg.in/yaml%2ev3.unmarshal", "gopkg.in/yaml.v3"),
        ("type:.eq.net/http.Header", None),
        ("type..hash.[2]string", None),
        ("go:buildid", None),
        ("memeqbody", None),
        ("a/b/memeqbody", None),
        ("", None),
        (".x", None),
        ("[]", None),
        ("(*T).M", None),
    ],
)
def test_the_package_of_a_function(function: str, package: str | None) -> None:
    assert package_of(function) == package


def test_the_list_has_old_and_new_packages() -> None:
    there = {"fmt", "slices", "internal/intern", "runtime/internal/atomic", "iter", "log/slog", "unique"}
    assert there <= PACKAGES
    assert "vendor/golang.org/x/net/http2/hpack" in PACKAGES
    assert not any(
        package.startswith("/") or package.endswith("/") or ".go" in package for package in PACKAGES
    )


@given(HOSTILE, HOSTILE)
def test_any_frame_is_of_the_library_or_not(path: str, function: str) -> None:
    found = standard(path, function)
    assert found is None or found.path in path


@pytest.mark.parametrize(
    "piece", ["/src/", "go/1.2", "/go/1.21.3", "@v1", "$GOROOT/src/", "1.", "external/", "a~"]
)
def test_long_paths_end(piece: str) -> None:
    for path in (piece * (4096 // len(piece)) + "/src/a/x.go", piece * (4096 // len(piece))):
        standard(path, path)
        standard(path + ".go", "")
