"""The stems of English words, roughly."""

_ENDINGS = ("ingly", "edly", "ing", "ies", "ed", "ly", "es", "s")
_SHORTEST_STEM = 3


def stem(word: str) -> str:
    """What is left of a word without its ending: ``lightings`` and ``lighted`` are both ``light``."""
    shorter = True
    while shorter:
        shorter = False
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                word = word[: -len(ending)]
                shorter = True
                break
    return word
