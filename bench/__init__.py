"""Measurements: figures side by side from one run. Nothing here judges, and nothing here is a test."""
