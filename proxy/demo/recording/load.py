"""What the recorded services are asked: the same requests each time."""

from __future__ import annotations

import json
import random
import urllib.request

CAMPAIGNS = ("SPRING-15P", "welcome-500c", "LOYAL-3P", "CLEARANCE-40P", "none", "BIRTHDAY-1000C")
REGIONS = 900  # more than the service remembers
ARTICLES = 2000


def orders(count: int, seed: int) -> bytes:
    """Orders of one to six lines with two to five coupons, as JSON."""
    dice = random.Random(seed)
    made = [
        {
            "id": f"O-{seed}-{number}",
            "region": f"de-{dice.randrange(REGIONS)}-x",
            "coupons": dice.choices(CAMPAIGNS, k=dice.randint(2, 5)),
            "lines": [
                {"sku": f"SKU-{int(ARTICLES * dice.random() ** 3):05}", "quantity": dice.randint(1, 4)}
                for _ in range(dice.randint(1, 6))
            ],
        }
        for number in range(count)
    ]
    return json.dumps(made).encode()


ORDERS = [orders(400, seed) for seed in range(4)]


def send_orders(port: int) -> int:
    """Have some orders priced; gives the number of requests sent."""
    for body in ORDERS:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/price", data=body, method="POST")
        with urllib.request.urlopen(request) as answer:
            answer.read()
    return len(ORDERS)


def send_searches(port: int) -> int:
    """Ask what is like some articles; gives the number of requests sent."""
    for number in range(0, 1500, 500):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/similar?sku=SKU-{number:05}") as answer:
            answer.read()
    return 3
