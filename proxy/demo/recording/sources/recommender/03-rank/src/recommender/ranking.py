"""Which articles are most like a given one."""

from dataclasses import dataclass

from recommender.catalogue import Article
from recommender.similarity import cosine, vector


@dataclass(frozen=True)
class Recommendation:
    """An article and how alike it is to the one asked for, from 0 to 1."""

    article: Article
    score: float


def similar(catalogue: list[Article], sku: str, limit: int = 5) -> list[Recommendation]:
    """The ``limit`` articles that are most like the one named; raises ``KeyError`` if there is none of that name."""
    wanted = next((article for article in catalogue if article.sku == sku), None)
    if wanted is None:
        raise KeyError(sku)
    reference = vector(wanted)
    found = []
    for article in catalogue:
        if article.sku != sku:
            found.append(Recommendation(article, cosine(reference, vector(article))))
    found.sort(key=lambda recommendation: (-recommendation.score, recommendation.article.sku))
    return found[:limit]
