"""The command ``doctor``: asks everything that the proxy depends on, and says what to fix.

::

    command ──► running ──► checks ──► asking    what is so: answers, limits, addresses
       │                       └─────► judging   what that means, and what to do (pure)
       └──────► showing                          the report as a tree or as JSON (pure)

Nothing of a secret is in a finding: values of secrets, of Redis' address and of proxies' passwords never get
into what ``judging`` is told, or are left out there.
"""
