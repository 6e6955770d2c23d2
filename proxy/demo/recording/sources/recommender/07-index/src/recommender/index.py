"""The vectors of a whole catalogue, computed once."""

from recommender.catalogue import Article
from recommender.similarity import Vector, vector


class Index:
    """Knows the vector of every article."""

    def __init__(self, catalogue: list[Article]) -> None:
        self._vectors: dict[str, Vector] = {article.sku: vector(article) for article in catalogue}

    def vector(self, sku: str) -> Vector:
        """The vector of an article; raises ``KeyError`` if there is none of that name."""
        return self._vectors[sku]
