from __future__ import annotations

import pytest

from proxy.source.model import Repository, Service
from tests.source.transcript import run

CART = Service(Repository("acme", "shop"), "main", "services/cart")


@pytest.mark.parametrize(
    ("path", "file", "rule"),
    [
        ("shop/cart.py", "services/cart/shop/cart.py", "root_path"),
        ("/shop/cart.py", "services/cart/shop/cart.py", "root_path"),
        ("/shop/cart.py", "shop/cart.py", "repository_root"),
        ("/app/src/shop/cart.py", "services/cart/src/shop/cart.py", "suffix"),
        ("/work/libs/log.py", "libs/log.py", "suffix"),
        ("C:\\work\\shop\\cart.py", "services/cart/shop/cart.py", "suffix"),
        ("/app/shop/cart.pyi", "services/cart/shop/cart.pyi", "suffix"),
    ],
)
def test_own_files(path: str, file: str, rule: str) -> None:
    assert run({"acme/shop": {"main": {file: "x"}}}, path, service=CART).found == (
        rule,
        "acme/shop",
        "main",
        file,
    )


def test_the_longest_suffix_wins_and_the_root_path_at_equal_length() -> None:
    files = dict.fromkeys(["services/cart/log.py", "libs/log.py", "services/cart/libs/log.py"], "x")
    world = {"acme/shop": {"main": files}}
    assert run(world, "/work/libs/log.py", service=CART).found[3] == "services/cart/libs/log.py"
    del files["services/cart/libs/log.py"]
    assert run(world, "/work/libs/log.py", service=CART).found[3] == "libs/log.py"
