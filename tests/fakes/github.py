"""The stand-in for GitHub in tests: repositories made with real git, and a server over them.

::

    async def test_it(tmp_path: Path) -> None:
        repository = GitRepository(tmp_path / "shop")
        repository.commit({"main.go": "package main\\n"}, "Start")
        async with running_github() as github:
            github.add_repository("acme", "shop", repository.path)
"""

from __future__ import annotations

import os
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from proxy.demo.github import StandIn
from tests.fakes.programs import path_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

AUTHOR_NAME = "Ada Lovelace"
AUTHOR_EMAIL = "ada@example.com"
START = 1_700_000_000
OFFSET = "+0200"
"""When the first commit was made (Unix seconds), and where; each further one is a minute later."""
_TIMEOUT = 60


@dataclass(slots=True)
class Clock:
    """A clock that moves when it is told to."""

    now: float = float(START)

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(slots=True)
class GitRepository:
    """A repository at ``path``, made with the real git: no settings of the machine, fixed dates.

    The same steps give the same object ids everywhere.
    """

    path: Path
    commits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
        """What git prints, without the last line break; raises when git fails."""
        return self.git_bytes(*arguments, stdin=stdin, **environment).decode("utf-8").removesuffix("\n")

    def git_bytes(self, *arguments: str, stdin: bytes = b"", **environment: str) -> bytes:
        done = subprocess.run(
            [path_of("git"), *arguments],
            cwd=self.path,
            input=stdin,
            env=self._environment() | environment,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files; ``None`` removes one."""
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(
        self,
        files: Mapping[str, str | bytes | None] | None = None,
        message: str = "Change",
        *,
        author: str = AUTHOR_NAME,
        email: str = AUTHOR_EMAIL,
    ) -> str:
        """Commit files and whatever else has changed; gives the full SHA."""
        self.write(files or {})
        self.git("add", "-A")
        self.git(
            "commit",
            "-q",
            "--allow-empty",
            "-F",
            "-",
            stdin=message.encode(),
            GIT_AUTHOR_NAME=author,
            GIT_AUTHOR_EMAIL=email,
        )
        self.commits += 1
        return self.sha()

    def symlink(self, name: str, target: str) -> None:
        """Make a symbolic link, to be committed."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def submodule(self, path: str, url: str, sha: str, *, listed: bool = True) -> None:
        """Record a submodule without fetching it; commit with ``git commit``, as ``add -A`` would drop it."""
        self.git("update-index", "--add", "--cacheinfo", f"160000,{sha},{path}")
        (self.path / path).mkdir(parents=True, exist_ok=True)
        if listed:
            self.git("config", "-f", ".gitmodules", f"submodule.{path}.path", path)
            self.git("config", "-f", ".gitmodules", f"submodule.{path}.url", url)
            self.git("add", ".gitmodules")
        self.git("commit", "-q", "-m", f"Add {path}")
        self.commits += 1

    def tag(self, name: str, *, message: str = "", target: str = "HEAD") -> str:
        """Make a tag, annotated when there is a message; gives the id that the tag's ref holds."""
        if message:
            self.git("tag", "-a", "-m", message, name, target)
        else:
            self.git("tag", name, target)
        return self.sha(f"refs/tags/{name}")

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Make a branch and check it out."""
        self.git("checkout", "-q", "-b", name, start)

    def sha(self, revision: str = "HEAD") -> str:
        """What git itself says a revision is."""
        return self.git("rev-parse", "--verify", "--end-of-options", revision).splitlines()[-1]

    def pack(self) -> None:
        """Put everything into one packfile with deltas, and the refs into ``packed-refs``."""
        self.git("gc", "-q", "--aggressive", "--prune=now")

    def _environment(self) -> dict[str, str]:
        date = f"{START + 60 * self.commits} {OFFSET}"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(self.path.parent),
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "GIT_AUTHOR_NAME": AUTHOR_NAME,
            "GIT_AUTHOR_EMAIL": AUTHOR_EMAIL,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": AUTHOR_NAME,
            "GIT_COMMITTER_EMAIL": AUTHOR_EMAIL,
            "GIT_COMMITTER_DATE": date,
        }


@asynccontextmanager
async def running_github(**settings: Any) -> AsyncIterator[StandIn]:
    """A stand-in on a free port; the arguments are those of ``StandIn``."""
    async with StandIn(**settings) as github:
        yield github
