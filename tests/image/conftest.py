"""The image, built once for all tests of a run that ask for it."""

from __future__ import annotations

import fcntl
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.image.building import Image, build


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Image:
    """The image; of several workers the first one builds it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "image"
    shared.mkdir(exist_ok=True)
    # Whoever is the image's user has to get to it.
    for folder in (shared, *shared.parents[: 2 if worker_id == "master" else 1]):
        folder.chmod(0o755)
    done = shared / "image.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            built = build(shared)
            _make_read_only(built.prefix)
            done.write_text(json.dumps(asdict(built) | {"prefix": str(built.prefix)}))
    found = json.loads(done.read_text())
    return Image(**found | {"prefix": Path(found["prefix"])})


def _make_read_only(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
