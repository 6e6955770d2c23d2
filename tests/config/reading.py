"""Reading configurations in tests: the faults of a text as lines, the files as a dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proxy.config import Config, ConfigFaults, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def files(contents: Mapping[str, str]) -> Callable[[str], str]:
    def read(name: str) -> str:
        if name not in contents:
            raise FileNotFoundError(2, "No such file or directory", name)
        return contents[name]

    return read


def read(
    text: str,
    environ: Mapping[str, str] = {},
    contents: Mapping[str, str] = {},
    overrides: Mapping[str, str] = {},
) -> Config:
    return parse(text, environ, read_file=files(contents), overrides=overrides)


def faults(
    text: str,
    environ: Mapping[str, str] = {},
    contents: Mapping[str, str] = {},
    overrides: Mapping[str, str] = {},
) -> list[str]:
    with pytest.raises(ConfigFaults) as caught:
        read(text, environ, contents, overrides)
    return [str(fault) for fault in caught.value.faults]
