"""The page at ``/-/source/``: functions of a profile, line by line, without Grafana.

Rules that hold here:

- Everything that the page needs is in the package; nothing is loaded from elsewhere, no build step.
- No inline script or style: the Content-Security-Policy allows neither.
- The page's session is Pyroscope's cookie, for the whole host: cookies know hosts, not ports, so Grafana on
  the same host shares it, and on another host it has its own.
- Whatever changes a session takes only requests of the page itself, never of another site.
"""

from proxy.ui.routes import Page

__all__ = ["Page"]
