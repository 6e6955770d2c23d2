"""Record all frames again: ``python tests/frames/recording/record.py [go] [python] [node] [java]``."""

from __future__ import annotations

import importlib
import sys

LANGUAGES = ("go", "python", "node", "java")

if __name__ == "__main__":
    for language in sys.argv[1:] or LANGUAGES:
        importlib.import_module(f"record_{language}").main()
