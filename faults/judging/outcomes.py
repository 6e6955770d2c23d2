"""What an answer may be while something is broken: the table of all that is not a lie.

Every request has a group. Without a fault it has one right outcome; each fault adds, for some groups,
outcomes that say the truth about it. An outcome that neither the group nor an active fault allows is a
violation, and ``wrong`` and ``late`` are violations always.
"""

from __future__ import annotations

from enum import Enum

RIGHT, STALE, BROKEN, DROPPED = "right", "stale", "broken", "dropped"
"""Verified; verified and marked as the last known; cut off visibly; closed without a byte of an answer."""
REFUSED, WRONG, LATE = "refused", "wrong", "late"
"""No connection; a lie; beyond its bound."""
NOT_FOUND, UNAVAILABLE, DEADLINE = "not_found", "unavailable", "deadline_exceeded"
UNAUTHENTICATED, PERMISSION, EXHAUSTED = "unauthenticated", "permission_denied", "resource_exhausted"
UNKNOWN, INTERNAL = "unknown", "internal"
NEVER = frozenset({WRONG, LATE})


class Group(Enum):
    """What a request asks for."""

    PASS = "a passed request without a body"
    PUSH = "a passed request with a body"
    APP = "GithubApp, which asks nobody"
    FILE = "a file that the person may read"
    MISSING = "a file that is not there"
    HIDDEN = "a file of a repository that the person may not read"
    COMMIT = "commits that the person may read"
    EXPLAIN = "the explanation of a frame"
    LOGIN = "a login"
    REFRESH = "a renewed session"


PASSED = frozenset({Group.PASS, Group.PUSH})
READ = frozenset({Group.FILE, Group.COMMIT, Group.EXPLAIN})
ABSENT = frozenset({Group.MISSING, Group.HIDDEN})
SESSIONS = frozenset({Group.LOGIN, Group.REFRESH})
OF_GITHUB = READ | ABSENT | SESSIONS
EVERY = frozenset(Group)


class Fault(Enum):
    """What is broken; ``value`` is what the report calls it."""

    UPSTREAM_GONE = "Pyroscope refuses connections"
    UPSTREAM_SILENT = "Pyroscope does not answer"
    UPSTREAM_BREAKS = "Pyroscope breaks connections"
    UPSTREAM_GARBLED = "Pyroscope does not speak HTTP"
    UPSTREAM_SLOW = "Pyroscope trickles"
    GITHUB_GONE = "GitHub cannot be reached"
    GITHUB_SILENT = "GitHub does not answer in time"
    GITHUB_GARBLED = "GitHub's answers are no answers"
    GITHUB_REFUSES_TOKENS = "GitHub takes no token"
    GITHUB_FORBIDS = "GitHub forbids"
    GITHUB_DENIES = "GitHub shows nothing to anyone"
    GITHUB_LIMITS = "GitHub limits the rate"
    GITHUB_ODD = "GitHub answers what makes no sense"
    REDIS = "Redis is of no use"
    CLIENTS = "other clients misbehave"
    STOPPING = "the process is asked to stop"
    KILLED = "the process is killed"
    NO_FILES = "the process has no descriptors left"
    NO_MEMORY = "the process has no memory left"
    NO_LOG = "the log cannot be written"
    RELOADING = "the configuration is read anew"


_ABSENT_AS_EVER = frozenset({NOT_FOUND})
USUAL: dict[Group, frozenset[str]] = {
    group: _ABSENT_AS_EVER if group in ABSENT else frozenset({RIGHT}) for group in Group
}


def _for(groups: frozenset[Group], *outcomes: str) -> dict[Group, frozenset[str]]:
    return {group: frozenset(outcomes) for group in groups}


def _github(*outcomes: str, sessions: tuple[str, ...] | None = None) -> dict[Group, frozenset[str]]:
    """Outcomes of all that asks GitHub; where it is about a ref, the last that was known also serves."""
    return {
        **_for(ABSENT, *outcomes),
        **_for(READ, STALE, *outcomes),
        **_for(SESSIONS, *(outcomes if sessions is None else sessions)),
    }


_GONE = (UNAVAILABLE, DEADLINE)
# A renewal whose answer was lost has used the single-use refresh token up: the session has ended.
_LOST_RENEWAL = (*_GONE, UNAUTHENTICATED)
_CUT = (REFUSED, DROPPED, BROKEN)
_STARVED = (*_CUT, UNAVAILABLE, DEADLINE)

ALSO: dict[Fault, dict[Group, frozenset[str]]] = {
    Fault.UPSTREAM_GONE: _for(PASSED, UNAVAILABLE, BROKEN),
    Fault.UPSTREAM_SILENT: _for(PASSED, DEADLINE, UNAVAILABLE, BROKEN),
    Fault.UPSTREAM_BREAKS: _for(PASSED, UNAVAILABLE, BROKEN),
    Fault.UPSTREAM_GARBLED: _for(PASSED, UNAVAILABLE, BROKEN),
    Fault.UPSTREAM_SLOW: {},
    Fault.GITHUB_GONE: _github(*_GONE, sessions=_LOST_RENEWAL),
    Fault.GITHUB_SILENT: _github(*_GONE, sessions=_LOST_RENEWAL),
    Fault.GITHUB_GARBLED: _github(*_GONE, sessions=_LOST_RENEWAL),
    Fault.GITHUB_REFUSES_TOKENS: _github(*_GONE, UNAUTHENTICATED),
    Fault.GITHUB_FORBIDS: _github(*_GONE, PERMISSION, sessions=(*_LOST_RENEWAL, PERMISSION)),
    Fault.GITHUB_DENIES: _github(*_GONE, NOT_FOUND, sessions=_LOST_RENEWAL),
    Fault.GITHUB_LIMITS: _github(*_GONE, EXHAUSTED, sessions=(*_LOST_RENEWAL, EXHAUSTED)),
    Fault.GITHUB_ODD: _github(*_GONE, UNKNOWN, sessions=(*_LOST_RENEWAL, UNKNOWN)),
    # Redis makes things faster and nothing else: nobody may see that it is gone.
    Fault.REDIS: {},
    Fault.CLIENTS: {},
    # Nobody listens until the next one does, but no request that was taken is lost.
    Fault.STOPPING: _for(EVERY, REFUSED),
    Fault.KILLED: _for(EVERY, *_CUT) | _for(SESSIONS, *_CUT, UNAUTHENTICATED),
    Fault.NO_FILES: _for(EVERY, *_STARVED)
    | _for(SESSIONS, *_STARVED, UNAUTHENTICATED)
    | _for(READ, *_STARVED, STALE),
    Fault.NO_MEMORY: _for(EVERY, *_STARVED, EXHAUSTED, INTERNAL)
    | _for(SESSIONS, *_STARVED, EXHAUSTED, INTERNAL, UNAUTHENTICATED)
    | _for(READ, *_STARVED, EXHAUSTED, INTERNAL, STALE),
    Fault.NO_LOG: {},
    Fault.RELOADING: {},
}


def allowed(group: Group, faults: frozenset[Fault]) -> frozenset[str]:
    """The outcomes that say the truth.

    Args:
        group: what was asked.
        faults: all that was broken at some time between the request and its answer.
    """
    more = [ALSO[fault].get(group, frozenset()) for fault in faults]
    return USUAL[group].union(*more) - NEVER
