from __future__ import annotations

import json
from typing import Any

import pytest

from proxy.source.model import Lookup, Open, Repository, Service, Unreachable
from tests.source.transcript import Files, Web, World, run

CART = Service(Repository("acme", "shop"), "main", "services/cart")
EXPRESS = "/app/node_modules/express/lib/router.js"
LOCK = json.dumps({"packages": {"node_modules/express": {"version": "4.18.2"}}})
TSCONFIG = '{ // comments are allowed here\n "outDir": "./made", "rootDir": "./code", }'
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def registry_of(place: str, **document: Any) -> Web:
    return {(Lookup.NPM_REGISTRY, place): json.dumps(document)}


WEB = registry_of("express/4.18.2", version="4.18.2", repository="expressjs/express")


def shop(files: Files, **others: Files) -> World:
    return {"acme/shop": {"main": files}, "expressjs/express": others}


def test_a_package_of_the_lock_file() -> None:
    transcript = run(
        shop({"package-lock.json": LOCK}, **{"v4.18.2": {"lib/router.js": "x"}}), EXPRESS, web=WEB
    )
    assert transcript.found == ("javascript_package", "expressjs/express", "v4.18.2", "lib/router.js")
    opened = transcript.questions[0]
    assert isinstance(opened, Open)
    assert "package-lock.json" in opened.wishes


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("services/cart/package-lock.json", LOCK),
        ("services/npm-shrinkwrap.json", LOCK),
        ("yarn.lock", 'express@^4.0.0:\n  version "4.18.2"\n'),
        ("pnpm-lock.yaml", "packages:\n\n  express@4.18.2:\n    x: y\n"),
    ],
)
@pytest.mark.parametrize("trees", [True, False])
def test_every_lock_file(name: str, content: str, *, trees: bool) -> None:
    world = shop({name: content}, **{"v4.18.2": {"lib/router.js": "x"}})
    assert run(world, EXPRESS, service=CART, web=WEB, trees=trees).found[2] == "v4.18.2"


def test_the_published_commit_comes_before_the_tags() -> None:
    web = registry_of("express/4.18.2", repository="expressjs/express", gitHead=COMMIT)
    world = shop(
        {"package-lock.json": LOCK}, **{COMMIT: {"lib/router.js": "x"}, "v4.18.2": {"lib/router.js": "wrong"}}
    )
    assert run(world, EXPRESS, web=web).found[2] == COMMIT
    world = shop({"package-lock.json": LOCK}, **{"v4.18.2": {"lib/router.js": "x"}})
    assert run(world, EXPRESS, web=web).found[2] == "v4.18.2"


@pytest.mark.parametrize("tag", ["v4.18.2", "4.18.2", "express@4.18.2", "express-v4.18.2", "express/v4.18.2"])
def test_customs_of_tagging(tag: str) -> None:
    world = shop({"package-lock.json": LOCK}, **{tag: {"lib/router.js": "x"}})
    assert run(world, EXPRESS, web=WEB).found[2] == tag


def test_a_package_in_a_folder_of_its_repository() -> None:
    path = "/a/node_modules/.pnpm/@babel+core@7.23.0/node_modules/@babel/core/src/index.js"
    web = registry_of(
        "@babel%2fcore/7.23.0",
        repository={"url": "https://github.com/babel/babel", "directory": "packages/babel-core"},
    )
    files = {
        "packages/babel-core/src/index.js": "x",
        "packages/babel-cli/src/index.js": "wrong",
        "src/index.js": "wrong",
    }
    world: World = {"acme/shop": {"main": {}}, "babel/babel": {"v7.23.0": files}}
    assert run(world, path, web=web).found == (
        "javascript_package",
        "babel/babel",
        "v7.23.0",
        "packages/babel-core/src/index.js",
    )


def test_an_index_is_not_taken_from_anywhere() -> None:
    files = {"examples/a/index.js": "wrong"}
    world = shop({"package-lock.json": LOCK}, **{"v4.18.2": files})
    assert "which has no express/index.js" in run(world, "/app/node_modules/express/index.js", web=WEB).reason


