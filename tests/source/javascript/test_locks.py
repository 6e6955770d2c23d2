from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.javascript.cleaning import Module, module_of
from proxy.source.javascript.locks import MAX_SIZE, NAMES, Locked, find

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NPM = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "shop"},
        "node_modules/a": {"version": "1.0.0"},
        "node_modules/a/node_modules/b": {"version": "2.0.0"},
        "node_modules/b": {"version": "1.0.0"},
        "packages/web/node_modules/b": {"version": "3.0.0"},
        "node_modules/@x/common": {"resolved": "packages/common", "link": True},
        "node_modules/tool": {
            "version": "1.0.0",
            "resolved": f"git+ssh://git@github.com/acme/tool.git#{COMMIT}",
        },
        "node_modules/odd": 7,
    },
}
NPM_1 = {
    "dependencies": {
        "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}},
        "b": {"version": "1.0.0"},
        "tool": {"version": f"git+https://github.com/acme/tool.git#{COMMIT}"},
    }
}
YARN_1 = f"""\
# yarn lockfile v1


"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.23.0"
  resolved "https://registry.yarnpkg.com/@babel/core/-/core-7.23.0.tgz#abc"
  dependencies:
    a "^1.0.0"

a@^1.0.0, a@^1.2.0:
  version "1.2.0"

b@^1.0.0:
  version "1.0.0"

b@^2.0.0:
  version "2.0.0"

"tool@git+https://github.com/acme/tool.git":
  version "1.0.0"
  resolved "git+https://github.com/acme/tool.git#{COMMIT}"
"""
YARN = f"""\
__metadata:
  version: 8

"@babel/core@npm:^7.0.0, @babel/core@npm:^7.1.0":
  version: 7.23.0
  resolution: "@babel/core@npm:7.23.0"
  dependencies:
    version: 9.9.9

"common@workspace:^, common@workspace:packages/common":
  version: 0.0.0-use.local
  resolution: "common@workspace:packages/common"

"tool@https://github.com/acme/tool.git":
  version: 1.0.0
  resolution: "tool@https://github.com/acme/tool.git#commit={COMMIT}"
"""
PNPM_6 = """\
lockfileVersion: '6.0'

dependencies:
  a:
    specifier: ^1.0.0
    version: 9.9.9

packages:

  /@babel/core@7.23.0(supports-color@8.1.1):
    resolution: {integrity: sha512-x}

  /a@1.2.0:
    dependencies:
      b: 1.0.0

snapshots:

  a@8.8.8: {}
"""
PNPM_5 = "packages:\n\n  /a/1.2.0:\n    x: y\n  /@babel/core/7.23.0_abc@1:\n    x: y\n"
PNPM_9 = "packages:\n\n  a@1.2.0:\n    x: y\n\n  '@babel/core@7.23.0':\n    x: y\n"


def module(path: str) -> Module:
    found = module_of(path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/app/node_modules/a/x.js", Locked("1.0.0")),
        ("/app/node_modules/a/node_modules/b/x.js", Locked("2.0.0")),
        ("/app/node_modules/b/x.js", Locked("1.0.0")),
        ("/app/node_modules/z/node_modules/b/x.js", Locked("1.0.0")),
        ("/app/packages/web/node_modules/b/x.js", Locked("3.0.0")),
        ("/app/node_modules/@x/common/x.js", Locked(folder="packages/common")),
        ("/app/node_modules/tool/x.js", Locked("1.0.0", "git+ssh://git@github.com/acme/tool.git", COMMIT)),
        ("/app/node_modules/odd/x.js", None),
        ("/app/node_modules/missing/x.js", None),
    ],
)
def test_npm(path: str, expected: Locked | None) -> None:
    content = json.dumps(NPM).encode()
    assert find("package-lock.json", content, module(path)) == expected
    assert find("npm-shrinkwrap.json", content, module(path)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/app/node_modules/a/x.js", Locked("1.0.0")),
        ("/app/node_modules/a/node_modules/b/x.js", Locked("2.0.0")),
        ("/app/node_modules/c/node_modules/b/x.js", Locked("1.0.0")),
        ("/app/node_modules/tool/x.js", Locked("", "git+https://github.com/acme/tool.git", COMMIT)),
        ("/app/node_modules/missing/x.js", None),
    ],
)
def test_npm_before_packages(path: str, expected: Locked | None) -> None:
    assert find("package-lock.json", json.dumps(NPM_1).encode(), module(path)) == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (YARN_1, "@babel/core", Locked("7.23.0")),
        (YARN_1, "a", Locked("1.2.0")),
        (YARN_1, "b", Locked("2.0.0", others=1)),
        (YARN_1, "tool", Locked("1.0.0", "git+https://github.com/acme/tool.git", COMMIT)),
        (YARN_1, "core", None),
        (YARN, "@babel/core", Locked("7.23.0")),
        (YARN, "common", Locked(folder="packages/common")),
        (YARN, "tool", Locked("1.0.0", "https://github.com/acme/tool.git", COMMIT)),
        (YARN, "__metadata", None),
    ],
)
def test_yarn(text: str, name: str, expected: Locked | None) -> None:
    assert find("yarn.lock", text.encode(), module(f"/node_modules/{name}/x.js")) == expected


@pytest.mark.parametrize("text", [PNPM_5, PNPM_6, PNPM_9])
def test_pnpm(text: str) -> None:
    for name, version in (("a", "1.2.0"), ("@babel/core", "7.23.0")):
        assert find("pnpm-lock.yaml", text.encode(), module(f"/node_modules/{name}/x.js")) == Locked(version)
    assert find("pnpm-lock.yaml", text.encode(), module("/node_modules/core/x.js")) is None


A = module("/app/node_modules/a/x.js")
PIECES = st.lists(
    st.sampled_from(
        ["a", "@", "^1", ":\n", "  version", " ", '"', "1.0.0", "\n", "packages:", "/", "{", "}", "git+https://",
         "#", "\0", "'"]
    ),
    max_size=60,
).map(lambda pieces: "".join(pieces).encode())  # fmt: skip


@given(st.sampled_from(NAMES), st.one_of(st.binary(max_size=300), PIECES))
def test_whatever_is_in_a_file_it_is_read_to_sound_versions(name: str, content: bytes) -> None:
    locked = find(name, content, A)
    if locked is not None:
        assert "/" not in locked.version
        assert locked.version.isprintable()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[" * 1_000_000, b"{" * 100_000, b" " * (MAX_SIZE + 1), b'{"packages": []}'],
)
def test_what_cannot_be_read_says_nothing(name: str, content: bytes) -> None:
    assert find(name, content, A) is None


@pytest.mark.parametrize("name", ["yarn.lock", "pnpm-lock.yaml"])
@pytest.mark.parametrize(
    "unit",
    [b"a@", b"a@1:\n", b'  version "', b"packages:\n", b"  a@1.0.0", b'  resolved "git+https://', b","],
)
def test_large_files_end(name: str, unit: bytes) -> None:
    find(name, unit * (1024 * 1024 // len(unit)), A)
