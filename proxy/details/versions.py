"""Which repository and ref a version means, and what is missing for its source. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.proto import source_pb2
from proxy.source.refs import clean_ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.profile import FunctionUse
    from proxy.source.model import Repository

COMMIT, LABELS, SESSION, SOURCE = "commit", "labels", "session", "source"
VALUES, VERSIONS = "values", "versions"
_LABELS_HELP = (
    "set the labels service_repository, service_git_ref and service_root_path where the profile is recorded, "
    "or give overrideRepositoryURL and overrideRef here"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the source of a version comes from, whether its labels say so or somebody put it in their place.

    Attributes:
        repository_url: as it was written down; empty when nobody says.
        ref: empty for the default branch.
        root_path: of the service within the repository.
        repository: what the address means; ``None`` when it means none, or the ref is none.
        commit_ref: the ref to ask for; empty for the default branch.
    """

    repository_url: str
    ref: str
    root_path: str
    repository: Repository | None
    commit_ref: str


def origin(
    use: FunctionUse,
    request: source_pb2.GetFunctionDetailsRequest,
    repository: Callable[[str], Repository],
) -> tuple[Origin, list[source_pb2.Missing]]:
    """Where the source of a version comes from, and what its labels lack.

    Args:
        use: the version.
        request: may put something in the place of labels.
        repository: reads an address, or raises ``RpcError``.
    """
    url = request.overrideRepositoryURL or use.version.repository
    ref = request.overrideRef or use.version.ref
    root_path = request.overrideRootPath or use.version.root_path
    missing = []
    found, commit_ref = None, ""
    if url:
        try:
            commit_ref = clean_ref(ref).name
            found = repository(url)
        except RpcError as error:
            missing.append(missed(LABELS, error))
    if not url:
        why = f"The profile does not say which repository this was built from: {_LABELS_HELP}."
        missing.append(source_pb2.Missing(what=LABELS, code=Code.FAILED_PRECONDITION.value, message=why))
    elif not ref:
        why = (
            "The profile does not say which commit this was built from, so the source is that of the default "
            f"branch and its lines may be others: {_LABELS_HELP}."
        )
        missing.append(source_pb2.Missing(what=LABELS, code=Code.FAILED_PRECONDITION.value, message=why))
    return Origin(url, ref, root_path, found, commit_ref), missing


def version_of(name: str, unit: str, use: FunctionUse, where: Origin) -> source_pb2.FunctionVersion:
    """A version as an answer has it, without source and commit."""
    return source_pb2.FunctionVersion(
        functionName=name,
        file=use.file,
        startLine=max(use.start_line, 0),
        repositoryURL=where.repository_url,
        ref=where.ref,
        rootPath=where.root_path,
        unit=unit,
        self=use.value.self,
        total=use.value.total,
        lines=[
            source_pb2.LineValue(line=line, self=value.self, total=value.total)
            for line, value in use.lines.items()
        ],
        labels=source_pb2.Labels(
            repositoryURL=use.version.repository,
            ref=use.version.ref,
            rootPath=use.version.root_path,
            buildID=use.version.build_id,
        ),
    )


def missed(what: str, error: RpcError) -> source_pb2.Missing:
    """What an error kept from being there."""
    return source_pb2.Missing(what=what, code=error.code.value, message=error.message)
