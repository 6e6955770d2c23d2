"""What is known of repositories, and who may be told: answers the resolver's questions.

Rules that hold here:

- What is known of a repository is told to a person only when GitHub has shown that repository to
  that person's own token, or to anyone as public, within ``cache.access_ttl``.
- What a full commit SHA names never changes and never expires; what a ref points to does.
- A question is answered from what is known or by as few calls to GitHub as it takes; "not there" is
  known as well.
"""

from proxy.library.library import Library
from proxy.library.lookups import Lookups
from proxy.library.opened import Opened
from proxy.library.resolving import Outcome, Resolver, Step
from proxy.library.viewer import Viewer, Viewers

__all__ = ["Library", "Lookups", "Opened", "Outcome", "Resolver", "Step", "Viewer", "Viewers"]
