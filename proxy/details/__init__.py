"""One function, line by line: what was spent in it, the source that ran, and who wrote it.

- ``request`` reads what is asked (pure), ``excerpt`` cuts the lines to show out of a file (pure),
  ``versions`` says which repository and ref a version means and what its labels lack (pure),
  ``details`` asks and puts it all together.
"""

from proxy.details.details import Details

__all__ = ["Details"]
