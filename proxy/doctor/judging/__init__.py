"""From what was found out to what it means and what to do: pure, one module for each group of checks."""
