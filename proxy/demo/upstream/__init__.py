"""The sample upstream: answers the querier's RPCs from recorded profiles, in Pyroscope's place.

- ``recordings`` reads what was recorded, ``replay`` says when and how much of it happened (pure).
- ``selector`` reads label selectors, ``series`` says which labels there are (pure).
- ``stacks``, ``tree``, ``flamegraph``, ``merge`` turn many profiles into one (pure).
- ``querier`` is the RPC methods, ``server`` the HTTP around them.

https://grafana.com/docs/pyroscope/latest/reference-server-api/
"""

from proxy.demo.upstream.recordings import Recording, load
from proxy.demo.upstream.server import Seen, Upstream

__all__ = ["Recording", "Seen", "Upstream", "load"]
