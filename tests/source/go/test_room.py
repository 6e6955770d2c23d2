from __future__ import annotations

import pytest

from proxy.source.go import room as go
from proxy.source.model import Frame, Repository, Service
from tests.source.transcript import run

SHOP = Service(Repository("acme", "shop"), "main")
CART = Service(Repository("acme", "shop"), "main", "services/cart")


@pytest.mark.parametrize(
    ("service", "path", "file", "rule"),
    [
        (SHOP, "github.com/acme/shop/pkg/cart/cart.go", "pkg/cart/cart.go", "repository_name"),
        (SHOP, "/home/me/git/github.com/acme/shop/pkg/cart.go", "pkg/cart.go", "repository_name"),
        (SHOP, "/go/src/github.com/ACME/Shop/cart.go", "cart.go", "repository_name"),
        (SHOP, "/x/github.com/acme/shop/github.com/acme/shop/cart.go", "cart.go", "repository_name"),
        (SHOP, "/x/git.acme.example/acme/shop/cart.go", "cart.go", "repository_name"),
        (SHOP, "github.com/acme/shop/v2/pkg/cart.go", "pkg/cart.go", "suffix"),
        (SHOP, "github.com/acme/shop/v2/pkg/cart.go", "v2/pkg/cart.go", "repository_name"),
        (SHOP, "/build/pkg/cart.go", "pkg/cart.go", "suffix"),
        (SHOP, "/go/src/app/main.go", "main.go", "suffix"),
        (SHOP, "pkg/asm/add_amd64.s", "pkg/asm/add_amd64.s", "root_path"),
        (SHOP, "/home/acme/shop/cart.go", "cart.go", "suffix"),
        (CART, "github.com/acme/shop/services/cart/main.go", "services/cart/main.go", "repository_name"),
        (CART, "github.com/acme/shop/pkg/log/log.go", "pkg/log/log.go", "repository_name"),
        (CART, "/app/main.go", "services/cart/main.go", "suffix"),
        (SHOP, "/src/shop/vendor/github.com/a/b/c.go", "vendor/github.com/a/b/c.go", "go_vendor"),
        (SHOP, "vendor/github.com/a/b/c.go", "vendor/github.com/a/b/c.go", "go_vendor"),
        (SHOP, "/a/vendor/x/vendor/y/c.go", "vendor/y/c.go", "go_vendor"),
        (CART, "/a/vendor/y/c.go", "services/cart/vendor/y/c.go", "go_vendor"),
        (CART, "/a/vendor/y/c.go", "vendor/y/c.go", "go_vendor"),
    ],
)
def test_own_files(service: Service, path: str, file: str, rule: str) -> None:
    transcript = run({"acme/shop": {"main": {file: "x"}}}, path, service=service)
    assert transcript.found == (rule, "acme/shop", "main", file)


def test_a_folder_named_like_a_major_version_comes_before_the_version() -> None:
    files = {"v2/cart.go": "two", "cart.go": "one"}
    assert run({"acme/shop": {"main": files}}, "github.com/acme/shop/v2/cart.go").found[3] == "v2/cart.go"


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/usr/local/go/src/net/http/server.go", "standard library"),
        ("/usr/lib/go/src/fmt/print.go", "standard library"),
        ("/usr/lib/go-1.22/src/fmt/print.go", "standard library"),
        ("/opt/homebrew/Cellar/go/1.21.3/libexec/src/runtime/proc.go", "standard library"),
        ("/opt/hostedtoolcache/go/1.21.6/x64/src/runtime/proc.go", "standard library"),
        (
            "/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.6.linux-amd64/src/fmt/print.go",
            "standard library",
        ),
        ("$GOROOT/src/fmt/print.go", "standard library"),
        ("/usr/local/go/src/vendor/golang.org/x/net/x.go", "standard library"),
        ("/go/pkg/mod/github.com/x/lib@v1.2.3/src/main.go", "Go module"),
        ("github.com/x/lib@v1.2.3/main.go", "Go module"),
        ("_cgo_gotypes.go", "made by the Go tools"),
        ("/work/b001/_cgo_gotypes.go", "made by the Go tools"),
    ],
)
def test_what_is_never_the_services_own(path: str, what: str) -> None:
    names = dict.fromkeys(
        ("server.go", "print.go", "proc.go", "main.go", "src/main.go", "x.go", path.lstrip("/")), "wrong"
    )
    transcript = run({"acme/shop": {"main": names}}, path)
    assert what in transcript.reason
    assert {path.rpartition("/")[2] for path in transcript.read if "vendor/" not in path} <= {
        ".pyroscope.yaml",
        "go.mod",
    }
    assert any(what in note for note in transcript.notes)


@pytest.mark.parametrize(
    "path",
    ["/go/src/app/main.go", "/home/go/app/x.go", "/src/go/1/main.go", "vendor/a@b/c.go", "me@host/x.go"],
)
def test_what_may_be_the_services_own(path: str) -> None:
    assert go.foreign(Frame(path)) is None


@pytest.mark.parametrize(
    ("path", "cut", "expected"),
    [
        ("/app/x/y.go", 4, ("x/y.go",)),
        ("a.b/c@v1.2.3/x/y.go", 5, ("x/y.go",)),
        ("a.b/c@v1.2.3", 5, ()),
        ("/app", 4, ()),
        ("/app/../../x.go", 4, ()),
    ],
)
def test_below_a_mapping(path: str, cut: int, expected: tuple[str, ...]) -> None:
    assert go.mapped(Frame(path), cut) == expected
