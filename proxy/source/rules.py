"""The names of the rules: what an explanation shows and the label ``rule`` of the metric counts.

A name belongs to one way of finding a file. ``RULES`` has every name that can be the rule of a file
that was found; ``STEPS`` those of the questions before.
"""

from __future__ import annotations

REF = "ref"
CONFIGURATION = "configuration"
STEPS = (REF, CONFIGURATION)

MAPPING_LOCAL = "mapping_local"
MAPPING_GITHUB = "mapping_github"
OPERATOR_MAPPING_LOCAL = "operator_mapping_local"
OPERATOR_MAPPING_GITHUB = "operator_mapping_github"
REPOSITORY_NAME = "repository_name"
ROOT_PATH = "root_path"
REPOSITORY_ROOT = "repository_root"
SUFFIX = "suffix"
GO_VENDOR = "go_vendor"
JAVA_SOURCE_ROOT = "java_source_root"

RULES = (
    MAPPING_LOCAL,
    MAPPING_GITHUB,
    OPERATOR_MAPPING_LOCAL,
    OPERATOR_MAPPING_GITHUB,
    REPOSITORY_NAME,
    ROOT_PATH,
    REPOSITORY_ROOT,
    SUFFIX,
    GO_VENDOR,
    JAVA_SOURCE_ROOT,
)

NONE = "none"
"""The metric's label when no rule found the file."""
