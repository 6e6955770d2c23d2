"""GitHub's REST API: requests are built, answers are read; nothing is sent here.

Each method of ``Api`` names the document of its endpoint. The readers take the body of a 2xx answer
and raise ``jsonvalue.Malformed`` when it is not what that document says.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proxy import __version__
from proxy.errors import Code, RpcError
from proxy.github import jsonvalue, names, refusals
from proxy.github.jsonvalue import Malformed, Object
from proxy.github.model import (
    Commit,
    Contents,
    RemoteDirectory,
    RemoteFile,
    RemoteLink,
    RemoteRepository,
    RemoteSubmodule,
    RemoteTree,
    TreeEntry,
    git_blob_oid,
)
from proxy.github.wire import Request
from proxy.source.model import Repository

if TYPE_CHECKING:
    from yarl import URL

    from proxy.github.wire import Response

USER_AGENT = f"pyroscope-source-proxy/{__version__}"
JSON = "application/vnd.github+json"
RAW = "application/vnd.github.raw+json"
API_VERSION = "2022-11-28"

MEGABYTE = 1024 * 1024
_IDENTITY = re.compile(r"[!-~]{1,200}")
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')
JSON_LIMIT = 10 * MEGABYTE
TREE_LIMIT = 64 * MEGABYTE
BLOB_LIMIT = 100 * MEGABYTE
"""What GitHub gives out at most, and so what is read at most, in bytes after decompression."""


def headers(token: str, accept: str = JSON, etag: str = "") -> dict[str, str]:
    """The headers of a call on behalf of a person.

    With an ``etag`` the answer may be a 304, which costs nothing of the primary limit:
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate

    Raises:
        RpcError: ``unauthenticated``, when the token cannot be sent as a header.
    """
    if not token or not all("!" <= char <= "~" for char in token):
        raise refusals.unauthenticated()
    known = {"If-None-Match": etag} if _ETAG.fullmatch(etag) else {}
    return {
        "Accept": accept,
        "Authorization": f"Bearer {token}",
        "X-GitHub-Api-Version": API_VERSION,
        **known,
    }


def etag_of(response: Response) -> str:
    """The ``ETag`` of an answer, empty when there is none that can be sent back."""
    etag = response.headers.get("ETag", "")
    return etag if _ETAG.fullmatch(etag) else ""


@dataclass(frozen=True, slots=True)
class Api:
    """Where GitHub is: ``web`` for people (``github.url``), ``base`` for programs (``github.api_url``)."""

    web: URL
    base: URL

    def _get(self, token: str, route: str, path: str, accept: str = JSON, etag: str = "") -> Request:
        url = str(self.base).rstrip("/") + path
        return Request("GET", url, route, headers(token, accept, etag))

    def repository(self, token: str, repository: Repository, etag: str = "") -> Request:
        """https://docs.github.com/en/rest/repos/repos#get-a-repository."""
        return self._get(token, "/repos/{owner}/{repo}", _root(repository), etag=etag)

    def commit(self, token: str, repository: Repository, ref: str, etag: str = "") -> Request:
        """https://docs.github.com/en/rest/commits/commits#get-a-commit, with the least of its diff."""
        path = f"{_root(repository)}/commits/{names.encode(ref)}?per_page=1"
        return self._get(token, "/repos/{owner}/{repo}/commits/{ref}", path, etag=etag)

    def contents(
        self, token: str, repository: Repository, ref: str, path: str, *, raw: bool = False
    ) -> Request:
        """https://docs.github.com/en/rest/repos/contents#get-repository-content; ``raw`` for 1 to 100 MB."""
        where = f"{_root(repository)}/contents/{names.encode(path)}?ref={names.encode_value(ref)}"
        return self._get(token, "/repos/{owner}/{repo}/contents/{path}", where, RAW if raw else JSON)

    def blob(self, token: str, repository: Repository, oid: str) -> Request:
        """https://docs.github.com/en/rest/git/blobs#get-a-blob, as raw bytes."""
        return self._get(
            token, "/repos/{owner}/{repo}/git/blobs/{file_sha}", f"{_root(repository)}/git/blobs/{oid}", RAW
        )

    def tree(self, token: str, repository: Repository, commit: str, etag: str = "") -> Request:
        """https://docs.github.com/en/rest/git/trees#get-a-tree, recursive."""
        path = f"{_root(repository)}/git/trees/{names.encode(commit)}?recursive=1"
        return self._get(token, "/repos/{owner}/{repo}/git/trees/{tree_sha}", path, etag=etag)

    def commit_page(self, repository: Repository, sha: str) -> str:
        """The page of a commit."""
        return f"{str(self.web).rstrip('/')}/{repository.owner}/{repository.name}/commit/{sha}"


def candidates(ref: str) -> tuple[str, ...]:
    """What a ref may mean, the likeliest first: itself, a branch, a tag; a full SHA is only itself."""
    return (ref,) if names.is_sha(ref) else (ref, f"heads/{ref}", f"tags/{ref}")


