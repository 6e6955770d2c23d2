"""Words of a text."""

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """A text in lower case and without accents: ``Café`` becomes ``cafe``."""
    letters = []
    for letter in unicodedata.normalize("NFKD", text.casefold()):
        if not unicodedata.combining(letter):
            letters.append(letter)
    return "".join(letters)


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    return _WORD.findall(fold(text))
