"""The page's files: whole, versioned together, nothing from elsewhere."""

from __future__ import annotations

import gzip
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from proxy.ui.assets import FOLDER, load

if TYPE_CHECKING:
    from pathlib import Path

OWN = sorted(path for path in FOLDER.rglob("*") if path.is_file() and "vendor" not in path.parts)
SCRIPTS = [path for path in OWN if path.suffix == ".js"]
MARKUP = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval|new Function)\b"
)


def test_everything_is_there_in_both_forms() -> None:
    assets = load()
    assert {"js/main.js", "css/base.css", "vendor/flamegraph.js", "vendor/highlight.js"} <= set(assets.files)
    for name, asset in assets.files.items():
        assert asset.body == (FOLDER / name).read_bytes()
        assert gzip.decompress(asset.gzipped) == asset.body
    assert b"{{" not in assets.index.body


def test_every_address_in_the_pages_leads_to_a_file() -> None:
    assets = load()
    for page in (assets.index.body.decode(), assets.message):
        for name in re.findall(rf'"/-/source/assets/{assets.version}/([^"]+)"', page):
            assert name in assets.files


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_import_leads_to_a_file(path: Path) -> None:
    for name in re.findall(r'from "(\.[^"]+)"', path.read_text()):
        assert (path.parent / name).is_file()


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_files_are_short_and_make_no_markup_of_data(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert not MARKUP.search(text)
    if path.suffix == ".html":
        assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", text)
    if path.suffix != ".svg":
        assert not re.findall(r"(?:src|href|url\(|from) ?=?[\"']?(?:https?:)?//", text)


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    folder = tmp_path / "assets"
    shutil.copytree(FOLDER, folder)
    assert load(folder).version == load().version
    with (folder / "js" / "dom.js").open("a") as file:
        file.write("\n")
    changed = load(folder)
    assert changed.version != load().version
    assert changed.version.encode() in changed.index.body


def test_each_library_has_its_licence_beside_it() -> None:
    licences = (FOLDER / "vendor" / "LICENSES.txt").read_text()
    for name in ("d3-flame-graph 5.0.0", "d3-selection", "highlight.js 11.12.0"):
        assert f"== {name}" in licences
    assert {path.suffix for path in (FOLDER / "vendor").iterdir()} == {".js", ".txt"}