def _root(repository: Repository) -> str:
    return f"/repos/{repository.owner}/{repository.name}"


def read_name(full_name: str) -> Repository:
    """The repository that GitHub names ``OWNER/NAME``."""
    owner, slash, name = full_name.partition("/")
    repository = Repository(owner, name)
    if not slash or not names.is_repository(repository):
        raise Malformed("the repository has no name")
    return repository


def read_repository(body: bytes) -> RemoteRepository:
    """Read a repository; it is public only when GitHub says so in every way it has (``internal`` is not)."""
    found = jsonvalue.parse_object(body)
    public = found.get("private") is False and found.get("visibility", "public") == "public"
    return RemoteRepository(
        read_name(jsonvalue.text(found, "full_name")),
        not public,
        jsonvalue.text(found, "default_branch"),
        identity=read_identity(found, "node_id"),
    )


def read_identity(found: Object, key: str) -> str:
    """What GitHub calls a repository for good; empty when it does not say, or in no form that it has."""
    identity = jsonvalue.text(found, key)
    return identity if _IDENTITY.fullmatch(identity) else ""


def read_commit(body: bytes, api: Api, repository: Repository) -> Commit:
    """Read a commit; its author is the account that GitHub knows, its date the author date."""
    found = jsonvalue.parse_object(body)
    sha = jsonvalue.sha(found, "sha")
    commit = jsonvalue.as_object(found.get("commit"), "commit")
    account = jsonvalue.child(found, "author")
    return Commit(
        sha=sha,
        message=jsonvalue.told_text(commit, "message"),
        date=jsonvalue.text(jsonvalue.child(commit, "author"), "date"),
        login=jsonvalue.text(account, "login"),
        avatar_url=jsonvalue.web_url(account, "avatar_url"),
        page_url=api.commit_page(repository, sha),
    )


@dataclass(frozen=True, slots=True)
class Large:
    """A file whose content did not come along: to be asked again as raw bytes."""

    path: str


def read_contents(body: bytes, asked_path: str) -> Contents | Large:
    """Read what is at a path: a list is a directory, an object says its ``type``."""
    found = jsonvalue.parse(body)
    if isinstance(found, list):
        # Git has no empty folders, and whatever else is no list of entries does not say that one is there.
        if not found or not all(isinstance(each, dict) and "type" in each for each in found):
            raise Malformed("it is a list, but none of entries")
        return RemoteDirectory(asked_path)
    entry = jsonvalue.as_object(found, "the answer")
    path = jsonvalue.text(entry, "path")
    path = path if names.is_path(path) else asked_path
    # The type of a submodule depends on how it is asked for: in a directory's list it is a "file".
    if url := jsonvalue.text(entry, "submodule_git_url"):
        return RemoteSubmodule(path, url, jsonvalue.sha(entry, "sha"))
    match entry.get("type"):
        case "file":
            return _read_file(entry, path)
        case "dir":
            return RemoteDirectory(path)
        case "symlink":
            return RemoteLink(path, jsonvalue.text(entry, "target"))
    raise Malformed("its type is neither file, dir, symlink nor submodule")


def _read_file(entry: Object, path: str) -> RemoteFile | Large:
    """A file's blob id is computed: for a link the answer's ``sha`` need not be the target's."""
    size = jsonvalue.size(entry, "size")
    if entry.get("encoding") != "base64":
        return Large(path)
    try:
        content = base64.b64decode("".join(jsonvalue.text(entry, "content").split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed("its content is not base64") from error
    if len(content) == size:
        return RemoteFile(git_blob_oid(content), content, path)
    if not content:
        return Large(path)
    raise Malformed("its content does not have its size")


def read_tree(body: bytes) -> RemoteTree:
    """Read a recursive tree; entries that cannot be (absolute paths, ``..``) are malformed."""
    found = jsonvalue.parse_object(body)
    entries = found.get("tree")
    truncated = found.get("truncated", True)
    if not isinstance(entries, list) or not isinstance(truncated, bool):
        raise Malformed("it has no entries, or does not say whether these are all")
    return RemoteTree(jsonvalue.sha(found, "sha"), tuple(map(_read_entry, entries)), truncated)


def _read_entry(value: Any) -> TreeEntry:
    entry = jsonvalue.as_object(value, "an entry")
    path, mode, kind = (jsonvalue.text(entry, key) for key in ("path", "mode", "type"))
    if not names.is_path(path) or kind not in ("blob", "tree", "commit"):
        raise Malformed("an entry has no path or type")
    size = jsonvalue.size(entry, "size") if kind == "blob" else 0
    return TreeEntry(path, mode, kind, jsonvalue.sha(entry, "sha"), size)


def unreadable(error: Malformed) -> RpcError:
    """The error for an answer that is not what GitHub documents."""
    return RpcError(
        Code.UNAVAILABLE,
        f"GitHub's answer cannot be read ({error}): check github.api_url, or try again",
    )
