from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.go.answers import MAX_SIZE, Import, Origin, imports, origin
from tests.source.transcript import assert_clean

HASH = "0123456789abcdef0123456789abcdef01234567"


def info(**values: object) -> bytes:
    return json.dumps({"Version": "v1.2.3", "Time": "2024-01-01T00:00:00Z", "Origin": values}).encode()


def test_an_origin() -> None:
    whole = info(VCS="git", URL="https://github.com/x/y", Subdir="sub", Ref="refs/tags/sub/v1.2.3", Hash=HASH)
    assert origin(whole) == Origin("https://github.com/x/y", "sub", "sub/v1.2.3", HASH)
    assert origin(info(URL="https://github.com/x/y", Hash=HASH.upper())) == Origin(
        "https://github.com/x/y", "", "", HASH
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"Ref": "refs/heads/main"}, Origin("u", "", "", "")),
        ({"Ref": "refs/tags/a..b"}, Origin("u", "", "", "")),
        ({"Ref": "refs/tags/"}, Origin("u", "", "", "")),
        ({"Ref": 1, "Hash": ["x"]}, Origin("u", "", "", "")),
        ({"Hash": "abc"}, Origin("u", "", "", "")),
        ({"Subdir": "../x"}, None),
        ({"Subdir": "a\0"}, None),
        ({"Subdir": "/a//b/"}, Origin("u", "a/b", "", "")),
        ({"VCS": "hg"}, None),
        ({"URL": ""}, None),
        ({"URL": {"a": 1}}, None),
        ({"URL": "x" * 5000}, None),
    ],
)
def test_odd_origins(values: dict[str, object], expected: Origin | None) -> None:
    assert origin(info(**{"URL": "u", **values})) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"Origin": []}',
        b'{"Origin": null}',
        b"\xff\xfe",
        b"<html>",
        b"[" * 100_000,
        b"{" * MAX_SIZE + b"}",
        b'{"Origin": ' * 50_000,
        b"1" * 10_000,
    ],
)
def test_garbage_has_no_origin(body: bytes) -> None:
    assert origin(body) is None


PAGE = """<!DOCTYPE html><html><head>
<meta charset="utf-8">
<META content='example.com/lib git https://git.example.com/lib' name=go-import>
<meta name="go-source" content="example.com/lib https://github.com/ex/lib https://x{/dir} https://x{/dir}/{file}#L{line}">
<meta name="go-import" content="example.com/other git https://github.com/ex/other">
<meta name="go-import" content="example.com/lib mod https://proxy.example.com">
</head><body><meta name="go-import" content="example.com/lib git https://github.com/evil/lib"></body>"""


def test_a_page_and_go_source_comes_first() -> None:
    assert imports(PAGE.encode(), "example.com/lib/sub") == (
        Import("example.com/lib", "https://github.com/ex/lib", "", source=True),
        Import("example.com/lib", "https://git.example.com/lib", "", source=False),
    )
    assert imports(PAGE.encode(), "example.com/library") == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a.b/c git https://github.com/x/y", Import("a.b/c", "https://github.com/x/y", "", source=False)),
        (
            "a.b/c git https://github.com/x/y sub/dir",
            Import("a.b/c", "https://github.com/x/y", "sub/dir", source=False),
        ),
        ("a.b git https://github.com/x/y", Import("a.b", "https://github.com/x/y", "", source=False)),
        ("a.b/c git https://github.com/x/y ../..", None),
        ("a.b/c/d git https://github.com/x/y", None),
        ("a.b/c git", None),
        ("a.b/c svn https://x", None),
        ("", None),
    ],
)
def test_go_import(content: str, expected: Import | None) -> None:
    page = f'<head><meta name="go-import" content="{content}"></head>'
    assert imports(page.encode(), "a.b/c") == ((expected,) if expected else ())


def test_entities_are_read() -> None:
    page = b'<meta name="go-import" content="a.b/c git https&#58;//github.com/x/y">'
    assert imports(page, "a.b/c")[0].url == "https://github.com/x/y"


@pytest.mark.parametrize(
    "piece", ["<meta", "<meta ", '<meta name="', "<meta a=>", "<!--", "<![", "<!", "&#", "<meta <", "<"]
)
def test_hostile_pages_of_any_size_end(piece: str) -> None:
    page = (piece * (2 * MAX_SIZE // len(piece))).encode()
    assert imports(page, "a.b/c") == ()


@given(
    st.binary(max_size=200) | st.text(alphabet="<meta nco='\"gi-urs>/!-&#;x ", max_size=200).map(str.encode)
)
def test_any_page_is_read(body: bytes) -> None:
    for found in imports(b'<meta name="go-import" content="a.b git ' + body + b'">' + body, "a.b"):
        assert found.prefix == "a.b"
        if found.subfolder:
            assert_clean(found.subfolder)
    origin(body)
