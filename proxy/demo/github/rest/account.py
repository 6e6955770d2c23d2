"""``/repos/O/R`` itself, ``/user`` and ``/rate_limit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.demo.github.answers import Answer, RefusalError, json_answer, not_found
from proxy.demo.github.limits import RESOURCES, rate_limit_answer
from proxy.demo.github.rest.place import user_json

if TYPE_CHECKING:
    from proxy.demo.github.pipeline import Asked
    from proxy.demo.github.rest.place import Place


async def repository(place: Place) -> Answer:
    """The repository: https://docs.github.com/en/rest/repos/repos#get-a-repository."""
    found = place.repository
    owner = place.asked.state.world.user(found.owner)
    login = {"login": found.owner, "type": "Organization"}
    return json_answer(
        {
            "id": found.id,
            "node_id": f"R_{found.id}",
            "name": found.name,
            "full_name": found.full_name,
            "owner": user_json(place.asked, owner) if owner else login,
            "private": found.is_private,
            "visibility": found.visibility,
            "html_url": place.html_url,
            "url": place.api_url,
            "clone_url": f"{place.html_url}.git",
            "default_branch": place.store.default_branch,
            "fork": False,
            "archived": False,
            "disabled": False,
        }
    )


async def user(asked: Asked) -> Answer:
    """Who the caller is: https://docs.github.com/en/rest/users/users#get-the-authenticated-user.

    Raises:
        RefusalError: there is no token.
    """
    if asked.user is None:
        raise RefusalError(401, "Requires authentication")
    found = asked.user
    return json_answer({**user_json(asked, found), "name": found.name, "email": found.email})


async def rate_limit(asked: Asked) -> Answer:
    """What is left: https://docs.github.com/en/rest/rate-limit/rate-limit."""
    login = asked.user.login if asked.user else None
    now = asked.state.clock()
    return rate_limit_answer([asked.state.limits.budget(login, resource, now) for resource in RESOURCES])


async def unknown(asked: Asked) -> Answer:
    """What GitHub says to every other address.

    Raises:
        RefusalError: always.
    """
    del asked
    raise not_found()
