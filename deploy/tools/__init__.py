"""What makes the files below `deploy/` that are made from others."""
