"""How the proxy is deployed, and what makes the files for it."""
