"""Git repositories read from their files, without git.

::

    store ──► revisions       what a name means
      └──► reader ──► refs    branches, tags, HEAD
             └──► database ──► pack ──► delta
"""

from proxy.demo.github.gitstore.errors import GitError, MissingObjectError
from proxy.demo.github.gitstore.store import GitStore

__all__ = ["GitError", "GitStore", "MissingObjectError"]
