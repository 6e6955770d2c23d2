"""The place of every module; ``test_architecture.py`` holds them to it."""

from __future__ import annotations

# From the ground up. A module imports from its own layer and from those above its line, never from
# those below it. "package.*" names the package and all that is in it; an exact name goes before it.
# PURE: no I/O, no clock, no environment, no randomness, and only pure modules of ours.
PURE, IO = True, False
LAYERS: dict[str, dict[str, bool]] = {
    "ground": {
        "proxy": PURE,
        "proxy.errors": PURE,
        "proxy.metrics": IO,
        "proxy.logs": IO,
        "proxy.proto.*": PURE,
        "proxy.config.*": PURE,
        "proxy.source.*": PURE,
        "proxy.github.wire": PURE,
    },
    "parts": {
        "proxy.session.*": PURE,
        "proxy.oauth.*": PURE,
        "proxy.tenancy": PURE,
        "proxy.cache": IO,
        "proxy.cache.memory": IO,
        "proxy.cache.flights": IO,
        "proxy.cache.model": PURE,
        "proxy.cache.sizes": PURE,
        "proxy.cache.store": PURE,
        "proxy.egress": IO,
        "proxy.egress.addresses": PURE,
        "proxy.egress.connections": IO,
        "proxy.egress.fetcher": IO,
        "proxy.egress.targets": PURE,
        "proxy.egress.unpacking": PURE,
        "proxy.github": PURE,
        "proxy.github.api": PURE,
        "proxy.github.graphql": PURE,
        "proxy.github.jsonvalue": PURE,
        "proxy.github.limits": PURE,
        "proxy.github.meter": PURE,
        "proxy.github.model": PURE,
        "proxy.github.names": PURE,
        "proxy.github.refusals": PURE,
        "proxy.github.client": IO,
        "proxy.github.transport": IO,
        "proxy.github.watch": IO,
    },
    "services": {
        "proxy.login.*": IO,
        "proxy.library.*": IO,
    },
    "edges": {
        "proxy.connect.headers": PURE,
        "proxy.connect.jsonpb": PURE,
        "proxy.connect.*": IO,
        "proxy.callers": IO,
        "proxy.explanation": IO,
        "proxy.source_service": IO,
        "proxy.vcs.*": IO,
        "proxy.admin.*": IO,
        "proxy.door.heads": PURE,
        "proxy.door.reading": PURE,
        "proxy.door.*": IO,
    },
    "parts of the app": {"proxy.parts": IO},
    "app": {"proxy.app.*": IO},
    "commands": {
        "proxy.arguments": PURE,
        "proxy.resolve_command": IO,
        "proxy.demo.*": IO,
        "proxy.cli": IO,
        "proxy.__main__": IO,
    },
}

# What the demo brings is for the demo; these alone start it.
MAY_IMPORT_DEMO = {"proxy.cli"}
