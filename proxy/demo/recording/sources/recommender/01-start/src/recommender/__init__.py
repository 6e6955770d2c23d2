"""Says which articles are like the one that a customer looks at."""
