"""What the configuration itself gives away: its faults, what is probably not meant, weak secrets. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from proxy.config import warnings
from proxy.config.advice import SHORTEST_SESSION_SECRET
from proxy.doctor.model import failure, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.config.faults import Fault
    from proxy.config.model import Config, Secret
    from proxy.doctor.model import Finding
    from proxy.source.mapping import Mappings

FILE, MAPPINGS, SECRETS = "configuration.file", "configuration.mappings_file", "sessions.secrets"
_MAKE_ONE = (
    "make one with: openssl rand -base64 32, and change over without logging anyone out (docs/operations.md)"
)
_ENOUGH_BITS = 80
"""Below this, what is at hand of a session can be used to try secrets until one fits."""
_USUAL = re.compile(
    r"change.?me|example|password|passwort|secret|session|test|admin|12345|qwert", re.IGNORECASE
)


def faulty(faults: Sequence[Fault], source: str) -> list[Finding]:
    """A finding for every fault.

    Args:
        faults: of the configuration.
        source: the file's name, or what stands for it.
    """
    advice = "config.example.yaml explains every key"
    return [failure(FILE, f"{source}: {fault}", advice) for fault in faults]


def checked(config: Config, source: str) -> list[Finding]:
    """What is allowed but probably not meant, or that there is nothing of the kind."""
    found = [
        warning(FILE, text, "change it, unless it is meant so; config.example.yaml explains every key")
        for text in warnings(config)
        if not text.startswith("session.secrets[")  # told with the secrets
    ]
    return found or [ok(FILE, f"{source} has no faults")]


def secrets(config: Config) -> list[Finding]:
    """Whether sessions are sealed with something that cannot be guessed."""
    if not config.session.secrets:
        return [
            warning(
                SECRETS,
                "there is no session secret, so nobody can log in",
                "set session.secrets or GITHUB_SESSION_SECRET; the one of Pyroscope keeps its sessions valid",
            )
        ]
    found = [
        weak
        for index, secret in enumerate(config.session.secrets)
        if (weak := _weak(f"session.secrets[{index}]", secret, config)) is not None
    ]
    if len(set(config.session.secrets)) < len(config.session.secrets):
        found.append(warning(SECRETS, "session.secrets has one of them twice", "take one of the two out"))
    count = len(config.session.secrets)
    return found or [
        ok(
            SECRETS,
            f"{count} session secret{'' if count == 1 else 's'}, long and varied enough, the first seals",
        )
    ]


def mappings(path: str, found: Mappings | str | None) -> list[Finding]:
    """Whether the operator's own mappings can be used.

    Args:
        path: ``resolver.mappings_file``.
        found: what is in it, why it cannot be used, or ``None`` where no file is named.
    """
    if found is None:
        return [skipped(MAPPINGS, "no resolver.mappings_file is configured")]
    if isinstance(found, str):
        advice = "correct the file; docs/resolution.md shows what it may hold"
        return [failure(MAPPINGS, f"resolver.mappings_file: {path} {found}", advice)]
    number = len(found.mappings)
    notes = [
        warning(MAPPINGS, f"resolver.mappings_file: {note}", "correct or remove it; it counts for nothing so")
        for note in found.notes
    ]
    return notes or [ok(MAPPINGS, f"{path} is valid, with {number} mapping{'' if number == 1 else 's'}")]


def _weak(name: str, secret: Secret, config: Config) -> Finding | None:
    value = secret.reveal()
    if secret == config.github.client_secret:
        return warning(SECRETS, f"{name} is the client secret of the App, which others know too", _MAKE_ONE)
    if len(value) < SHORTEST_SESSION_SECRET:
        return warning(SECRETS, f"{name} is shorter than {SHORTEST_SESSION_SECRET} characters", _MAKE_ONE)
    if _bits(value) < _ENOUGH_BITS:
        return warning(SECRETS, f"{name} repeats few characters or words that everybody tries", _MAKE_ONE)
    return None


def _bits(value: str) -> float:
    """About how much there is to guess: Shannon's entropy of its characters, usual words left out."""
    rest = _USUAL.sub("", value)
    if not rest:
        return 0.0
    total = len(rest)
    return -sum(n * math.log2(n / total) for n in Counter(rest).values())
