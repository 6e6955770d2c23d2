"""Reports of what was sold."""
