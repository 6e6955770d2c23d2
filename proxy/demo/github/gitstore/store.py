"""A repository folder, bare or not, that can be asked as one asks git."""

from __future__ import annotations

from proxy.demo.github.gitstore import revisions
from proxy.demo.github.gitstore.reader import Reader


class GitStore(Reader):
    """A repository, and what names mean in it.

    Raises:
        GitError: as ``Reader``.
    """

    def resolve(self, expression: str) -> str | None:
        """The id of what a revision such as ``main``, ``v1^{commit}`` or ``HEAD:path`` names."""
        return revisions.resolve(self, expression)

    def resolve_to(self, expression: str, kind: str) -> str | None:
        """The same, followed to an object of that kind (``commit``, ``tree``, …)."""
        oid = self.resolve(expression)
        return revisions.peel(self, oid, kind) if oid else None
