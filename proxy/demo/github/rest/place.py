"""The repository of a request, and the addresses of what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from proxy.demo.github.answers import RefusalError, json_answer

if TYPE_CHECKING:
    from proxy.demo.github.answers import Answer
    from proxy.demo.github.gitstore import GitStore
    from proxy.demo.github.pipeline import Asked
    from proxy.demo.github.world import Repository, User

_MOVED = 301


@dataclass(frozen=True, slots=True)
class Place:
    """A repository that the caller may read; ``argument`` is the rest of the route (path, ref, SHA)."""

    asked: Asked
    repository: Repository
    argument: str

    @property
    def store(self) -> GitStore:
        """The repository's files."""
        return self.repository.store

    @property
    def api_url(self) -> str:
        """Where the API has the repository."""
        return f"{self.asked.api_url}/repos/{self.repository.full_name}"

    @property
    def html_url(self) -> str:
        """Where people see the repository."""
        return f"{self.asked.state.web_url}/{self.repository.full_name}"

    def param(self, name: str) -> str:
        """A parameter of the query string, empty when it is not there."""
        return self.asked.request.query.get(name, "")


def find(asked: Asked, argument: str) -> Place | Answer:
    """The repository that the route names, or the redirect to where it has moved.

    Raises:
        RefusalError: the caller may not read it.
    """
    world = asked.state.world
    info = asked.request.match_info
    if "repository_id" in info:
        repository = world.repository_by_id(int(info["repository_id"][:12]))
        return Place(asked, world.open(repository, asked.user), argument)
    named = f"{info['owner']}/{info['repo']}"
    repository = world.open(world.repository(info["owner"], info["repo"]), asked.user)
    if repository.full_name.lower() != named.lower():
        return _moved(asked, repository)
    return Place(asked, repository, argument)


def require_commits(place: Place, message: str, status: int) -> None:
    """Refuse what cannot be asked of a repository without commits.

    Raises:
        RefusalError: there are none.
    """
    if place.store.is_empty:
        raise RefusalError(status, message)


def quoted(path: str) -> str:
    """A path as it stands in a URL."""
    return quote(path, safe="/")


def user_json(asked: Asked, user: User) -> dict[str, Any]:
    """A user as GitHub shows them beside commits and repositories."""
    web_url = asked.state.web_url
    return {
        "login": user.login,
        "id": user.id,
        "node_id": f"U_{user.id}",
        "avatar_url": f"{web_url}/avatars/u/{user.id}?v=4",
        "url": f"{asked.api_url}/users/{user.login}",
        "html_url": f"{web_url}/{user.login}",
        "type": "User",
        "site_admin": False,
    }


def _moved(asked: Asked, repository: Repository) -> Answer:
    raw = asked.request.raw_path
    # ``/repos/OWNER/NAME`` and what follows it, as it was sent: encoded paths stay encoded.
    rest = raw[raw.index("/repos/") + len("/repos/") :].split("/", 2)
    tail = f"/{rest[2]}" if len(rest) > 2 else "".join(rest[1].partition("?")[1:])  # noqa: PLR2004 - owner, name, rest
    url = f"{asked.api_url}/repositories/{repository.id}{tail}"
    body = {"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"}
    return json_answer(body, _MOVED, {"location": url})
