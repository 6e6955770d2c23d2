from __future__ import annotations

import pytest

from proxy.source import javascript
from tests.source.transcript import run


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("./x.js:fn:12", "x.js"),
        ("./src/index.js:handler:34", "src/index.js"),
        ("/app/x.ts:12:5", "/app/x.ts"),
        ("/app/x.mjs?t=123", "/app/x.mjs"),
        ("/app/x.js#top", "/app/x.js"),
        ("file:///app/x.js", "/app/x.js"),
        ("file:///app/a%20b.js", "/app/a b.js"),
        ("file:///C:/app/x.js", "/C:/app/x.js"),
        ("webpack://shop/./src/x.tsx?abcd", "src/x.tsx"),
        ("webpack:///./src/x.ts", "src/x.ts"),
        ("webpack:///src/x.ts", "src/x.ts"),
        ("webpack-internal:///(rsc)/./src/app/page.tsx", "src/app/page.tsx"),
        ("webpack://_N_E/./src/[id].tsx?1", "src/[id].tsx"),
        ("/app/x.js.map/y.js", "/app/x.js.map/y.js"),
        ("node:internal/timers", "node:internal/timers"),
        ("node:internal/timers:512:17", "node:internal/timers"),
        ("turbopack:///[project]/src/x.ts", "src/x.ts"),
        ("turbopack://[project]/src/x.ts", "src/x.ts"),
        ("rsc://React/Server/file:///app/x.js?42", "/app/x.js"),
        ("/@fs/app/x.ts?v=1", "/app/x.ts"),
    ],
)
def test_cleaning(path: str, expected: str) -> None:
    assert javascript.clean_path(path) == expected


@pytest.mark.parametrize(
    ("path", "function", "file", "rule"),
    [
        ("src/x.js", "", "src/x.js", "root_path"),
        ("./src/x.js:fn:12", "", "src/x.js", "root_path"),
        ("", "./src/x.js:fn:12", "src/x.js", "root_path"),
        ("file:///usr/src/app/src/x.ts", "", "src/x.ts", "suffix"),
        ("webpack://shop/./src/x.tsx?abcd", "", "src/x.tsx", "root_path"),
        ("/app/x.cjs", "", "x.cjs", "suffix"),
        ("file:///C:/src/x.js", "", "src/x.js", "root_path"),
        ("/app/x.jsx", "", "x.jsx", "suffix"),
        ("file:///app/%2e%2e/x.js", "", None, ""),
        ("file:///%2e%2e/x.js", "", None, ""),
        ("file:///app/%252e%252e/x.js", "", None, ""),
    ],
)
def test_own_files(path: str, function: str, file: str | None, rule: str) -> None:
    transcript = run({"acme/shop": {"main": {file: "x"} if file else {}}}, path, function)
    if file:
        assert transcript.found == (rule, "acme/shop", "main", file)
    else:
        assert transcript.reason


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        ("/usr/src/app", "/usr/src/app/src/x.js"),
        ("/usr/src/app", "file:///usr/src/app/src/x.js"),
        ("file:///usr/src/app", "file:///usr/src/app/src/x.js:fn:3"),
        ("webpack://shop/", "webpack://shop/./src/x.js?1"),
        ("src/", "webpack://shop/./src/x.js?1"),
    ],
)
def test_prefixes_match_the_frame_as_recorded_and_cleaned(prefix: str, path: str) -> None:
    local = "lib/src" if prefix == "src/" else "lib"
    text = (
        f"source_code: {{mappings: [{{path: [{{prefix: '{prefix}'}}], language: javascript, "
        f"source: {{local: {{path: {local}}}}}}}]}}"
    )
    files = {".pyroscope.yaml": text, "lib/src/x.js": "x", "src/x.js": "wrong"}
    assert run({"acme/shop": {"main": files}}, path).found == (
        "mapping_local",
        "acme/shop",
        "main",
        "lib/src/x.js",
    )
