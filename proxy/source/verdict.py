"""Why nothing was found, in a sentence for the person who asked, with what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import own, paths
from proxy.source.inquiry import MAX_QUESTIONS
from proxy.source.mapping import FILE_NAME
from proxy.source.model import Absent

if TYPE_CHECKING:
    from proxy.source.model import Service
    from proxy.source.room import Case

_FIRST = 3


def nothing_found(case: Case) -> str:
    """Every rule of the language was tried in a repository that is there."""
    what, places = own.shown(case.frame), case.inquiry.tried
    where = f"{case.service.repository} at {case.service.ref}"
    mapping = f"a mapping in {_configuration(case.service)}"
    foreign = case.room.foreign(case.frame)
    if cause := case.inquiry.cause:
        cure = f" Or add {mapping} that says where it is." if case.inquiry.curable else ""
        # A cause that begins with "It is" says what the frame is itself.
        head = f"{what} is {foreign}" if foreign and not cause.startswith("It ") else f"No source of {what}"
        return f"{head}: {cause}{cure}"
    if foreign:
        tried = f" ({_listed(places)} is not there)" if places else ""
        return (
            f"{what} is {foreign}, and no rule found its source{tried}; add {mapping} that says where it is."
        )
    if not places:
        return (
            f"Neither path nor function name of {what or 'the frame'} names a file that could be in {where}; "
            f"add {mapping} for it."
        )
    return (
        f"No source of {what} in {where}: {_listed(places)} is not there; "
        f"check the labels service_root_path and service_git_ref, or add {mapping}."
    )


def absent(what: Absent, service: Service) -> str:
    """The service's repository, or its ref, is not there."""
    if what is Absent.REF:
        return (
            f"The ref {service.ref} is not in {service.repository}: was the commit pushed? "
            "Check the label service_git_ref."
        )
    return (
        f"The repository {service.repository} is not there, or you may not see it: "
        "check the label service_repository, whether the GitHub App is installed for its owner, "
        "and whether your account has access."
    )


def enough(service: Service) -> str:
    """The limit of questions was reached."""
    return (
        f"Gave up looking in {service.repository} at {service.ref} after {MAX_QUESTIONS} questions; "
        f"add a mapping in {_configuration(service)} for this path."
    )


def _configuration(service: Service) -> str:
    return f"{service.root_path}/{FILE_NAME}" if service.root_path else FILE_NAME


def _listed(places: list[str]) -> str:
    more = len(places) - _FIRST
    return ", ".join(map(paths.shortened, places[:_FIRST])) + (
        f" (and {more} more places)" if more > 0 else ""
    )
