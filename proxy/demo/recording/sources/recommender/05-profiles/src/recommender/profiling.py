"""Sends profiles to Pyroscope, with the commit that this service runs."""

import os

import pyroscope


def start() -> None:
    """Send profiles to ``PYROSCOPE_SERVER_ADDRESS``, if that is set."""
    address = os.environ.get("PYROSCOPE_SERVER_ADDRESS")
    if not address:
        return
    pyroscope.configure(
        application_name="recommender",
        server_address=address,
        tags={
            "service_repository": "https://github.com/acme/recommender",
            "service_git_ref": os.environ.get("GIT_REF", ""),
            "region": os.environ.get("REGION", ""),
        },
        upload_interval=15,
    )
