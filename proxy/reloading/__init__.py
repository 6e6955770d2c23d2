"""Taking over a changed configuration while running: what can be, at once; the rest is told.

::

    SIGHUP, or a file in another state → source.load → changes.compare → apply → log, metrics
"""

from proxy.reloading.changes import Changes, bridge, compare
from proxy.reloading.reloader import Reloader
from proxy.reloading.source import Source, UnreadableError

__all__ = ["Changes", "Reloader", "Source", "UnreadableError", "bridge", "compare"]
