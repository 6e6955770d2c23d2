"""All that the running proxy goes by: the configuration, and what is in the files that it only names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.source import mapping

if TYPE_CHECKING:
    from proxy.config.model import Config
    from proxy.source.mapping import Mappings


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force.

    Attributes:
        config: the configuration.
        mappings: what ``resolver.mappings_file`` holds, if there is one.
    """

    config: Config
    mappings: Mappings | None = None


def read_settings(config: Config) -> Settings:
    """Read the files that a configuration names.

    Raises:
        OSError: the operator's mappings cannot be read or are not valid; the text says which and why.
    """
    path = config.resolver.mappings_file
    if not path:
        return Settings(config)
    try:
        return Settings(config, mapping.parse(Path(path).read_bytes()))
    except OSError as error:
        raise OSError(f"resolver.mappings_file: {path} cannot be read: {error.strerror}") from error
    except mapping.InvalidMappingsError as error:
        raise OSError(f"resolver.mappings_file: {path} is not valid: {'; '.join(error.faults)}") from error
