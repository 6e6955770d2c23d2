"""Answers ``GET /similar?sku=SKU`` with recommendations in JSON."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from recommender.catalogue import Article
from recommender.ranking import similar


class Handler(BaseHTTPRequestHandler):
    """One request; the catalogue is set on a subclass by ``serve``."""

    catalogue: list[Article]

    def do_GET(self) -> None:
        """Answer with the articles that are most like ``sku``, or with 404."""
        sku = parse_qs(urlsplit(self.path).query).get("sku", [""])[0]
        try:
            found = similar(self.catalogue, sku)
        except KeyError:
            self.send_error(404, f"nothing is sold as {sku}")
            return
        body = json.dumps(
            [{"sku": each.article.sku, "title": each.article.title, "score": round(each.score, 3)} for each in found]
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet: the gateway in front logs requests."""


def serve(host: str, port: int, catalogue: list[Article]) -> None:
    """Answer until the process ends."""
    handler = type("CatalogueHandler", (Handler,), {"catalogue": catalogue})
    HTTPServer((host, port), handler).serve_forever()