@pytest.mark.parametrize(
    ("world", "web", "said"),
    [
        ({}, WEB, "express 4.18.2 comes from expressjs/express, which is not on github.com or not visible"),
        (
            {"expressjs/express": {"main": {}}},
            WEB,
            "which has no tag for it (tried v4.18.2, 4.18.2, express@4.18.2",
        ),
        ({"expressjs/express": {"v4.18.2": {"x.js": ""}}}, WEB, "it may be made when the package is built"),
        ({}, {}, "The npm registry could not say where the source of express 4.18.2 is"),
        (
            {},
            {(Lookup.NPM_REGISTRY, "express/4.18.2"): Unreachable("too slow")},
            "The npm registry could not say",
        ),
        (
            {},
            registry_of("express/4.18.2", repository="gitlab:o/r"),
            "names no repository of express 4.18.2 on github.com (it names gitlab:o/r)",
        ),
    ],
)
def test_why_a_package_is_not_found(world: World, web: Web, said: str) -> None:
    transcript = run({"acme/shop": {"main": {"package-lock.json": LOCK}}, **world}, EXPRESS, web=web)
    assert said in transcript.reason
    assert "add a mapping in .pyroscope.yaml" in transcript.reason


def test_what_lies_in_node_modules_without_a_package() -> None:
    assert (
        "made by a tool" in run({"acme/shop": {"main": {}}}, "/app/node_modules/.vite/deps/react.js").reason
    )


def test_without_a_version_the_latest_is_shown_and_that_is_said() -> None:
    web = registry_of("express/latest", version="4.18.2", repository="expressjs/express")
    transcript = run(shop({}, **{"v4.18.2": {"lib/router.js": "x"}}), EXPRESS, web=web)
    assert transcript.found[2] == "v4.18.2"
    assert "No version of express is known: shown is the latest, 4.18.2" in transcript.notes[0]


def test_several_versions_are_said() -> None:
    lock = 'express@^3.0.0:\n  version "3.0.0"\n\nexpress@^4.0.0:\n  version "4.18.2"\n'
    transcript = run(shop({"yarn.lock": lock}, **{"v4.18.2": {"lib/router.js": "x"}}), EXPRESS, web=WEB)
    assert "yarn.lock has 2 versions of express" in transcript.notes[0]


def test_a_workspace_and_a_package_from_git() -> None:
    packages = {
        "node_modules/common": {"resolved": "packages/common", "link": True},
        "node_modules/tool": {"resolved": f"git+ssh://git@github.com/acme/tool.git#{COMMIT}"},
        "node_modules/far": {"resolved": f"git+ssh://git@gitlab.com/acme/tool.git#{COMMIT}"},
    }
    files = {
        "package-lock.json": json.dumps({"packages": packages}),
        "packages/common/x.js": "x",
        "x.js": "wrong",
    }
    world: World = {"acme/shop": {"main": files}, "acme/tool": {COMMIT: {"x.js": "x"}}}
    assert run(world, "/app/node_modules/common/x.js").found[3] == "packages/common/x.js"
    assert run(world, "/app/node_modules/tool/x.js").found == (
        "javascript_package",
        "acme/tool",
        COMMIT,
        "x.js",
    )
    assert "not on github.com" in run(world, "/app/node_modules/far/x.js").reason


