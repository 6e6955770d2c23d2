"""Fuzzing of what reads bytes that strangers send: harnesses, their corpora, and what runs them.

::

    python -m fuzz                     every target for a while, from its corpus on
    python -m fuzz gomod --seconds 600 one of them for longer
    python -m fuzz --keep              … and what was learnt goes into the corpus

A harness is a function of bytes that raises ``AssertionError`` when a rule does not hold, and lets pass
whatever leaves the code that should not. ``tests/fuzz`` runs every harness over its corpus, without atheris.
"""
