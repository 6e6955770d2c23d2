"""What is around the proxy: servers that break when they are told to, and the process itself."""
