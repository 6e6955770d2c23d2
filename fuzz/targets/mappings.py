"""``.pyroscope.yaml``."""

from __future__ import annotations

from fuzz.targets.target import assert_sentence
from proxy.source import paths
from proxy.source.mapping import (
    LANGUAGES,
    MAX_REPORTED,
    External,
    InvalidMappingsError,
    Mappings,
    find,
    parse,
)
from proxy.source.model import Frame

_FRAMES = (Frame("/usr/lib/a/b.py", "pkg.f"), Frame("", "java/lang/Object.wait"), Frame("\x00", ""))


def check(data: bytes) -> None:
    """Reading ends in mappings whose every part can be asked for, or in a bounded list of sentences."""
    try:
        mappings = parse(data)
    except InvalidMappingsError as error:
        assert error.faults
        _check_lines(error.faults)
        return
    _check_lines(mappings.notes)
    for mapping in mappings.mappings:
        assert mapping.language in LANGUAGES
        if isinstance(mapping.source, External):
            assert paths.folder(mapping.source.path) == mapping.source.path
            assert mapping.source.ref.isprintable()
    for frame in _FRAMES:
        _check_match(mappings, frame)


def _check_lines(lines: tuple[str, ...]) -> None:
    assert len(lines) <= MAX_REPORTED + 1
    for line in lines:
        assert_sentence(line)


def _check_match(mappings: Mappings, frame: Frame) -> None:
    match = find(mappings, frame)
    if match is not None:
        prefixes = [each for each in match.mapping.paths if frame.path.startswith(each)]
        assert match.cut == max(map(len, prefixes), default=0)
        assert prefixes or any(map(frame.function_name.startswith, match.mapping.function_names))
