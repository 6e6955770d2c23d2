"""What of a configuration read anew can be taken over, and what has to wait for a restart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from proxy.config.keys import KEYS
from proxy.config.model import Session

if TYPE_CHECKING:
    from proxy.config.model import Config

RELOADABLE: Final = frozenset(
    {
        "github.client_id",
        "github.client_secret",
        "github.callback_url",
        "session.secrets",
        "resolver.mappings_file",
        "log.level",
        "log.format",
    }
)
"""The keys that are taken over while running."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a configuration read anew amounts to.

    Attributes:
        config: what is to be in force: what runs, with all that can be taken over.
        applied: the keys that are taken over, by path.
        waiting: the keys that differ and need a restart, by path.
    """

    config: Config
    applied: tuple[str, ...]
    waiting: tuple[str, ...]


def compare(running: Config, read: Config) -> Changes:
    """Hold a configuration that was read anew against the one in force."""
    differing = [path for path in KEYS if attrgetter(path)(running) != attrgetter(path)(read)]
    applied = tuple(path for path in differing if _can_change(path, running, read))
    config = running
    for path in applied:
        config = _with(config, path, attrgetter(path)(read))
    return Changes(config, applied, tuple(path for path in differing if path not in applied))


def bridge(running: Config, changed: Config) -> Config:
    """The step between two configurations when several processes take over one after the other.

    In it the old secret still seals and the new ones open as well. Once all are there, any of them opens what
    another one, that has gone all the way, has sealed with a new secret.
    """
    old, new = running.session.secrets, changed.session.secrets
    secrets = (*old, *(secret for secret in new if secret not in old))
    return replace(changed, session=Session(secrets))


def _can_change(path: str, running: Config, read: Config) -> bool:
    if path == "session.secrets":
        # Losing the last secret would log everybody out, and is rather an accident than a wish.
        return bool(running.session.secrets) == bool(read.session.secrets)
    return path in RELOADABLE


def _with(config: Config, path: str, value: Any) -> Config:
    section, _, name = path.rpartition(".")
    changed: dict[str, Any] = {section: replace(getattr(config, section), **{name: value})}
    return replace(config, **changed)
