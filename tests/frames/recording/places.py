"""The folders that recorded frames name: made for a recording, removed after it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
DATA = HERE.parent / "data"


@contextlib.contextmanager
def places(*folders: Path) -> Iterator[None]:
    """Hold folders that do not exist yet, and leave nothing of them behind."""
    taken = [str(folder) for folder in folders if folder.exists()]
    if taken:
        raise SystemExit(f"{', '.join(taken)} exist; record in a fresh container, or move them away")
    above = [parent for folder in folders for parent in folder.parents if not parent.exists()]
    try:
        yield
    finally:
        for folder in folders:
            remove(folder)
        for parent in sorted(set(above), key=lambda each: -len(each.parts)):
            with contextlib.suppress(OSError):
                parent.rmdir()


def remove(folder: Path) -> None:
    """Remove a folder or file, also where it may not be written (Go's module cache)."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
        return
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def lay_out(program: str, target: Path) -> None:
    """Copy a program's repository to where its image would have it."""
    shutil.copytree(PROGRAMS / program, target, dirs_exist_ok=True)


def run(*command: str, cwd: Path | str = "/", env: dict[str, str] | None = None) -> str:
    """Run a program and give what it prints; its faults are printed and end everything."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout
