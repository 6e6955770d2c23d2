"""Orders and who made them."""
