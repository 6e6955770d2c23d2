"""``GET /repos/O/R/commits/REF``: https://docs.github.com/en/rest/commits/commits#get-a-commit."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from proxy.demo.github.answers import Answer, RefusalError, json_answer
from proxy.demo.github.gitstore.objects import COMMIT
from proxy.demo.github.rest.place import require_commits, user_json

if TYPE_CHECKING:
    from proxy.demo.github.gitstore.objects import Commit, Person
    from proxy.demo.github.rest.place import Place

_DOCS = "https://docs.github.com/rest/commits/commits#get-a-commit"


async def commit(place: Place) -> Answer:
    """The commit that a branch, tag or SHA names.

    Raises:
        RefusalError: it names none.
    """
    require_commits(place, "Git Repository is empty.", 409)
    oid = place.store.resolve_to(place.argument, COMMIT)
    if oid is None:
        raise RefusalError(
            422, f"No commit found for SHA: {place.argument}", "UNPROCESSABLE", documentation_url=_DOCS
        )
    if "vnd.github.sha" in place.asked.accept:
        return Answer(200, oid.encode(), "application/vnd.github.sha; charset=utf-8")
    return json_answer(_commit_json(place, place.store.commit(oid)))


def _commit_json(place: Place, found: Commit) -> dict[str, Any]:
    url = f"{place.api_url}/commits/{found.oid}"
    return {
        "sha": found.oid,
        "node_id": f"C_{place.repository.id}_{found.oid}",
        "commit": {
            "author": _person_json(found.author),
            "committer": _person_json(found.committer),
            "message": found.message.rstrip("\n"),
            "tree": {"sha": found.tree, "url": f"{place.api_url}/git/trees/{found.tree}"},
            "url": f"{place.api_url}/git/commits/{found.oid}",
            "comment_count": 0,
            "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None},
        },
        "url": url,
        "html_url": f"{place.html_url}/commit/{found.oid}",
        "comments_url": f"{url}/comments",
        "author": _account(place, found.author),
        "committer": _account(place, found.committer),
        "parents": [
            {
                "sha": parent,
                "url": f"{place.api_url}/commits/{parent}",
                "html_url": f"{place.html_url}/commit/{parent}",
            }
            for parent in found.parents
        ],
    }


def _person_json(person: Person) -> dict[str, str]:
    date = person.when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"name": person.name, "email": person.email, "date": date}


def _account(place: Place, person: Person) -> dict[str, Any] | None:
    user = place.asked.state.world.user_by_email(person.email)
    return user_json(place.asked, user) if user else None
