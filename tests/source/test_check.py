"""Where the file cannot be the one that ran it is said, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.check import mismatch
from proxy.source.model import Frame, Language

GO = b"""package cart

import "fmt"

func Total[T int | int64](items []T) (sum T) {
\tfor _, item := range items {
\t\tsum += item
\t}
\treturn sum
}

type Cart struct{}

func (c *Cart) Add(n int) {
\tdefer func() {
\t\tfmt.Println(n)
\t}()
}

func (Cart) String() string { return "" }
"""
PYTHON = b'''import functools


@functools.lru_cache(
    maxsize=10,
)
def rank(x):
    """Say def missing(x) in a docstring."""
    return x


class Shop:
    async def close(self):
        pass
'''
LINKED = b"""package runtime

//go:linkname timeSleep time.Sleep
func timeSleep(ns int64) {}

//go:linkname reflect_makemap reflect.makemap
func reflect_makemap() {}
func makemap() {}
"""
DECORATED = b"\n".join(
    [b"import pytest", b"", b"@pytest.mark.parametrize(", *[b"    1,"] * 200, b")", b"def rank(x):"]
)
FORM_FEEDS = b"\n".join([b"\x0c"] * 100 + [b"def rank(x):", b"    return x"])
CHILD = b"""package org.example;
import org.example.base.Seen;
public final class Child extends Hidden { void own() {} }
"""
HEIR = CHILD.replace(b"Hidden", b"Seen")
JAVA = b"""package org.example;
public class App {
    public static void main(String[] args) { run(); }
    private static void run() {}
}
"""
FITS = [
    (Language.GO, "github.com/acme/shop/cart.Total[...]", 5, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.Total[go.shape.int]", 5, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.(*Cart).Add", 14, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.(*Cart).Add.func1", 15, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.Cart.String", 20, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.Cart.String-fm", 20, "cart.go", GO),
    (Language.GO, "gopkg.in/yaml%2ev3.Total", 5, "cart.go", GO),
    (Language.GO, "cart.Total", 0, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.Total[go.shape.[]example.com/x/y.Z]", 5, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.(*Cart).Add.abi0", 14, "cart.go", GO),
    (Language.PYTHON, "shop.rank", 4, "shop.py", PYTHON),
    (Language.PYTHON, "rank", 7, "shop.py", PYTHON),
    (Language.PYTHON, "Shop.close", 13, "shop.py", PYTHON),
    (Language.PYTHON, "Shop", 12, "shop.py", PYTHON),
    (Language.JAVA, "org/example/App.main", 3, "App.java", JAVA),
    (Language.JAVA, "org.example.App.run()", 0, "App.java", JAVA),
]
SILENT = [
    (Language.GO, "github.com/acme/shop/cart.init", 1, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.init.0", 1, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/cart.glob..func1", 1, "cart.go", GO),
    (Language.GO, "", 5, "cart.go", GO),
    (Language.GO, "time.Sleep", 338, "time.go", LINKED),
    (Language.GO, "reflect.makemap", 7, "map.go", LINKED),
    (Language.GO, "internal/runtime/maps.makemap", 7, "map.go", LINKED),
    (Language.GO, "github.com/acme/shop/cart.(*Cart).Total", 1, "cart.go", GO),
    (Language.GO, "github.com/acme/shop/tax.(*Rate).Of", 30, "cart.go", GO),
    (Language.GO, "main.run", 30, "cart.go", GO),
    (Language.PYTHON, "rank", 3, "shop.py", DECORATED),
    (Language.PYTHON, "rank", 101, "shop.py", FORM_FEEDS),
    (Language.PYTHON, "__annotate__", 12, "shop.py", PYTHON),
    (Language.JAVA, "org/example/Child.inherited", 0, "Child.java", CHILD),
    (Language.GO, "github.com/acme/shop/cart.Gone", 5, "cart.txt", GO),
    (Language.GO, "github.com/acme/shop/cart.Gone", 5, "cart.go", b"\xff\xfe binary"),
    (Language.PYTHON, "<module>", 1, "shop.py", PYTHON),
    (Language.PYTHON, "shop.<listcomp>", 1, "shop.py", PYTHON),
    (Language.PYTHON, "shop.<lambda>", 1, "shop.py", PYTHON),
    (Language.PYTHON, "gone", 1, "shop.so", PYTHON),
    (Language.JAVA, "org/example/App.<init>", 2, "App.java", JAVA),
    (Language.JAVA, "org/example/App.getName", 2, "App.java", JAVA),
    (Language.JAVA, "org/example/App.lambda$main$0", 2, "App.java", JAVA),
    (Language.JAVA, "org/example/App.gone", 2, "App.kt", JAVA),
    (Language.JAVASCRIPT, "gone", 2, "app.js", b"function here() {}"),
    (Language.OTHER, "gone", 2, "app.rs", b"fn here() {}"),
]
DOES_NOT_FIT = [
    (Language.GO, "github.com/acme/shop/cart.Gone", 5, "cart.go", GO, "has no definition of Gone"),
    (Language.GO, "github.com/acme/shop/cart.Gone", 0, "cart.go", GO, "has no definition of Gone"),
    (Language.GO, "github.com/acme/go-cart/v2.Gone", 9, "cart.go", GO, "has no definition of Gone"),
    (Language.GO, "gopkg.in/cart%2ev3.Gone", 9, "cart.go", GO, "has no definition of Gone"),
    (Language.GO, "runtime.makemap", 5, "map.go", LINKED, "in line 5 of map.go but in line 8"),
    (Language.JAVA, "org/example/Child.gone", 0, "Child.java", HEIR, "has no definition of gone"),
    (Language.PYTHON, "rank", 110, "shop.py", DECORATED, "in line 110 of shop.py but in line 205"),
    (
        Language.GO,
        "github.com/acme/shop/cart.(*Cart).Add",
        9,
        "cart.go",
        GO,
        "not defined in line 9 of cart.go but in line 14",
    ),
    (
        Language.GO,
        "github.com/acme/shop/cart.(*Cart).Gone.func1",
        9,
        "cart.go",
        GO,
        "has no definition of Gone",
    ),
    (
        Language.GO,
        "runtime.memmove",
        1,
        "memmove_amd64.s",
        b"TEXT runtime\xc2\xb7memclr(SB), NOSPLIT, $0",
        "memmove",
    ),
    (Language.PYTHON, "missing", 0, "shop.py", PYTHON, "has no definition of missing"),
    (Language.PYTHON, "rank", 9, "shop.py", PYTHON, "not defined in line 9 of shop.py but in line 7"),
    (Language.JAVA, "org/example/App.gone", 2, "App.java", JAVA, "has no definition of gone"),
]


@pytest.mark.parametrize(("language", "name", "line", "path", "content"), FITS + SILENT)
def test_nothing_is_said(language: Language, name: str, line: int, path: str, content: bytes) -> None:
    assert mismatch(language, Frame(path, name), line, path, content) == ""


@pytest.mark.parametrize(("language", "name", "line", "path", "content", "said"), DOES_NOT_FIT)
def test_what_does_not_fit_is_said(
    language: Language, name: str, line: int, path: str, content: bytes, said: str
) -> None:
    text = mismatch(language, Frame(path, name), line, path, content)
    assert said in text
    assert "service_git_ref" in text


def test_assembly_that_has_the_function_fits() -> None:
    content = "// comment\nTEXT runtime·memmove<ABIInternal>(SB), NOSPLIT, $0-24\n".encode()
    assert mismatch(Language.GO, Frame("", "runtime.memmove"), 2, "memmove_amd64.s", content) == ""


def test_assembly_that_macros_define_fits() -> None:
    content = "CALLFN(·call32, 32)\n".encode()
    assert mismatch(Language.GO, Frame("", "runtime.call32"), 848, "asm_amd64.s", content) == ""


@given(
    st.sampled_from(Language),
    st.text(max_size=80),
    st.integers(-(2**63), 2**63),
    st.sampled_from(["a.go", "a.s", "a.py", "A.java", "a.js", ""]),
    st.binary(max_size=300),
)
def test_no_input_breaks_it(language: Language, name: str, line: int, path: str, content: bytes) -> None:
    assert isinstance(mismatch(language, Frame(path, name), line, path, content), str)


@pytest.mark.parametrize("name", ["a" * 10_000, "(" * 400, "[" * 400, "a." * 200, "func1." * 80])
def test_hostile_names_cost_nothing(name: str) -> None:
    assert isinstance(mismatch(Language.GO, Frame("a.go", name), 1, "a.go", b"func " * 100_000), str)
