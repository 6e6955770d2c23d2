"""GitHub's REST API, as far as it is about reading source: https://docs.github.com/en/rest."""

from proxy.demo.github.rest.routes import add_routes

__all__ = ["add_routes"]
