from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source.javascript.cleaning import Module, clean_path, exact, module_of
from tests.source.test_paths import HOSTILE
from tests.source.transcript import assert_clean


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/app/node_modules/express/lib/x.js", Module("express", "lib/x.js", "app/node_modules/express", "")),
        (
            "node_modules/@babel/core/lib/x.js",
            Module("@babel/core", "lib/x.js", "node_modules/@babel/core", ""),
        ),
        (
            "/app/node_modules/a/node_modules/b/x.js",
            Module("b", "x.js", "app/node_modules/a/node_modules/b", ""),
        ),
        (
            "/app/node_modules/.pnpm/lodash@4.17.21/node_modules/lodash/map.js",
            Module(
                "lodash", "map.js", "app/node_modules/.pnpm/lodash@4.17.21/node_modules/lodash", "4.17.21"
            ),
        ),
        (
            "/a/node_modules/.pnpm/@babel+core@7.23.0_x@1.0.0/node_modules/@babel/core/x.js",
            Module(
                "@babel/core",
                "x.js",
                "a/node_modules/.pnpm/@babel+core@7.23.0_x@1.0.0/node_modules/@babel/core",
                "7.23.0",
            ),
        ),
        (
            "/a/node_modules/.pnpm/next@14.0.4(react@18.2.0)/node_modules/react/x.js",
            Module("react", "x.js", "a/node_modules/.pnpm/next@14.0.4(react@18.2.0)/node_modules/react", ""),
        ),
        (
            "/a/.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip/node_modules/lodash/map.js",
            Module(
                "lodash",
                "map.js",
                "a/.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip/node_modules/lodash",
                "4.17.21",
            ),
        ),
        ("C:\\app\\node_modules\\express\\x.js", Module("express", "x.js", "app/node_modules/express", "")),
        ("/app/node_modules/.vite/deps/react.js", None),
        ("/app/node_modules/express", None),
        ("/app/node_modules/../x.js", None),
        ("/app/node_modules/a/../../../../x.js", None),
        ("/app/my_node_modules/x/y.js", None),
        ("/app/x.js", None),
    ],
)
def test_modules(path: str, expected: Module | None) -> None:
    assert module_of(path) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.2.3", "1.2.3"),
        ("1.2.3-rc.1", "1.2.3-rc.1"),
        ("^1.2.3", ""),
        ("1.2", ""),
        ("../../x", ""),
        ("1.2.3/..", ""),
        ("", ""),
    ],
)
def test_exact_versions(version: str, expected: str) -> None:
    assert exact(version) == expected


@given(HOSTILE)
def test_every_module_is_sound(text: str) -> None:
    for path in (
        f"/node_modules/{text}",
        f"{text}/node_modules/a/{text}.js",
        f"/.pnpm/{text}/node_modules/a/x.js",
    ):
        module = module_of(clean_path(path))
        if module is not None:
            assert_clean(module.file)
            assert_clean(module.place)
            assert ".." not in module.name.split("/")
            assert "/" not in module.version


@pytest.mark.parametrize(
    "unit", ["/node_modules/", ".pnpm/a@1", "-npm-1.0.0-abcdef", "webpack://a/", ".js:", "@a/", "(a)/"]
)
def test_long_paths_end(unit: str) -> None:
    module_of(clean_path(unit * (4096 // len(unit))))
