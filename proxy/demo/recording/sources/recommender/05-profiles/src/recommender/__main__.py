"""Run the service: ``python -m recommender --listen HOST:PORT``."""

import argparse

from recommender import catalogue, profiling, server


def main() -> None:
    """Serve a sample catalogue."""
    parser = argparse.ArgumentParser(prog="recommender")
    parser.add_argument("--listen", default="127.0.0.1:8081")
    host, _, port = parser.parse_args().listen.rpartition(":")
    profiling.start()
    server.serve(host, int(port), catalogue.load(catalogue.dump(catalogue.sample(1500))))


if __name__ == "__main__":
    main()
