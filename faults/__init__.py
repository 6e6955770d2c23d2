"""The real process under constant load while everything around it breaks: ``python -m faults``."""
