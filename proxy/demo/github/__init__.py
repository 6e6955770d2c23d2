"""A stand-in for GitHub: a real server over real git repositories, for the demo and for tests.

It is written from GitHub's documentation and shares nothing with the proxy's client, so that a
misunderstanding there is not repeated here. Nothing outside the package's dependencies is needed.

::

    standin ──► rest, graphql, oauth, pages ──► pipeline ──► state ──► world, tokens, limits, faults, calls
                       └──────────────────────────────────────────────► gitstore
"""

from proxy.demo.github.answers import RefusalError
from proxy.demo.github.calls import CONNECTION_CLOSED, Call
from proxy.demo.github.faults import Fault
from proxy.demo.github.gitstore import GitError, GitStore
from proxy.demo.github.limits import CORE, GRAPHQL, Limits, Secondary
from proxy.demo.github.sizes import Sizes
from proxy.demo.github.standin import StandIn
from proxy.demo.github.tokens import Issued
from proxy.demo.github.world import Repository, User, World

__all__ = [
    "CONNECTION_CLOSED",
    "CORE",
    "GRAPHQL",
    "Call",
    "Fault",
    "GitError",
    "GitStore",
    "Issued",
    "Limits",
    "RefusalError",
    "Repository",
    "Secondary",
    "Sizes",
    "StandIn",
    "User",
    "World",
]
