"""The names of the rules: what an explanation shows and the label ``rule`` of the metric counts.

A name belongs to one way of finding a file. ``RULES`` has every name that can be the rule of a file
that was found; ``STEPS`` those of the questions before.
"""

from __future__ import annotations

from types import MappingProxyType

REF = "ref"
CONFIGURATION = "configuration"
GO_MOD = "go_mod"
STEPS = (REF, CONFIGURATION, GO_MOD)

MAPPING_LOCAL = "mapping_local"
MAPPING_GITHUB = "mapping_github"
OPERATOR_MAPPING_LOCAL = "operator_mapping_local"
OPERATOR_MAPPING_GITHUB = "operator_mapping_github"
REPOSITORY_NAME = "repository_name"
ROOT_PATH = "root_path"
REPOSITORY_ROOT = "repository_root"
SUFFIX = "suffix"
GO_STANDARD_LIBRARY = "go_standard_library"
GO_REPLACE = "go_replace"
GO_GITHUB = "go_github"
GO_MODULE_PROXY = "go_module_proxy"
GO_KNOWN_HOME = "go_known_home"
GO_GET = "go_get"
GO_VENDOR = "go_vendor"
JAVA_SOURCE_ROOT = "java_source_root"
JAVA_TREE = "java_tree"
JAVA_JDK = "java_jdk"
PYTHON_STANDARD_LIBRARY = "python_standard_library"
PYTHON_OWN_PACKAGE = "python_own_package"
PYTHON_PACKAGE = "python_package"
JAVASCRIPT_NODE = "javascript_node"
JAVASCRIPT_PACKAGE = "javascript_package"
JAVASCRIPT_COMPILED = "javascript_compiled"

RULES = (
    MAPPING_LOCAL,
    MAPPING_GITHUB,
    OPERATOR_MAPPING_LOCAL,
    OPERATOR_MAPPING_GITHUB,
    REPOSITORY_NAME,
    ROOT_PATH,
    REPOSITORY_ROOT,
    SUFFIX,
    GO_STANDARD_LIBRARY,
    GO_REPLACE,
    GO_GITHUB,
    GO_MODULE_PROXY,
    GO_KNOWN_HOME,
    GO_GET,
    GO_VENDOR,
    JAVA_SOURCE_ROOT,
    JAVA_TREE,
    JAVA_JDK,
    PYTHON_STANDARD_LIBRARY,
    PYTHON_OWN_PACKAGE,
    PYTHON_PACKAGE,
    JAVASCRIPT_NODE,
    JAVASCRIPT_PACKAGE,
    JAVASCRIPT_COMPILED,
)

NONE = "none"
"""The metric's label when no rule found the file."""

DESCRIPTIONS = MappingProxyType(
    {
        REF: "Which commit the ref of the labels is.",
        CONFIGURATION: "The .pyroscope.yaml of the service.",
        GO_MOD: "The go.mod of the service: versions and replacements of its modules, and its Go.",
        MAPPING_LOCAL: "A mapping of .pyroscope.yaml to a folder of the service's repository.",
        MAPPING_GITHUB: "A mapping of .pyroscope.yaml to another repository.",
        OPERATOR_MAPPING_LOCAL: "A mapping of the operator to a folder of the service's repository.",
        OPERATOR_MAPPING_GITHUB: "A mapping of the operator to another repository.",
        REPOSITORY_NAME: "What the path has after the name of the service's repository.",
        ROOT_PATH: "The whole path, below the root path.",
        REPOSITORY_ROOT: "The whole path, from the root of the repository.",
        SUFFIX: "The longest end of the path that is in the repository.",
        GO_STANDARD_LIBRARY: "Go's standard library, at the version in the path or of go.mod.",
        GO_REPLACE: "A module that go.mod has in a folder of the service's repository.",
        GO_GITHUB: "A Go module whose path is that of its GitHub repository.",
        GO_MODULE_PROXY: "A Go module whose repository the Go module proxy names.",
        GO_KNOWN_HOME: "A Go module of a well-known host, whose repositories are on GitHub.",
        GO_GET: "A Go module whose repository the page at its path names.",
        GO_VENDOR: "A Go package copied into the vendor folder of the service's repository.",
        JAVA_SOURCE_ROOT: "The file of the class below a usual folder of sources.",
        JAVA_TREE: "The file of the class anywhere in the service's repository.",
        JAVA_JDK: "A class of the JDK, at the ref of the configuration.",
        PYTHON_STANDARD_LIBRARY: "Python's standard library, at the version in the path.",
        PYTHON_OWN_PACKAGE: "The service's own package, as it was installed.",
        PYTHON_PACKAGE: "An installed package, at the version of the service's lock or requirements files.",
        JAVASCRIPT_NODE: "A file of Node.js itself, at the version that the service names.",
        JAVASCRIPT_PACKAGE: "An installed package, at the version of the service's lock file.",
        JAVASCRIPT_COMPILED: "The source from which a file was compiled.",
    }
)
"""What each rule does, one line for a person."""
