"""Who and what there is on the stand-in: people, repositories, and who may read which.

Rules:

- A repository that a person may not read is not there for that person.
- A name that a repository once had leads to it until another repository takes the name:
  https://docs.github.com/en/repositories/creating-and-managing-repositories/renaming-a-repository
- Single sign-on guards everything of its organisation, once a person could see it:
  https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from proxy.demo.github.answers import RefusalError, not_found
from proxy.demo.github.gitstore import GitStore

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Visibility = Literal["public", "private", "internal"]


@dataclass(slots=True)
class User:
    """A person with an account; commits are theirs by ``email``."""

    id: int
    login: str
    name: str
    email: str
    email_verified: bool = True


@dataclass(slots=True, eq=False)
class Repository:
    """A repository; change its attributes to change what callers may do.

    Attributes:
        readers: logins (lower case) who may read it besides its owner, when it is not public.
        app_allowed: whether the GitHub App may read it; without, 403 "Resource not accessible".
        blocked: whether GitHub took it down (451).
    """

    id: int
    owner: str
    name: str
    store: GitStore
    visibility: Visibility = "public"
    readers: set[str] = field(default_factory=set)
    app_allowed: bool = True
    blocked: bool = False

    @property
    def full_name(self) -> str:
        """``owner/name`` as it is now."""
        return f"{self.owner}/{self.name}"

    @property
    def is_private(self) -> bool:
        """Whether it is not public."""
        return self.visibility != "public"

    def may_be_read_by(self, user: User | None) -> bool:
        """Whether the repository is there at all for ``user`` (``None``: nobody logged in)."""
        if user is None or self.visibility == "public":
            return self.visibility == "public"
        login = user.login.lower()
        return self.visibility == "internal" or login in self.readers or login == self.owner.lower()


class World:
    """All users and repositories; changes are seen by the next request."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._repositories: dict[int, Repository] = {}
        self._names: dict[str, int] = {}
        self._single_sign_on: dict[str, set[str]] = {}

    def close(self) -> None:
        """Let go of the repositories' files."""
        for repository in self._repositories.values():
            repository.store.close()

    @property
    def users(self) -> tuple[User, ...]:
        """Everyone, in the order in which they were added."""
        return tuple(self._users.values())

    def add_user(self, login: str, *, name: str = "", email: str = "", email_verified: bool = True) -> User:
        """Make an account; ``email`` is what commits are matched by."""
        fallback = f"{login}@users.noreply.github.com"
        user = User(len(self._users) + 1, login, name or login, email or fallback, email_verified)
        self._users[login.lower()] = user
        return user

    def user(self, login: str) -> User | None:
        """The account of that login, in any case."""
        return self._users.get(login.lower())

    def user_by_email(self, email: str) -> User | None:
        """Whose commits carry ``email``."""
        wanted = email.lower()
        return next((user for user in self._users.values() if user.email.lower() == wanted), None)

    def add_repository(
        self, owner: str, name: str, path: Path, *, visibility: Visibility, readers: Iterable[str]
    ) -> Repository:
        """Serve the git repository at ``path`` as ``owner/name``.

        Raises:
            GitError: there is no repository at ``path``.
        """
        number = len(self._repositories) + 1
        reading = {login.lower() for login in readers}
        repository = Repository(number, owner, name, GitStore(path), visibility, reading)
        self._repositories[number] = repository
        self._names[repository.full_name.lower()] = number
        return repository

    def rename(self, full_name: str, new_full_name: str) -> Repository:
        """Give a repository another name or owner; the old name goes on leading to it.

        Raises:
            KeyError: there is no repository of that name.
        """
        repository = self._repositories[self._names[full_name.lower()]]
        repository.owner, _, repository.name = new_full_name.partition("/")
        self._names[new_full_name.lower()] = repository.id
        return repository

    def require_single_sign_on(self, organisation: str, *, authorised: Iterable[str] = ()) -> None:
        """Let only the tokens of ``authorised`` users reach what the organisation owns."""
        self._single_sign_on[organisation.lower()] = {login.lower() for login in authorised}

    def repository(self, owner: str, name: str) -> Repository | None:
        """The repository that has or once had that name, whoever may read it."""
        number = self._names.get(f"{owner}/{name}".lower())
        return self._repositories.get(number) if number else None

    def repository_by_id(self, number: int) -> Repository | None:
        """The repository of that id, whoever may read it."""
        return self._repositories.get(number)

    def open(self, repository: Repository | None, user: User | None) -> Repository:
        """The repository, if ``user`` may read it.

        Raises:
            RefusalError: why not.
        """
        if repository is None or not repository.may_be_read_by(user):
            raise not_found()
        if repository.blocked:
            raise _blocked(repository)
        authorised = self._single_sign_on.get(repository.owner.lower())
        if user is not None and authorised is not None and user.login.lower() not in authorised:
            raise _single_sign_on_needed(repository.owner)
        if user is not None and not repository.app_allowed:
            raise RefusalError(403, "Resource not accessible by integration")
        return repository


def _blocked(repository: Repository) -> RefusalError:
    notice = f"https://github.com/github/dmca/blob/master/{repository.name}.md"
    block = {"reason": "dmca", "created_at": "2024-01-01T00:00:00Z", "html_url": notice}
    return RefusalError(451, "Repository access blocked", "DMCA", extra={"block": block})


def _single_sign_on_needed(organisation: str) -> RefusalError:
    return RefusalError(
        403,
        "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this"
        " organization.",
        headers={"X-GitHub-SSO": f"required; url=https://github.com/orgs/{organisation}/sso"},
        documentation_url="https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/",
    )
