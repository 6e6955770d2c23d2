"""Whatever a profile, a repository and a registry say, every resolution ends and stays inside.

The transcript itself holds that paths are clean, nothing is asked twice and the limit is kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.source.model import Lookup, Repository, Service, Unreachable
from tests.source.test_paths import HOSTILE
from tests.source.transcript import Files, Symlink, World, run

if TYPE_CHECKING:
    from tests.source.transcript import Web

FRAMES = st.tuples(
    st.sampled_from(
        ["", "/lib/python3.12/", "/site-packages/", "<frozen ", "/node_modules/", "node:",
         "/node_modules/.pnpm/a@1.0.0/node_modules/", "webpack://x/", "/app/dist/", "/lib-dynload/"]
    ),
    HOSTILE,
    st.sampled_from([".py", ".js", ".ts", ".so", ">", ".kt", "/a.py", "/index.js", ""]),
).map("".join)  # fmt: skip
FUNCTIONS = st.one_of(
    st.just(""),
    st.lists(
        st.sampled_from(["java/", "lang", "/", ".", "$", "$$", "App", "Kt", "_[j]", "0x", "..", "::"]),
        max_size=30,
    ).map("".join),
)  # fmt: skip
NAMES = st.sampled_from(
    ["a", "..", "psf/requests", "https://github.com/o/r", "git+ssh://git@github.com/o/r#abc", "\0", "@x/y"]
)
JSON = st.recursive(
    st.one_of(st.none(), st.integers(), NAMES),
    lambda inner: st.dictionaries(
        st.sampled_from(
            ["info", "project_urls", "Source", "version", "name", "repository", "url", "directory", "gitHead"]
        ),
        inner,
    ),
)  # fmt: skip
LOCKS = (
    "uv.lock",
    "requirements.txt",
    "package-lock.json",
    "yarn.lock",
    ".gitmodules",
    "pyproject.toml",
    ".nvmrc",
)


class Anywhere(dict[tuple[Lookup, str], "str | bytes | Unreachable"]):
    """A web in which every address gives the same."""

    def __init__(self, answer: str | Unreachable) -> None:
        super().__init__()
        self.answer = answer

    def get(self, _key: object, _default: object = None) -> str | Unreachable:
        return self.answer


@settings(max_examples=300)
@given(
    path=FRAMES,
    function=FUNCTIONS,
    files=st.dictionaries(st.sampled_from(LOCKS), HOSTILE),
    target=HOSTILE,
    answer=JSON,
    trees=st.booleans(),
)
def test_every_resolution_ends(
    path: str, function: str, files: dict[str, str], target: str, answer: object, *, trees: bool
) -> None:
    texts: Files = {name: text.encode("utf-8", "replace") for name, text in files.items()}
    link = Symlink(target.encode("utf-8", "replace").decode())
    world: World = {
        "acme/shop": {"main": {**texts, "app": link, "a.py": "x", "src/index.js": "x"}},
        "o/r": {"HEAD": {"a.py": "x"}, "v1": {"index.js": "x"}},
        "psf/requests": {"v1.0": {"src/requests/api.py": "x"}},
    }
    web: Web = Anywhere(Unreachable("slow") if answer is None else json.dumps(answer))
    for root_path in ("", "a/b"):
        service = Service(Repository("acme", "shop"), "main", root_path)
        transcript = run(world, path, function, service=service, web=web, trees=trees)
        assert transcript.lines
