"""GitHub: what is sent to it, how its answers are read, who may read what, and what that costs."""
