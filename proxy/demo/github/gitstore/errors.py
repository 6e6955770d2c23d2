"""What can be wrong with a repository folder."""

from __future__ import annotations


class GitError(Exception):
    """The folder is no repository, or something in it is damaged or of a kind that is not read here."""


class MissingObjectError(GitError):
    """An object is not in the repository; ``oid`` says which."""

    def __init__(self, oid: str) -> None:
        super().__init__(f"object {oid} is not in the repository")
        self.oid = oid
