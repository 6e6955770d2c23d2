"""The effective configuration as a document of its own format, secrets masked."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import yaml

from proxy.config.expansion import escape
from proxy.config.keys import KEYS, Key

if TYPE_CHECKING:
    from proxy.config.model import Config


def render(config: Config) -> str:
    """Write every key with its value, in the order of ``config.example.yaml``.

    Secrets are ``***``, empty ones empty. Apart from them, ``parse`` reads the same configuration back.

    Returns:
        YAML, in ASCII.
    """
    document: dict[str, Any] = {}
    for path, key in KEYS.items():
        section, _, name = path.rpartition(".")
        target = document.setdefault(section, {}) if section else document
        target[name] = _written(key, attrgetter(path)(config))
    return yaml.safe_dump(document, sort_keys=False, width=1_000_000)


def _written(key: Key, value: Any) -> Any:
    if key.many:
        return [key.write(item) for item in value]
    written = key.write(value)
    return escape(written) if isinstance(written, str) else written
