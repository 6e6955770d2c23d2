"""Who may be told: what GitHub has shown to whom, and for how long that counts.

Rules:

- A proof is GitHub's answer to the viewer's own token, or one that showed the repository to be public.
  It holds for ``access_ttl`` from then on, in whichever replica, and never longer.
- A proof is of a repository, not of a name. Once a name is seen to lead to another repository, no
  earlier proof under that name counts, whoever's it is.
- What GitHub refuses ends the proof at once: not shown, the one of this repository; a token that it
  does not take, all of this viewer's.
- What was public and is shown to be private is forgotten for everybody.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from proxy.errors import Code, RpcError
from proxy.library.codecs import PROOFS
from proxy.library.proof import Proof
from proxy.library.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from proxy.cache import Cache, NamedCache
    from proxy.config.model import Cache as Settings
    from proxy.github.client import Look, RemoteRepository
    from proxy.library.viewer import Viewer
    from proxy.source.model import Repository

T = TypeVar("T")
_PUBLIC = b""
"""Stands in the place of a viewer's key for everybody."""
_REMEMBERED_FOR = 3600.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What GitHub last said of a repository to a viewer; ``etag`` is for asking whether it says so still."""

    proof: Proof
    etag: str = ""


class Access:
    """Proofs by viewer and name.

    Args:
        cache: where they are kept.
        settings: how long they hold.
    """

    def __init__(self, cache: Cache, settings: Settings) -> None:
        self._settings = settings
        self._proofs: NamedCache[tuple[bytes, str], Proof | None] = cache.named("access", codec=PROOFS)
        # Which repository a name leads to, as seen last by anybody.
        self._names: NamedCache[str, str] = cache.named("names")
        self._refused: NamedCache[bytes, bool] = cache.named("refused")
        self._shown: NamedCache[tuple[bytes, str], Shown] = cache.named("shown")

    async def proof(self, viewer: Viewer, repository: Repository) -> Proof | Unknown | None:
        """What proves that the viewer may be told; ``None``: GitHub showed them nothing; or not known."""
        name = name_of(repository)
        found = self._found_here(viewer, name)
        if isinstance(found, Unknown):
            found = await self._find(viewer, name)
        return found if found is None or self._holds(viewer, name, found) else UNKNOWN

    def proof_here(self, viewer: Viewer, repository: Repository) -> Proof | None:
        """What proves, as far as this replica knows, that the viewer may be told."""
        name = name_of(repository)
        found = self._found_here(viewer, name)
        return found if isinstance(found, Proof) and self._holds(viewer, name, found) else None

    def _found_here(self, viewer: Viewer, name: str) -> Proof | Unknown | None:
        found: Proof | Unknown | None = self._proofs.get_stale((_PUBLIC, name), UNKNOWN)
        if isinstance(found, Unknown):
            found = self._proofs.get_stale((viewer.key, name), UNKNOWN)
        return found

    def shown(
        self, viewer: Viewer, asked: Repository, seen: Look | RemoteRepository, etag: str = ""
    ) -> Proof:
        """Remember what GitHub let this viewer see."""
        proof = _proof(viewer, seen)
        whose = viewer.key if proof.private else _PUBLIC
        self._refused.forget(viewer.key)
        for name in {name_of(asked), name_of(seen.repository)}:
            if proof.private:
                self._proofs.forget((_PUBLIC, name))
            if proof.told:
                self._names.put(name, proof.told, ttl=self._settings.access_ttl)
            self._proofs.put((whose, name), proof, ttl=self._settings.access_ttl)
            self._remember(viewer, name, proof, etag)
        return proof

    def _remember(self, viewer: Viewer, name: str, proof: Proof, etag: str) -> None:
        last = self._shown.get_stale((viewer.key, name))
        if not etag and last is not None and last.proof == proof:
            etag = last.etag
        self._shown.put((viewer.key, name), Shown(proof, etag), ttl=_REMEMBERED_FOR)

    def shown_again(self, viewer: Viewer, repository: Repository, last: Shown) -> Proof:
        """Remember that GitHub says what it said: access was proven anew."""
        proof, name = last.proof, name_of(repository)
        self._refused.forget(viewer.key)
        if proof.private:
            self._proofs.forget((_PUBLIC, name))
        if proof.told:
            self._names.put(name, proof.told, ttl=self._settings.access_ttl)
        whose = viewer.key if proof.private else _PUBLIC
        self._proofs.put((whose, name), proof, ttl=self._settings.access_ttl)
        return proof

    def last_shown(self, viewer: Viewer, repository: Repository) -> Shown | None:
        """What this viewer saw last; proves nothing any more."""
        return self._shown.get_stale((viewer.key, name_of(repository)))

    def not_shown(self, viewer: Viewer, repository: Repository) -> None:
        """Remember that GitHub showed the viewer no such repository."""
        name = name_of(repository)
        self._proofs.forget((_PUBLIC, name))
        self._shown.forget((viewer.key, name))
        self._proofs.put((viewer.key, name), None, ttl=self._settings.missing_ttl)

    def doubted(self, viewer: Viewer, repository: Repository) -> None:
        """Have access proven anew: GitHub refused something there, or did not find what has to be there."""
        name = name_of(repository)
        self._proofs.forget((_PUBLIC, name))
        self._proofs.forget((viewer.key, name))

    def refused(self, viewer: Viewer) -> None:
        """Remember that GitHub does not take the viewer's token: no proof made with it counts."""
        self._refused.put(viewer.key, True, ttl=self._settings.access_ttl)

    async def _find(self, viewer: Viewer, name: str) -> Proof | Unknown | None:
        """What other replicas have seen; public goes first."""
        public, own = await asyncio.gather(
            self._proofs.find((_PUBLIC, name), UNKNOWN), self._proofs.find((viewer.key, name), UNKNOWN)
        )
        return own if isinstance(public, Unknown) or public is None else public

    def _holds(self, viewer: Viewer, name: str, proof: Proof | Unknown) -> bool:
        if isinstance(proof, Unknown):
            return False
        if proof.private and self._refused.get_stale(viewer.key):
            return False
        seen = self._names.get_stale(name)
        return seen is None or not proof.told or seen == proof.told


async def refusable(access: Access, viewer: Viewer, repository: Repository, call: Awaitable[T]) -> T:
    """What a call to GitHub gives; a refusal ends the proofs that it refutes.

    Raises:
        RpcError: whatever the call raises.
    """
    try:
        return await call
    except RpcError as error:
        if error.code is Code.UNAUTHENTICATED:
            access.refused(viewer)
        elif error.code is Code.PERMISSION_DENIED:
            access.doubted(viewer, repository)
        raise


def _proof(viewer: Viewer, seen: Look | RemoteRepository) -> Proof:
    """The proof; without an id what is private is kept apart for each viewer.

    A name alone does not say which repository it is: somebody else may have taken it over, and must
    not find there what another was shown under it.
    """
    key = f"id:{seen.identity}" if seen.identity else f"name:{name_of(seen.repository)}"
    if seen.private and not seen.identity:
        key += f" {viewer.key.hex()}"
    return Proof(seen.repository, key, seen.private, seen.identity)


def name_of(repository: Repository) -> str:
    """GitHub takes names in any case, so one repository has one name."""
    return f"{repository.owner}/{repository.name}".lower()
