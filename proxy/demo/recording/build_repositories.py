"""Make the sample services' git histories: ``python proxy/demo/recording/build_repositories.py [FOLDER]``.

A history is described by ``sources/NAME/history.json``: each commit lays the files of its state's
folder over the state before it. Authors, dates and messages are fixed there, so whoever runs this
gets the same SHAs. What comes out is a bare repository per history, without hooks and samples.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
DATA = HERE.parent / "data"
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = true\n"


class History:
    """A working copy in which a history is played."""

    def __init__(self, folder: Path, people: dict[str, str]) -> None:
        self.folder = folder
        self._people = people
        self.git("init", "--quiet", "--template=", "--initial-branch=main", ".")
        self.git("config", "core.fileMode", "false")

    def git(self, *arguments: str, name: str = "nobody", date: str = "") -> str:
        """Run git, without anyone's own configuration, and give what it prints."""
        identity = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", name), ("EMAIL", self._people.get(name, "noreply@example.com")), ("DATE", date))
            if value
        }
        isolated = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=isolated | identity, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def play(self, commit: dict[str, Any], states: Path) -> None:
        """Add one commit with its tags; a branch that is new starts where the last commit was."""
        self._switch(commit["branch"])
        shutil.copytree(states / commit["state"], self.folder, dirs_exist_ok=True)
        # Files copied within one second may look unchanged to git: without an index it reads them all.
        (self.folder / ".git/index").unlink(missing_ok=True)
        who = {"name": commit["author"], "date": commit["date"]}
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", commit["message"], **who)
        for tag in commit.get("tags", []):
            annotation = ["--annotate", "--message", tag["message"]] if "message" in tag else []
            self.git("tag", *annotation, tag["name"], **who)

    def _switch(self, branch: str) -> None:
        if self.git("symbolic-ref", "--short", "HEAD") == branch:
            return
        known = self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()
        self.git("switch", "--quiet", *([] if branch in known else ["--create"]), branch)


def build(name: str, target: Path) -> Path:
    """Make the bare repository of the history ``name`` in the folder ``target`` and give its path."""
    states = SOURCES / name
    description = json.loads((states / "history.json").read_text(encoding="utf-8"))
    people = json.loads((SOURCES / "people.json").read_text(encoding="utf-8"))
    bare = target / description["repository"]
    with tempfile.TemporaryDirectory() as scratch:
        history = History(Path(scratch), {person["name"]: person["email"] for person in people})
        for commit in description["commits"]:
            history.play(commit, states)
        history.git("switch", "--quiet", "main")
        if description["layout"] == "packed":
            pack(history)
        ship(history.folder / ".git", bare)
    return bare


def pack(history: History) -> None:
    """Put all objects into one packfile with deltas, and all refs but ``main`` into ``packed-refs``."""
    tip = history.git("rev-parse", "refs/heads/main")
    history.git("-c", "pack.threads=1", "-c", "pack.writeReverseIndex=false", "repack", "-adfq", "--window=50")
    history.git("prune-packed", "--quiet")
    history.git("pack-refs", "--all")
    # git knows a bare repository by its folder "refs", and no version control keeps an empty one.
    (history.folder / ".git/refs/heads/main").write_text(tip + "\n", encoding="ascii")


def ship(repository: Path, bare: Path) -> None:
    """Copy what a bare repository needs, and nothing else."""
    shutil.rmtree(bare, ignore_errors=True)
    for part in ("objects", "refs"):
        for file in sorted((repository / part).rglob("*")):
            if file.is_file() and file.parent.name != "info":
                place = bare / file.relative_to(repository)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
    if (repository / "packed-refs").exists():
        shutil.copyfile(repository / "packed-refs", bare / "packed-refs")
    (bare / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
    (bare / "config").write_text(CONFIG, encoding="ascii")


def build_all(target: Path) -> None:
    """Make every repository, and the list of the people who wrote them, in ``target``."""
    for history in sorted(SOURCES.glob("*/history.json")):
        build(history.parent.name, target / "repositories")
    shutil.copyfile(SOURCES / "people.json", target / "people.json")


if __name__ == "__main__":
    build_all(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
