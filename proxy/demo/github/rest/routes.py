"""Which address is answered by what; each one also below ``/api/v3``, as on Enterprise Server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from proxy.demo.github.answers import Answer
from proxy.demo.github.limits import CORE
from proxy.demo.github.pipeline import ENTERPRISE_PREFIX, Asked, api, recorded
from proxy.demo.github.rest import account, commits, contents, git
from proxy.demo.github.rest.place import Place, find

if TYPE_CHECKING:
    from aiohttp import web

    from proxy.demo.github.pipeline import ApiHandler
    from proxy.demo.github.state import State

PlaceHandler = Callable[[Place], Awaitable[Answer]]

# What is asked of a repository: the end of the address, the name of its argument, the handler.
_REPOSITORY_ROUTES: tuple[tuple[str, str, PlaceHandler], ...] = (
    ("", "", account.repository),
    ("/contents/{path}", "path", contents.contents),
    ("/git/trees/{tree_sha}", "tree_sha", git.tree),
    ("/git/blobs/{file_sha}", "file_sha", git.blob),
    ("/commits/{ref}", "ref", commits.commit),
)
_OWNERS = ("/repos/{owner}/{repo}", "/repositories/{repository_id}")
_PATTERNS = {
    "{path}": "{path:.*}",
    "{repository_id}": r"{repository_id:\d+}",
    "{ref}": "{ref:.+}",
    "{tree_sha}": "{tree_sha:.+}",
}


def add_routes(app: web.Application, state: State) -> None:
    """Answer the REST API on an application."""
    for prefix in ("", ENTERPRISE_PREFIX):
        for owner in _OWNERS:
            for end, argument, handler in _REPOSITORY_ROUTES:
                _add(app, state, prefix, owner + end, partial(_at_place, handler, argument))
        _add(app, state, prefix, "/user", account.user)
        _add(app, state, prefix, "/rate_limit", account.rate_limit, resource=None)


def add_unknown(app: web.Application, state: State) -> None:
    """Answer every other address as GitHub's API does; to be called last."""
    handler = recorded(state, "unknown", api(state, None, account.unknown))
    app.router.add_route("*", "/{unknown:.*}", handler)


def _add(
    app: web.Application,
    state: State,
    prefix: str,
    template: str,
    handler: ApiHandler,
    *,
    resource: str | None = CORE,
) -> None:
    pattern = template
    for name, expression in _PATTERNS.items():
        pattern = pattern.replace(name, expression)
    answering = recorded(state, template, api(state, resource, handler))
    app.router.add_get(prefix + pattern, answering)
    if template.endswith("/contents/{path}"):
        app.router.add_get(prefix + pattern.removesuffix("/{path:.*}"), answering)


async def _at_place(handler: PlaceHandler, argument: str, asked: Asked) -> Answer:
    value = asked.request.match_info.get(argument, "") if argument else ""
    place = find(asked, value)
    return place if isinstance(place, Answer) else await handler(place)
