"""GitHub's GraphQL API, as far as it is about reading source: https://docs.github.com/en/graphql.

::

    endpoint ── execute ──► parser ──► lexer ──► syntax
                   │──► validate ──► schema
                   └──► types (GitHub's) ──► nodes
"""

from proxy.demo.github.graphql.endpoint import add_routes

__all__ = ["add_routes"]
