"""Messages: the ``.proto`` files and what ``generate.sh`` makes of them.

The names and numbers are Pyroscope's, because its clients speak to us and its answers pass through us:
https://grafana.com/docs/pyroscope/latest/reference-server-api. A file holds what is used here; fields of
newer versions survive as unknown fields.
"""
