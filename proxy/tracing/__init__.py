"""Spans of what is done for a request; without a trace that is kept, nothing happens here at all.

::

    with tracing.span("resolve", attributes={"language": "go"}) as span:
        ...
        span.set("rule", rule)

Names and attributes come from fixed lists, as the labels of metrics do: never a user, token, repository,
path, ref, query or text of an error.
"""

from proxy.tracing.parents import Parent, parse
from proxy.tracing.spans import Kind, Span, Tracer, Value, span, under

__all__ = ["Kind", "Parent", "Span", "Tracer", "Value", "parse", "span", "under"]
