"""Attacks on the whole system: docs/security.md says what each of them is about."""
