"""Prefixes of mappings that nearly match a frame: the likely slip of whoever wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from proxy.source.mapping import Mapping, Mappings
    from proxy.source.model import Frame

MAX_NOTES = 3
_MAX_PREFIXES = 500
_SHORTEST = 3


def near_misses(mappings: Mappings, spellings: Sequence[Frame], name: str) -> Iterator[str]:
    """Say which prefixes nearly match, at most ``MAX_NOTES``.

    Args:
        mappings: none of which matches.
        spellings: of the frame, the one that the profile has first.
        name: of the configuration, for the text.
    """
    told = checked = 0
    for mapping in mappings.mappings:
        for prefix, text, kind in _pairs(mapping, spellings):
            checked += 1
            if checked > _MAX_PREFIXES or told == MAX_NOTES:
                return
            meant = _meant(prefix, text)
            if meant is not None:
                told += 1
                yield (
                    f"mapping[{mapping.index}] of {name} nearly matches: its {kind} prefix "
                    f"{paths.shortened(prefix)!r} is not how {paths.shortened(text)!r} begins; "
                    f"{paths.shortened(meant)!r} would be."
                )
                break


def _pairs(mapping: Mapping, spellings: Sequence[Frame]) -> Iterator[tuple[str, str, str]]:
    for frame in spellings[:1]:
        for prefix in mapping.paths:
            yield prefix, frame.path, "path"
        for prefix in mapping.function_names:
            yield prefix, frame.function_name, "function_name"


def _meant(prefix: str, text: str) -> str | None:
    """The beginning of ``text`` that was probably meant by ``prefix``."""
    if len(prefix.strip("/.")) < _SHORTEST or text.startswith(prefix):
        return None
    folded, wanted = _fold(text), _fold(prefix).strip("/")
    at = folded.find(wanted)
    if at < 0 or (at > 0 and folded[at - 1] != "/"):
        return None
    end = at + len(wanted)
    if end < len(folded) and folded[end] not in "/$:(@":
        return None
    return text[:end]


def _fold(text: str) -> str:
    """Forget case and which separator was used, letter for letter, so that places stay comparable."""
    folded = text.replace("\\", "/").replace(".", "/").lower()
    return folded if len(folded) == len(text) else text
