from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.go.module import (
    ModuleFile,
    escaped,
    folders_of,
    is_module,
    of_path,
    refs_of,
    unescaped,
    without_major,
)
from tests.source.test_paths import HOSTILE
from tests.source.transcript import assert_clean


@pytest.mark.parametrize(
    ("path", "module", "version", "file"),
    [
        ("/go/pkg/mod/github.com/x/lib@v1.2.3/src/main.go", "github.com/x/lib", "v1.2.3", "src/main.go"),
        (
            "/root/go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.0/lex.go",
            "github.com/BurntSushi/toml",
            "v1.2.0",
            "lex.go",
        ),
        ("github.com/x/y@v1.2.3/f.go", "github.com/x/y", "v1.2.3", "f.go"),
        ("C:/Users/me/go/pkg/mod/github.com/x/y@v1.2.3/f.go", "github.com/x/y", "v1.2.3", "f.go"),
        ("/cache/go-mod/github.com/x/y@v1.2.3/f.go", "github.com/x/y", "v1.2.3", "f.go"),
        ("/root/.cache/github.com/x/y@v1.2.3/f.go", "github.com/x/y", "v1.2.3", "f.go"),
        ("/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/decode.go", "gopkg.in/yaml.v3", "v3.0.1", "decode.go"),
        ("/go/pkg/mod/a.b/c@v1.0.0-!r!c1/f.go", "a.b/c", "v1.0.0-RC1", "f.go"),
        ("a.b/c@v2.0.0+incompatible/f.go", "a.b/c", "v2.0.0+incompatible", "f.go"),
        (
            "a.b/c@v0.0.0-20210101000000-abcdefabcdef/d/f.go",
            "a.b/c",
            "v0.0.0-20210101000000-abcdefabcdef",
            "d/f.go",
        ),
        ("/go/pkg/mod/gocloud.dev@v0.37.0/blob/blob.go", "gocloud.dev", "v0.37.0", "blob/blob.go"),
        ("/go/pkg/mod/x/pkg/mod/a.b/c@v1.0.0/f.go", "a.b/c", "v1.0.0", "f.go"),
        (
            "/go/pkg/mod/a.b/c@v1.0.0/testdata/d.e/f@v2.0.0/f.go",
            "a.b/c",
            "v1.0.0",
            "testdata/d.e/f@v2.0.0/f.go",
        ),
    ],
)
def test_the_module_of_a_path(path: str, module: str, version: str, file: str) -> None:
    assert of_path(path) == ModuleFile(module, version, file)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a.b/c@v1.0.0",
        "a.b/c@v1.0.0/",
        "a.b/c@main/f.go",
        "vendor/a@b/c.go",
        "me@host/x.go",
        "/home/me@v1/x.go",
        "c@v1.0.0/f.go",
        "/go/pkg/mod/c@v1.0.0/f.go",
        "/go/pkg/mod/127.0.0.1/c@v1.0.0/f.go",
        "/go/pkg/mod/../c@v1.0.0/f.go",
        "/go/pkg/mod/a.b/../c@v1.0.0/f.go",
        "/go/pkg/mod/a.b/./c@v1.0.0/f.go",
        "/go/pkg/mod/a.b/c@v1.0.0/../../f.go",
        "/go/pkg/mod/a.b/c?x@v1.0.0/f.go",
        "/go/pkg/mod/a.b:80/c@v1.0.0/f.go",
        "/go/pkg/mod/u:p@a.b/c@v1.0.0/f.go",
        "/go/pkg/mod/a.b/" + "c" * 600 + "@v1.0.0/f.go",
        "a.b/c@v1.0.0 x/f.go",
        "a.b/c@v1.0.0/\0.go",
    ],
)
def test_what_is_of_no_module(path: str) -> None:
    assert of_path(path) is None


@pytest.mark.parametrize(
    ("version", "folder", "refs"),
    [
        ("v1.2.3", "", ("v1.2.3",)),
        ("v1.2.3", "service/s3", ("service/s3/v1.2.3", "v1.2.3")),
        ("v2.0.0+incompatible", "", ("v2.0.0",)),
        ("v0.0.0-20210101000000-abcdefabcdef", "sub", ("abcdefabcdef",)),
        ("v1.2.4-0.20210101000000-abcdefabcdef", "", ("abcdefabcdef",)),
        ("v1.2.3-rc.1.0.20210101000000-abcdefabcdef", "", ("abcdefabcdef",)),
        ("v2.0.1-0.20210101000000-abcdefabcdef+incompatible", "", ("abcdefabcdef",)),
        ("v1.2.3-rc.1", "", ("v1.2.3-rc.1",)),
        ("v1.2.3-20210101000000-abcdefabcde", "", ("v1.2.3-20210101000000-abcdefabcde",)),
        ("v1..2", "", ()),
        ("v1.2.3~x", "", ()),
        ("a b", "", ()),
    ],
)
def test_the_refs_of_a_version(version: str, folder: str, refs: tuple[str, ...]) -> None:
    assert refs_of(version, folder) == refs


@pytest.mark.parametrize(
    ("subfolder", "folders", "tagged"),
    [
        ("", ("",), ""),
        ("v2", ("v2", ""), ""),
        ("service/s3", ("service/s3",), "service/s3"),
        ("client/v3", ("client/v3", "client"), "client"),
        ("client/pkg/v3", ("client/pkg/v3", "client/pkg"), "client/pkg"),
        ("v2ray-core", ("v2ray-core",), "v2ray-core"),
        ("v1", ("v1",), "v1"),
        ("v0", ("v0",), "v0"),
        ("v10", ("v10", ""), ""),
    ],
)
def test_the_folders_of_a_module(subfolder: str, folders: tuple[str, ...], tagged: str) -> None:
    assert folders_of(subfolder) == (folders, tagged)


def test_a_major_version_is_a_whole_element() -> None:
    assert without_major("github.com/x/y/v2") == ("github.com/x/y", "v2")
    assert without_major("github.com/x/v2ray-core") == ("github.com/x/v2ray-core", "")
    assert without_major("github.com/x/yv2") == ("github.com/x/yv2", "")


def test_upper_case_is_escaped_as_the_module_proxy_wants_it() -> None:
    assert escaped("github.com/BurntSushi/toml") == "github.com/!burnt!sushi/toml"
    assert escaped("v1.0.0-RC1+incompatible") == "v1.0.0-!r!c1+incompatible"


@given(st.from_regex(r"[A-Za-z0-9._~/-]{0,30}", fullmatch=True))
def test_what_is_escaped_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert escaped(text).lower() == escaped(text)


@given(st.builds("{}/pkg/mod/{}@v1.0.0/{}".format, HOSTILE, HOSTILE, HOSTILE) | HOSTILE)
def test_any_path_is_of_a_harmless_module_or_none(path: str) -> None:
    found = of_path(path)
    if found is not None:
        assert is_module(found.module)
        assert not set("/?#%@:\\ \0") & set(found.module.partition("/")[0])
        assert ".." not in found.module.split("/")
        assert_clean(found.path)


@pytest.mark.parametrize("piece", ["@v1/", "a.b/", "a-", "!a", "/pkg/mod/", "1.", "v1.0.0-0."])
def test_long_paths_end(piece: str) -> None:
    long = piece * (4096 // len(piece))
    of_path(f"{long}@v1.0.0/f.go")
    of_path(f"a.b/c@v{long}/f.go")
    refs_of(f"v1.0.0-{long}", long)
    is_module(long)
