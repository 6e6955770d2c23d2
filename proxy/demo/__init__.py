"""The whole system on loopback: a sample Pyroscope, a stand-in for GitHub, the proxy."""
