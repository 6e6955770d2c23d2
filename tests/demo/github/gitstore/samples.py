"""Repositories that have everything in them, and the real git's word about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.github import GitRepository

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = "1234567890abcdef1234567890abcdef12345678"


def full_repository(path: Path) -> GitRepository:
    repository = GitRepository(path)
    text = "".join(f"line {number}\n" for number in range(2_000))
    repository.commit(
        {"README.md": "Hello\n", "src/long.txt": text, "src/deep/down/here.py": "x = 1\n"}, "Start"
    )
    repository.tag("v0.1")
    repository.commit(
        {"src/long.txt": text.replace("line 7\n", "line seven\n"), "bin/run": "#!/bin/sh\n"}, "Second"
    )
    (repository.path / "bin/run").chmod(0o755)
    repository.symlink("link", "src/long.txt")
    repository.symlink("dangling", "nowhere")
    repository.commit(
        {"Straße/日本 語.txt": "ünï\n", "binary.dat": bytes(range(256)) * 300, "empty": ""}, "Names"
    )
    repository.submodule("vendor/lib", "https://github.com/acme/lib.git", ELSEWHERE)
    repository.tag("v1.0", message="The first one")
    repository.git("tag", "-a", "-m", "A tag of a tag", "v1.0-again", "v1.0")
    repository.branch("feature/slash", "HEAD~1")
    repository.commit(
        {"feature.txt": "f\n"}, "Feature\n\nWith a body.\n", author="José", email="jose@example.com"
    )
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "Merge", "feature/slash")
    repository.commits += 1
    for number in range(12):
        repository.commit(
            {"src/long.txt": text.replace(f"line {number * 50}\n", "other\n")}, f"Edit {number}"
        )
    repository.branch("v0.1-branch", "v0.1")
    repository.git("checkout", "-q", "main")
    return repository


def object_ids(repository: GitRepository) -> list[tuple[str, str]]:
    lines = repository.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines]
