"""Asking Pyroscope's querier ourselves, on behalf of somebody who calls one of our methods.

- ``model`` is the question (pure), ``headers`` says what of the caller's request goes along (pure),
  ``refusals`` what an answer means that is no profile (pure), ``client`` sends the question and hands the
  answer to ``proxy.joining``.

https://grafana.com/docs/pyroscope/latest/reference-server-api/
"""

from proxy.querier.client import Querier, open_querier
from proxy.querier.model import Asked

__all__ = ["Asked", "Querier", "open_querier"]
