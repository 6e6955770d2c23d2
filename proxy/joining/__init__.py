"""Joining a profile to a function beside everything else that the proxy does.

What is small is joined in a thread. What is large goes, as it arrives and still compressed, to a process
of its own, so that neither its time nor its memory is taken from other requests: the proxy itself holds no
more of it than ``joiner.LARGEST_HERE``. That process knows no secret, gives way to others, and is ended
when it takes too long, when nobody waits for its answer any more, or when it had nothing to do for a while.

- ``frames`` is what the two say to each other (pure), ``worker`` is the process, ``joiner`` uses it.
"""

from proxy.joining.joiner import Answer, Joiner

__all__ = ["Answer", "Joiner"]
