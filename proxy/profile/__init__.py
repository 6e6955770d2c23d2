"""A profile in pprof format, joined to the lines of one function. Pure.

How values are counted (as ``pprof -list`` and Grafana's app do):

- A sample adds its value to the *total* of every line of the function that is on its stack, once, however
  often the function recurs there, and to the *self* of a line when that line is the leaf.
- An inlined call makes several lines of one location; the first of them is the innermost.
- The totals of the function itself are counted once per sample as well, so they are not the sum of its lines.
- Values of a difference may be negative and are left as they are. A sample of zero says nothing.

What it costs: a profile is never decoded as a whole, which would take five times its size. It is walked
several times, in pieces that are decoded and forgotten, so that it takes its own bytes and a little more
(``proxy.profile.counting``).

- ``wire`` cuts encoded profiles into pieces, ``tables`` finds what belongs to the function in them,
  ``counting`` adds up, ``labels`` reads what Pyroscope says of a version.

https://github.com/google/pprof/blob/main/proto/profile.proto
"""

from proxy.profile.counting import join
from proxy.profile.model import FunctionUse, Joined, Question, Value, Version
from proxy.profile.wire import profile_of

__all__ = ["FunctionUse", "Joined", "Question", "Value", "Version", "join", "profile_of"]
