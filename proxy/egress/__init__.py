"""Fetching from hosts that a profile or a repository may have chosen, without being led inwards.

Such a host is called *steered*. Rules that hold here:

- A steered host is asked over https, on its own port, with its certificate checked.
- Each address is judged when the connection to it is made, and is the one that is connected to: a
  name that changes its address between a check and its use gains nothing.
- A name with one address that may not be reached is not asked at any of its addresses.
- An address that the operator configured may be plain http and private. What it redirects to
  elsewhere is steered again.
- No request carries a token, a cookie, or what a ``~/.netrc`` holds.
- Every answer is bounded: redirects, time in all, bytes before and after unpacking, kind of content.
- Where a forward proxy stands in between (``HTTPS_PROXY``), it makes the connection and resolves the
  name. Then refused are addresses written out, names that by their form are of a private network,
  and names that this machine resolves to an address that may not be reached; the rest is the
  proxy's to allow or refuse.

https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from proxy.egress.addresses import Anything, PublicOnly
from proxy.egress.fetcher import Errand, Fetcher

__all__ = ["Anything", "Errand", "Fetcher", "PublicOnly"]
