"""Whether what was told once may be told again: as far as is known, without asking GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.library.proof import Proof

if TYPE_CHECKING:
    from proxy.library.access import Access
    from proxy.library.knowledge import Knowledge
    from proxy.library.viewer import Viewer
    from proxy.source.model import Repository, Snapshot


class Standing:
    """Asks what is known; ``here`` asks this process alone, so nobody is waited for.

    Args:
        access: who may be told.
        known: where refs point.
    """

    def __init__(self, access: Access, known: Knowledge) -> None:
        self._access = access
        self._known = known

    async def is_shown(self, viewer: Viewer, repository: Repository) -> bool:
        """Whether the viewer may be told of a repository."""
        return isinstance(await self._access.proof(viewer, repository), Proof)

    async def is_current(self, viewer: Viewer, repository: Repository, snapshot: Snapshot) -> bool:
        """Whether opening would give this snapshot."""
        proof = await self._access.proof(viewer, repository)
        return (
            isinstance(proof, Proof)
            and proof.identity == snapshot.identity
            and await self._known.sha(proof.identity, snapshot.ref) == snapshot.commit
        )

    def is_shown_here(self, viewer: Viewer, repository: Repository) -> bool:
        """What ``is_shown`` says where this process knows it; else no."""
        return self._access.proof_here(viewer, repository) is not None

    def is_current_here(self, viewer: Viewer, repository: Repository, snapshot: Snapshot) -> bool:
        """What ``is_current`` says where this process knows it; else no."""
        proof = self._access.proof_here(viewer, repository)
        return (
            proof is not None
            and proof.identity == snapshot.identity
            and self._known.sha_here(proof.identity, snapshot.ref) == snapshot.commit
        )
