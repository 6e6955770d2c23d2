"""Finds out what is so: HTTP, Redis, the machine. What it means is for ``judging``."""
