"""Histories made with real git, the system that serves them, and the people who ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.fakes.github import GitRepository
from tests.fakes.system import running_system

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.system import System

GO = "package cart\n\nfunc Total() int { return 1 }\n"
GO_NOW = "package cart\n\nfunc Total() int { return 2 }\n"
PYTHON = "def similar(a, b):\n    return a == b\n"
TOKENS = "def tokens(text):\n    return text.split()\n"
LARGE = b"// a line of a generated file, one of many\n" * 75_000
BINARY = bytes(range(256)) * 80_000
LATIN = "# Gr\u00fc\u00dfe\n".encode("latin-1")
LOCAL = "def local():\n    return 1\n"
MAPPINGS = """\
version: v1
source_code:
  mappings:
    - path: [{prefix: /opt/app}]
      language: python
      source: {local: {path: lib}}
    - path: [{prefix: /usr/lib/textkit}]
      language: python
      source: {github: {owner: acme, repo: textkit, ref: v1.0.0, path: src/textkit}}
    - path: [{prefix: /usr/lib/gone}]
      language: python
      source: {github: {owner: acme, repo: textkit, ref: v9, path: src/textkit}}
"""
FILES: dict[str, str | bytes | None] = {
    "README.md": "# Shop\n",
    "VERSION": "1.2.3",
    "services/checkout/go.mod": "module github.com/acme/shop/services/checkout\n",
    "services/checkout/main.go": "package main\n",
    "services/checkout/internal/cart/cart.go": GO,
    "services/checkout/vendor/example.org/lib/lib.go": "package lib\n",
    "services/ads/src/main/java/org/example/App.java": "class App {}\n",
    "services/ads/src/main/kotlin/org/example/Jobs.kt": "class Jobs\n",
    "services/reco/src/recommender/similarity.py": PYTHON,
    "web/src/index.ts": "export {}\n",
    "tools/run.rb": "puts 1\n",
    "mapped/.pyroscope.yaml": MAPPINGS,
    "mapped/lib/app.py": LOCAL,
    "broken/.pyroscope.yaml": "source_code: [this is: not, a mapping\n",
    "broken/app.py": LOCAL,
    "odd/large.go": LARGE,
    "odd/binary.go": BINARY,
    "odd/latin.py": LATIN,
    "odd/empty.go": "",
    "odd/a b/\u00e4 \u2603.go": "package snowman\n",
    "odd/100%/50%25.go": "package percent\n",
    "odd/100%/50% off.go": "package off\n",
    "odd/a+b&c=d#e?f.go": "package signs\n",
    'odd/"quoted".go': "package quoted\n",
}


@dataclass(frozen=True, slots=True)
class Histories:
    """``shop``: ``v1.0.0``, a light tag, is its first commit; ``v1.1.0``, annotated, and ``main`` its second.

    ``textkit``: ``v1.0.0`` is the first commit; the second empties its file.
    """

    shop: GitRepository
    textkit: GitRepository
    first: str
    second: str


@pytest.fixture(scope="session")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    folder = tmp_path_factory.mktemp("histories")
    shop = GitRepository(folder / "shop")
    shop.write(FILES)
    shop.symlink("odd/link.go", "../services/checkout/internal/cart/cart.go")
    first = shop.commit(message="Open the shop\n\nWith everything in it.")
    shop.tag("v1.0.0")
    shop.branch("feature/discount")
    shop.commit(
        {"discount.go": "package discount\n"}, "Discount", author="Nobody", email="nobody@example.com"
    )
    shop.git("checkout", "-q", "main")
    second = shop.commit({"services/checkout/internal/cart/cart.go": GO_NOW}, "Count twice")
    shop.tag("v1.1.0", message="Second")
    textkit = GitRepository(folder / "textkit")
    textkit.commit({"src/textkit/tokens.py": TOKENS})
    textkit.tag("v1.0.0")
    textkit.commit({"src/textkit/tokens.py": ""})
    return Histories(shop, textkit, first, second)


@pytest.fixture
async def system(histories: Histories) -> AsyncIterator[System]:
    async with running_system() as running:
        add(running, histories)
        yield running


def add(system: System, histories: Histories) -> None:
    """Serve the histories: ``acme/shop`` and ``acme/textkit`` to all, ``acme/secret`` to ada alone."""
    system.github.add_repository("acme", "shop", histories.shop.path)
    system.github.add_repository("acme", "textkit", histories.textkit.path)
    system.github.add_repository("acme", "secret", histories.shop.path, private=True, readers=["ada"])


@pytest.fixture
async def ada(system: System) -> str:
    """The cookie of a person who may read everything; GitHub's count starts after her login."""
    cookie = await system.login("ada")
    system.github.forget_calls()
    return cookie


@pytest.fixture
async def bob(system: System) -> str:
    """The cookie of a person who may read what is public."""
    cookie = await system.login("bob")
    system.github.forget_calls()
    return cookie
