from __future__ import annotations

import pytest

from proxy.source import python
from proxy.source.model import Frame, Repository, Service
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


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", "installed package"),
        ("/app/.venv/lib/python3.12/site-packages/app/main.py", "installed package"),
        ("C:\\Python312\\Lib\\site-packages\\app\\main.py", "installed package"),
        ("site-packages/app/main.py", "installed package"),
        ("/usr/lib/python3.12/json/decoder.py", "standard library"),
        ("/usr/local/lib/python3.13t/json/decoder.py", "standard library"),
        ("C:\\Python312\\Lib\\json\\decoder.py", "standard library"),
        ("<frozen importlib._bootstrap>", "standard library"),
    ],
)
def test_what_is_never_the_services_own(path: str, what: str) -> None:
    files = dict.fromkeys(["__init__.py", "main.py", "app/main.py", "decoder.py", "json/decoder.py"], "wrong")
    transcript = run({"acme/shop": {"main": files}}, path)
    assert what in transcript.reason
    assert transcript.read == [".pyroscope.yaml"]


@pytest.mark.parametrize(
    "path", ["/app/python/x.py", "/app/my-site-packages/x.py", "/srv/python3/app.py", "lib/x.py"]
)
def test_what_may_be_the_services_own(path: str) -> None:
    assert python.foreign(Frame(path)) is None
