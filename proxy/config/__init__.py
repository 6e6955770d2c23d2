"""The configuration: its values, how they are read with every fault told, and how they are shown."""

from proxy.config.advice import warnings
from proxy.config.faults import ConfigFaults, Fault
from proxy.config.model import (
    Cache,
    Config,
    Egress,
    GitHub,
    HostPort,
    ListenTls,
    Log,
    Resolver,
    Secret,
    Session,
    Tenancy,
    Tracing,
    Upstream,
)
from proxy.config.parse import parse
from proxy.config.render import render

__all__ = [
    "Cache",
    "Config",
    "ConfigFaults",
    "Egress",
    "Fault",
    "GitHub",
    "HostPort",
    "ListenTls",
    "Log",
    "Resolver",
    "Secret",
    "Session",
    "Tenancy",
    "Tracing",
    "Upstream",
    "parse",
    "render",
    "warnings",
]
