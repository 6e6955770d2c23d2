"""How alike two articles are, by the words that describe them."""

import math
from collections import Counter

from textkit.stems import stem
from textkit.tokens import words

from recommender.catalogue import Article

Vector = dict[str, float]


def vector(article: Article) -> Vector:
    """The stems of an article's words, weighted by how often they occur; its length is 1."""
    counts = Counter(stem(word) for word in words(f"{article.title} {article.description}"))
    length = math.sqrt(sum(count * count for count in counts.values()))
    return {word: count / length for word, count in counts.items()}


def cosine(left: Vector, right: Vector) -> float:
    """How alike two vectors are: 1 is the same direction, 0 nothing in common."""
    total = 0.0
    for word, weight in left.items():
        if word in right:
            total += weight * right[word]
    return total