@pytest.mark.parametrize(
    ("name", "content", "ref"),
    [
        (".nvmrc", "v20.11.1\n", "v20.11.1"),
        (".node-version", "20.11.1", "v20.11.1"),
        ("package.json", '{"engines": {"node": "20.11.1"}}', "v20.11.1"),
        ("package.json", '{"volta": {"node": "20.11.1"}, "engines": {"node": ">=18"}}', "v20.11.1"),
        (".tool-versions", "python 3.12.1\nnodejs 20.11.1\n", "v20.11.1"),
        ("services/cart/Dockerfile", "FROM node:20.11.1-alpine AS build\n", "v20.11.1"),
        ("Dockerfile", "FROM node:20-alpine\n", "v20.x"),
        (".nvmrc", "20", "v20.x"),
        (".nvmrc", "lts/iron", "main"),
        ("package.json", '{"engines": {"node": ">=18"}}', "main"),
        ("package.json", "[", "main"),
        ("README", "", "main"),
    ],
)
def test_node_itself(name: str, content: str, ref: str) -> None:
    world: World = {
        "acme/shop": {"main": {name: content, "timers.js": "wrong"}},
        "nodejs/node": {each: {"lib/internal/timers.js": "x"} for each in ("v20.11.1", "v20.x", "main")},
    }
    transcript = run(world, "node:internal/timers", service=CART)
    assert transcript.found == ("javascript_node", "nodejs/node", ref, "lib/internal/timers.js")
    assert any("No exact version of Node.js" in note for note in transcript.notes) is (ref != "v20.11.1")


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("node:fs", "lib/fs.js"),
        ("node:internal/deps/undici/undici", "deps/undici/undici.js"),
        ("node:internal/deps/minimatch", "deps/minimatch/index.js"),
        ("node:fs:12:3", "lib/fs.js"),
    ],
)
def test_where_modules_of_node_are(path: str, file: str) -> None:
    world: World = {"acme/shop": {"main": {}}, "nodejs/node": {"main": {file: "x"}}}
    assert run(world, path).found[3] == file


@pytest.mark.parametrize(
    ("path", "files", "expected"),
    [
        ("/app/dist/cart/x.js", {"src/cart/x.ts": "x", "lib/x.ts": "wrong"}, "src/cart/x.ts"),
        ("/app/dist/x.js", {"services/cart/src/x.ts": "x"}, "services/cart/src/x.ts"),
        ("/app/dist/x.js", {"tsconfig.json": TSCONFIG, "code/x.ts": "x"}, None),
        ("/app/made/x.js", {"services/cart/tsconfig.json": TSCONFIG, "services/cart/code/x.ts": "x"},
         "services/cart/code/x.ts"),
        ("/app/src/cart/x.js", {"src/cart/x.tsx": "x"}, "src/cart/x.tsx"),
        ("/app/dist/x.mjs", {"src/x.mts": "x"}, "src/x.mts"),
        ("/app/dist/x.ts", {"src/x.js": "wrong"}, None),
        ("/app/x.js", {"deep/down/x.ts": "wrong"}, None),
        ("/app/..js", {"src/x.ts": "wrong"}, None),
        ("..js", {"src/x.ts": "wrong"}, None),
    ],
)  # fmt: skip
def test_the_source_of_a_compiled_file(path: str, files: Files, expected: str | None) -> None:
    transcript = run({"acme/shop": {"main": files}}, path, service=CART)
    if expected is None:
        assert transcript.reason
        return
    assert transcript.found == ("javascript_compiled", "acme/shop", "main", expected)
    assert any("lines only match when the profile was recorded with" in note for note in transcript.notes)


def test_without_a_tree_the_usual_folders_are_tried() -> None:
    files = {"services/cart/src/cart/x.ts": "x"}
    assert (
        run({"acme/shop": {"main": files}}, "/app/dist/cart/x.js", service=CART, trees=False).found[3]
        == "services/cart/src/cart/x.ts"
    )


def test_an_own_file_comes_before_what_it_may_be_compiled_from() -> None:
    files = {"dist/cart/x.js": "x", "src/cart/x.ts": "wrong"}
    assert run({"acme/shop": {"main": files}}, "/app/dist/cart/x.js").found == (
        "suffix",
        "acme/shop",
        "main",
        "dist/cart/x.js",
    )


def test_nothing_of_node_modules_is_the_services_own() -> None:
    files = {"node_modules/express/lib/router.js": "wrong", "lib/router.js": "wrong"}
    assert "npm registry" in run({"acme/shop": {"main": files}}, EXPRESS).reason
    assert run({"acme/shop": {"main": {"node_modules/a/lib/x.js": "wrong"}}}, "/srv/lib/x.js").reason
