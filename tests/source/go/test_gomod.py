from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.go.gomod import MAX_SIZE, GoMod, Target, parse

WHOLE = b"""\
// Deprecated: use v2
module github.com/acme/shop // the shop

go 1.21

toolchain go1.22.3

godebug default=go1.21

require github.com/a/single v1.0.0 // indirect
require (
	github.com/a/b v1.2.3
	"github.com/quoted/c" v0.1.0 // indirect; for tests
	`github.com/raw/d` v0.0.0-20210101000000-abcdefabcdef
	// github.com/not/there v9.9.9
	github.com/e/f/v2 v2.0.0+incompatible
)

exclude github.com/a/b v1.2.2
exclude (
	github.com/x/y v1.0.0
)
replace github.com/a/b => github.com/fork/b v1.2.4
replace github.com/a/single v1.0.0 => ./single
replace (
	github.com/q/r v1.1.0 => "../q r"
	github.com/q/s => `C:\\dev\\s`
)
retract [v1.0.0, v1.9.9] // broken
retract (
	v0.1.0
)
tool golang.org/x/tools/cmd/stringer
tool (
	example.com/tool
)
ignore ./node_modules
"""


def read(text: str) -> GoMod:
    found = parse(text.encode())
    assert found is not None
    return found


def test_a_whole_file() -> None:
    found = parse(WHOLE, "services/cart")
    assert found == GoMod(
        folder="services/cart",
        module="github.com/acme/shop",
        go="1.21",
        toolchain="1.22.3",
        requires={
            "github.com/a/single": "v1.0.0",
            "github.com/a/b": "v1.2.3",
            "github.com/quoted/c": "v0.1.0",
            "github.com/raw/d": "v0.0.0-20210101000000-abcdefabcdef",
            "github.com/e/f/v2": "v2.0.0+incompatible",
        },
        replaces={
            ("github.com/a/b", ""): Target("github.com/fork/b", "v1.2.4"),
            ("github.com/a/single", "v1.0.0"): Target("./single", ""),
            ("github.com/q/r", "v1.1.0"): Target("../q r", ""),
            ("github.com/q/s", ""): Target("C:\\dev\\s", ""),
        },
    )


def test_a_line_with_the_version_goes_before_one_without() -> None:
    found = read("replace (\na.b/c => ./any\na.b/c v1.0.0 => ./one\n)")
    assert found.replacement("a.b/c", "v1.0.0") == Target("./one", "")
    assert found.replacement("a.b/c", "v1.1.0") == Target("./any", "")
    assert found.replacement("a.b/d", "v1.0.0") is None
    assert read("replace a.b/c v1.0.0 => ./one").replacement("a.b/c", "v1.1.0") is None


@pytest.mark.parametrize(
    ("text", "module", "go", "toolchain"),
    [
        ("module a.b/c\r\ngo 1.20\r\n", "a.b/c", "1.20", ""),
        ("\ufeffmodule a.b/c", "a.b/c", "", ""),
        ("module (\n\ta.b/c\n)\n", "a.b/c", "", ""),
        ('module "a.b/c"', "a.b/c", "", ""),
        ("module a.b/c//d", "a.b/c", "", ""),
        ("go 1.23rc1", "", "1.23rc1", ""),
        ("go latest\ntoolchain default", "", "", ""),
        ("toolchain go1.22.3-acme", "", "", "1.22.3"),
        ("go 1.21 1.22", "", "1.21", ""),
        (
            "module\ngo\ntoolchain\nrequire\nreplace\nrequire a\nreplace a\nreplace a =>\nreplace => b",
            "",
            "",
            "",
        ),
        ("require ()\ngo 1.20", "", "1.20", ""),
        ("require (", "", "", ""),
        (")\ngo 1.20", "", "1.20", ""),
        ("unknown (\ngo 1.19\n)\ngo 1.20", "", "1.20", ""),
    ],
)
def test_short_and_broken_files(text: str, module: str, go: str, toolchain: str) -> None:
    found = read(text)
    assert (found.module, found.go, found.toolchain) == (module, go, toolchain)
    assert not found.requires
    assert not found.replaces


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert parse(b"go 1.20\n" + b"/" * (MAX_SIZE - 8)) is not None
    assert parse(b"go 1.20\n" + b"/" * MAX_SIZE) is None


@pytest.mark.parametrize(
    "piece", [b'"', b"`", b'"\\', b"//", b"(", b"=>", b"a ", b"require (\n", b'\\"', b"\xff"]
)
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_hostile_files_of_full_size_end(piece: bytes, end: bytes) -> None:
    whole = piece + end
    assert parse((whole * (MAX_SIZE // len(whole)))[:MAX_SIZE]) is not None


@given(
    st.binary(max_size=300)
    | st.text(alphabet='ab/.v1 \n\t"`\\()[]=>,/requirplacego', max_size=200).map(str.encode)
)
def test_any_bytes_are_read(data: bytes) -> None:
    found = parse(data)
    assert found is not None
    assert (
        all(module and version for module, version in found.requires.items())
        or '"' in data.decode("utf-8", "replace")
        or "`" in data.decode("utf-8", "replace")
    )


MODULES = st.from_regex(r"[a-z]{1,8}\.[a-z]{2,3}/[a-zA-Z0-9._~-]{1,10}", fullmatch=True)
VERSIONS = st.from_regex(r"v[0-9]\.[0-9]\.[0-9]", fullmatch=True)


@given(st.dictionaries(MODULES, VERSIONS, max_size=8), st.booleans(), st.sampled_from(["%s", '"%s"', "`%s`"]))
def test_what_is_written_is_read(requires: dict[str, str], block: bool, quoted: str) -> None:
    lines = [f"{quoted % module} {version} // indirect" for module, version in requires.items()]
    text = (
        "require (\n\t" + "\n\t".join(lines) + "\n)\n"
        if block
        else "".join(f"require {line}\n" for line in lines)
    )
    assert read(text).requires == requires


def test_a_line_that_is_too_long_is_passed_over() -> None:
    long = b"require example.com/a v1." + b"0" * 10_000 + b"\n" + b'"\\' * 100_000 + b"\n"
    read = parse(b"module x\n" + long + b"require example.com/b v1.0.0\n")
    assert read is not None
    assert read.module == "x"
    assert dict(read.requires) == {"example.com/b": "v1.0.0"}
