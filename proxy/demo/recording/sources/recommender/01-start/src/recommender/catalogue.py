"""The articles that can be recommended."""

import json
import random
from dataclasses import asdict, dataclass

ADJECTIVES = ("Bright", "Folding", "Woven", "Sturdy", "Café", "Recycled", "Polished", "Quilted", "Slim", "Padded")
NOUNS = ("lamp", "chair", "basket", "kettle", "blanket", "shelf", "mirror", "cushion", "table", "candle")
USES = ("reading", "travelling", "gardening", "cooking", "sleeping", "entertaining", "storing", "decorating")


@dataclass(frozen=True)
class Article:
    """Something that the shop sells."""

    sku: str
    title: str
    description: str


def sample(size: int, seed: int = 7) -> list[Article]:
    """A catalogue of ``size`` articles, always the same for a seed."""
    dice = random.Random(seed)
    articles = []
    for number in range(size):
        adjective, noun = dice.choice(ADJECTIVES), dice.choice(NOUNS)
        uses = " and ".join(dice.sample(USES, 3))
        articles.append(Article(f"SKU-{number:05}", f"{adjective} {noun}", f"{adjective} {noun}s, lighted for {uses}"))
    return articles


def dump(articles: list[Article]) -> str:
    """The catalogue as JSON, as the shop exports it."""
    return json.dumps([asdict(article) for article in articles], indent=2)


def load(text: str) -> list[Article]:
    """Read what ``dump`` wrote; raises ``ValueError`` for anything else."""
    return [Article(**entry) for entry in json.loads(text)]
