"""What answers link to: files and commits of public repositories as plain text, and avatars."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

from aiohttp import web

from proxy.demo.github.answers import RefusalError
from proxy.demo.github.gitstore.objects import BLOB, COMMIT
from proxy.demo.github.pipeline import recorded

if TYPE_CHECKING:
    from proxy.demo.github.state import State
    from proxy.demo.github.world import Repository

FILE = "/{owner}/{repo}/blob/{ref}/{path}"
RAW = "/{owner}/{repo}/raw/{ref}/{path}"
COMMIT_PAGE = "/{owner}/{repo}/commit/{sha}"
AVATAR = "/avatars/{seed}"
_HEADERS = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}
_AVATAR = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
    '<rect width="40" height="40" fill="hsl({hue} 45% 45%)"/>'
    '<circle cx="20" cy="15" r="7" fill="#fff"/><path d="M6 40a14 14 0 0 1 28 0z" fill="#fff"/></svg>'
)


def add_routes(app: web.Application, state: State) -> None:
    """Answer web pages on an application."""
    for route, kind in ((FILE, "blob"), (RAW, "raw")):
        handler = recorded(state, route, partial(_file, state))
        app.router.add_get(f"/{{owner}}/{{repo}}/{kind}/{{rest:.+}}", handler)
    app.router.add_get("/avatars/{seed:.+}", recorded(state, AVATAR, _avatar))
    app.router.add_get(COMMIT_PAGE, recorded(state, COMMIT_PAGE, partial(_commit, state)))


async def _file(state: State, request: web.Request) -> web.Response:
    repository = _repository(state, request)
    parts = request.match_info["rest"].split("/")
    # A branch may have slashes in its name; git lets no two branches begin with one another.
    for length in range(1, len(parts)):
        commit = repository.store.resolve_to("/".join(parts[:length]), COMMIT)
        if commit is not None:
            entry = repository.store.entry(repository.store.commit(commit).tree, "/".join(parts[length:]))
            if entry is not None and entry.kind == BLOB:
                return _text(repository.store.blob(entry.oid))
    raise web.HTTPNotFound


async def _commit(state: State, request: web.Request) -> web.Response:
    repository = _repository(state, request)
    oid = repository.store.resolve_to(request.match_info["sha"], COMMIT)
    if oid is None:
        raise web.HTTPNotFound
    found = repository.store.commit(oid)
    author = f"{found.author.name} <{found.author.email}>"
    text = f"commit {oid}\nAuthor: {author}\nDate:   {found.author.when.isoformat()}\n\n{found.message}"
    return _text(text.encode())


async def _avatar(request: web.Request) -> web.Response:
    # The same person always gets the same colour.
    hue = crc32(request.match_info["seed"].encode("utf-8", "replace")) % 360
    return web.Response(text=_AVATAR.format(hue=hue), content_type="image/svg+xml", headers=_HEADERS)


def _repository(state: State, request: web.Request) -> Repository:
    info = request.match_info
    try:
        return state.world.open(state.world.repository(info["owner"], info["repo"]), None)
    except RefusalError:
        raise web.HTTPNotFound from None


def _text(data: bytes) -> web.Response:
    return web.Response(body=data, content_type="text/plain", charset="utf-8", headers=_HEADERS)
