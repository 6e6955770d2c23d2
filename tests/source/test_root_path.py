"""A label service_root_path that names no folder is the likely reason when a file is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source.model import Repository, Service
from tests.source.transcript import Symlink, run

if TYPE_CHECKING:
    from tests.source.transcript import Files, World


def shop(files: Files) -> World:
    return {"acme/shop": {"main": files}}


WRONG_ROOT = "There is no folder services/cart in acme/shop at main: check the label service_root_path."


def test_a_root_path_that_is_not_there_is_said() -> None:
    service = Service(Repository("acme", "shop"), "main", "services/cart")
    elsewhere = run(shop({"libs/shop/cart.py": "x"}), "/build/shop/cart.py", service=service)
    assert elsewhere.found[3] == "libs/shop/cart.py"
    assert WRONG_ROOT in elsewhere.notes
    missing = run(shop({"a.py": "x"}), "/build/shop/cart.py", service=service)
    assert missing.reason.startswith(f"No source of /build/shop/cart.py: {WRONG_ROOT}")
    for files in ({"services/cart/b.py": "x"}, {"services/cart": Symlink("../other")}):
        assert WRONG_ROOT not in run(shop(files), "/build/shop/cart.py", service=service).notes
    unknown = run(shop({"a.py": "x"}), "/build/shop/cart.py", service=service, trees=False)
    assert WRONG_ROOT not in unknown.notes
    assert any("cuts the list of files" in note for note in unknown.notes)
