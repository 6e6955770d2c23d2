"""A reverse proxy between Grafana and Pyroscope that shows profiled code line by line."""

__version__ = "0.1.0"
