"""What GitHub's GraphQL types stand for here: values with a repository around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.demo.github.gitstore import MissingObjectError
from proxy.demo.github.gitstore.objects import BLOB, COMMIT, TAG, TREE

if TYPE_CHECKING:
    from proxy.demo.github.gitstore.objects import Person, TreeEntry
    from proxy.demo.github.limits import Budget
    from proxy.demo.github.state import State
    from proxy.demo.github.world import Repository, User

_OBJECT_TYPES = {COMMIT: "Commit", TREE: "Tree", BLOB: "Blob", TAG: "Tag"}


@dataclass(frozen=True, slots=True)
class Root:
    """The query: who asks, and what they have left."""

    state: State
    user: User
    budget: Budget


@dataclass(frozen=True, slots=True)
class RepositoryNode:
    """A repository that the caller may read."""

    root: Root
    repository: Repository

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self.root.state.web_url}/{self.repository.full_name}"


@dataclass(frozen=True, slots=True)
class RefNode:
    """A branch or tag by its full name."""

    place: RepositoryNode
    name: str
    oid: str


@dataclass(frozen=True, slots=True)
class ObjectNode:
    """A git object; ``kind`` is git's."""

    place: RepositoryNode
    kind: str
    oid: str


@dataclass(frozen=True, slots=True)
class EntryNode:
    """A name in a directory; ``tree`` is where its path starts, for ``.gitmodules``."""

    place: RepositoryNode
    path: str
    entry: TreeEntry
    root_tree: str


@dataclass(frozen=True, slots=True)
class SubmoduleNode:
    """What ``.gitmodules`` says of a submodule, and the commit that is recorded."""

    name: str
    path: str
    git_url: str
    branch: str | None
    oid: str


@dataclass(frozen=True, slots=True)
class ActorNode:
    """Who made a commit, as git has it."""

    root: Root
    person: Person


@dataclass(frozen=True, slots=True)
class UserNode:
    """Someone with an account."""

    root: Root
    user: User


@dataclass(frozen=True, slots=True)
class OwnerNode:
    """Whose repository it is; an organisation has no account here."""

    root: Root
    login: str


_TYPES: dict[type, str] = {
    Root: "Query",
    RepositoryNode: "Repository",
    RefNode: "Ref",
    EntryNode: "TreeEntry",
    SubmoduleNode: "Submodule",
    ActorNode: "GitActor",
    UserNode: "User",
    OwnerNode: "Organization",
}


def type_of(value: object) -> str:
    """The GraphQL type of a value."""
    if isinstance(value, ObjectNode):
        return _OBJECT_TYPES[value.kind]
    return _TYPES.get(type(value), "RateLimit")


def object_node(place: RepositoryNode, oid: str | None) -> ObjectNode | None:
    """A git object by its id; ``None`` when the repository does not have it."""
    if oid is None:
        return None
    try:
        return ObjectNode(place, place.repository.store.raw(oid).kind, oid)
    except MissingObjectError:
        return None
