"""What package registries and the pages of Go modules say of packages."""

from __future__ import annotations

from fuzz.targets.target import split
from proxy.source import paths
from proxy.source.go import answers
from proxy.source.javascript import registry
from proxy.source.python import index

_HOST = "github.com"
_MODULE = "example.org/a/b"
_KINDS = (b"origin", b"page", b"pypi", b"npm")


def check(data: bytes) -> None:
    """Nothing is raised; folders are clean, and texts are no longer than the answer."""
    kind, body = split(data, _KINDS)
    match kind:
        case b"origin":
            origin = answers.origin(body)
            if origin is not None:
                assert paths.folder(origin.subfolder) == origin.subfolder
                assert all(len(text) <= len(body) for text in origin)
        case b"page":
            for found in answers.imports(body, _MODULE):
                assert f"{_MODULE}/".startswith(f"{found.prefix}/")
                assert paths.folder(found.subfolder) == found.subfolder
        case b"pypi":
            project = index.read(body, "demo", _HOST)
            assert project is None or repr(project).isprintable()
        case _:
            published = registry.read(body, _HOST)
            assert published is None or repr(published).isprintable()
