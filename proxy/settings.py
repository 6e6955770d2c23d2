"""All that the running proxy goes by: the configuration, and what is in the files that it only names."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        certificate: what ``listen_tls.cert_file`` holds, if there is one, so that a renewed one can be told.
    """

    config: Config
    mappings: Mappings | None = None
    certificate: bytes = field(default=b"", repr=False)


def read_settings(config: Config) -> Settings:
    """Read the files that a configuration names.

    Raises:
        OSError: one cannot be read or is not valid; the text says which and why.
    """
    return Settings(
        config, _mappings(config.resolver.mappings_file), _certificate(config.listen_tls.cert_file)
    )


def _mappings(path: str) -> Mappings | None:
    if not path:
        return None
    try:
        return mapping.parse(Path(path).read_bytes())
    except OSError as error:
        raise OSError(f"resolver.mappings_file: {path} cannot be read: {error.strerror}") from error
    except mapping.InvalidMappingsError as error:
        raise OSError(f"resolver.mappings_file: {path} is not valid: {'; '.join(error.faults)}") from error


def _certificate(path: str) -> bytes:
    if not path:
        return b""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise OSError(f"listen_tls.cert_file: {path} cannot be read: {error.strerror}") from error
