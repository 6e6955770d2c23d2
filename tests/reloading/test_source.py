"""Reading a configuration again, and telling whether its files are other ones by now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from proxy.config import ConfigFaults, Secret
from proxy.reloading.source import Source, UnreadableError, stamp

if TYPE_CHECKING:
    from pathlib import Path

MAPPINGS = "version: v1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").write_text("first\n")
    (tmp_path / "mappings.yaml").write_text(MAPPINGS)
    (tmp_path / "config.yaml").write_text(
        f"session: {{secrets_file: {tmp_path}/secrets}}\n"
        f"resolver: {{mappings_file: {tmp_path}/mappings.yaml}}\n"
    )
    return tmp_path


@pytest.fixture
def source(folder: Path) -> Source:
    found = Source(str(folder / "config.yaml"), {}, {})
    found.load()
    return found


def test_every_file_that_counts_is_known(source: Source, folder: Path) -> None:
    names = {str(folder / name) for name in ("config.yaml", "secrets", "mappings.yaml")}
    assert set(source.stamps) == names
    assert None not in source.stamps.values()
    assert source.now() == source.stamps


@pytest.mark.parametrize("name", ["config.yaml", "secrets", "mappings.yaml"])
@pytest.mark.parametrize("how", ["written", "replaced", "touched", "removed"])
def test_a_change_shows(source: Source, folder: Path, name: str, how: str) -> None:
    path = folder / name
    if how == "written":
        path.write_text(path.read_text() + "\n# more\n")
    elif how == "replaced":
        other = folder / "other"
        other.write_text(path.read_text())
        other.replace(path)
    elif how == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    assert source.now() != source.stamps


def test_a_link_that_is_swapped_on_the_way_shows(folder: Path) -> None:
    """As a volume of Kubernetes is updated: ``file → ..data/file``, and ``..data`` points elsewhere."""
    for number in (1, 2):
        (folder / f"..{number}").mkdir()
        (folder / f"..{number}/config.yaml").write_text("log: {level: error}\n")
    (folder / "..data").symlink_to("..1")
    (folder / "mounted.yaml").symlink_to("..data/config.yaml")
    source = Source(str(folder / "mounted.yaml"), {}, {})
    source.load()
    (folder / "..new").symlink_to("..2")
    (folder / "..new").rename(folder / "..data")
    assert source.now() != source.stamps
    source.load()
    assert source.now() == source.stamps


def test_the_environment_is_expanded_as_at_the_start(folder: Path) -> None:
    path = folder / "env.yaml"
    path.write_text("session: {secrets: ['${SECRET}']}")
    source = Source(str(path), {"SECRET": "hush"}, {})
    assert source.load().session.secrets == source.load().session.secrets == (Secret("hush"),)


def test_flags_beat_what_was_written_since(folder: Path, source: Source) -> None:
    flagged = Source(source.file, {}, {"listen": "localhost:1"})
    (folder / "config.yaml").write_text("listen: localhost:2")
    assert flagged.load().listen.port == 1


def test_without_a_file_there_is_nothing_to_watch() -> None:
    source = Source(None, {}, {})
    source.load()
    assert source.stamps == source.now() == {}


def test_after_a_fault_all_files_of_before_are_watched_still(source: Source, folder: Path) -> None:
    before = dict(source.stamps)
    (folder / "config.yaml").write_text("{")
    with pytest.raises(ConfigFaults):
        source.load()
    assert source.stamps.keys() == before.keys()
    assert source.now() == source.stamps
    (folder / "secrets").write_text("second\n")
    assert source.now() != source.stamps


def test_a_file_that_cannot_be_read_is_no_change_at_each_look(source: Source, folder: Path) -> None:
    (folder / "config.yaml").write_bytes(b"\xff")
    with pytest.raises(UnreadableError, match="it is not text in UTF-8"):
        source.load()
    assert source.now() == source.stamps
    (folder / "config.yaml").unlink()
    with pytest.raises(UnreadableError, match="No such file"):
        source.load()
    assert source.now() == source.stamps


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"])
def test_a_file_that_has_become_empty_is_being_written_or_lost(
    source: Source, folder: Path, text: str
) -> None:
    before = (folder / "config.yaml").read_text()
    (folder / "config.yaml").write_text(text)
    for _ in range(2):
        with pytest.raises(UnreadableError, match="is empty; restart"):
            source.load()
    assert source.now() == source.stamps
    (folder / "config.yaml").write_text(before)
    source.load()


def test_a_file_that_was_empty_from_the_start_may_stay_so(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    source = Source(str(tmp_path / "empty.yaml"), {}, {})
    assert source.load() == source.load()


def test_what_cannot_be_looked_at_has_no_state(tmp_path: Path) -> None:
    assert stamp(str(tmp_path / "none")) is None
    assert stamp("\0") is None
