# The image of the proxy, built in one stage and run in another that needs neither a shell nor a package manager:
# a virtual environment at PREFIX, owned by root, that nothing is ever written to.
#
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" -t pyroscope-source-proxy:0.1.0 .
#
# Both bases can be pinned by digest: --build-arg PYTHON_IMAGE=python:3.13-slim-bookworm@sha256:…
# Any base with the same minor version of Python and with glibc will do for running, such as a distroless one:
#
#   docker build --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm \
#       --build-arg RUNTIME_IMAGE=gcr.io/distroless/python3-debian12 --build-arg RUNTIME_PYTHON=/usr/bin/python3 .

ARG PYTHON_IMAGE=python:3.13-slim-bookworm
ARG RUNTIME_IMAGE=${PYTHON_IMAGE}

FROM ${PYTHON_IMAGE} AS builder

ARG PREFIX=/opt/source-proxy
ARG TOOLS=/opt/build-tools
# Where the base of the second stage has its interpreter.
ARG RUNTIME_PYTHON=/usr/local/bin/python3

WORKDIR /src

# What builds stays in this stage.
COPY requirements/build.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv "${TOOLS}" \
    && "${TOOLS}/bin/python3" -m pip install --disable-pip-version-check \
        --only-binary :all: --require-hashes --requirement requirements/build.txt

# Wheels only, each with a hash that the lock names: no code of a dependency runs while it is installed.
COPY requirements/image.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv --without-pip "${PREFIX}" \
    && "${TOOLS}/bin/python3" -m pip --python "${PREFIX}/bin/python3" install --no-compile \
        --only-binary :all: --require-hashes --requirement requirements/image.txt

COPY LICENSE README.md pyproject.toml ./
COPY proxy proxy
# The official images of Python come without the standard library's bytecode: what is used of it is compiled here,
# or each start, and each health check, would do so again.
RUN "${TOOLS}/bin/python3" -m pip wheel --no-deps --no-index --no-build-isolation --wheel-dir dist . \
    && export PYTHONDONTWRITEBYTECODE=1 \
    && "${TOOLS}/bin/python3" -m pip --python "${PREFIX}/bin/python3" install \
        --no-compile --no-deps --no-index dist/*.whl \
    && export PYTHONDONTWRITEBYTECODE='' PYTHONPYCACHEPREFIX="${PREFIX}/bytecode" \
    && "${PREFIX}/bin/python3" -m compileall -q "${PREFIX}/lib" \
    && "${PREFIX}/bin/python3" -c "import proxy.app, proxy.cli, proxy.healthcheck, proxy.joining.worker"

# The bill of materials is that of what was installed, not of what should have been.
RUN "${TOOLS}/bin/cyclonedx-py" environment --pyproject pyproject.toml --output-reproducible \
        --output-file "${PREFIX}/sbom.cdx.json" "${PREFIX}/bin/python3" \
    && ln -sfn "${RUNTIME_PYTHON}" "${PREFIX}/bin/python3" \
    && sed -i "s|^home = .*|home = ${RUNTIME_PYTHON%/*}|" "${PREFIX}/pyvenv.cfg"


FROM ${RUNTIME_IMAGE}

ARG PREFIX=/opt/source-proxy
ARG RUNTIME_IMAGE
ARG VERSION=0.1.0
ARG REVISION=""

LABEL org.opencontainers.image.title="pyroscope-source-proxy" \
      org.opencontainers.image.description="A reverse proxy between Grafana and Pyroscope that shows profiled code line by line" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"

# Bytecode is in the image, none is written; nothing is imported from the working directory.
ENV PATH="${PREFIX}/bin:${PATH}" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPYCACHEPREFIX="${PREFIX}/bytecode" \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    SOURCEPROXY_REVISION="${REVISION}"

COPY --from=builder ${PREFIX} ${PREFIX}

# A number, so that Kubernetes can tell that it is not root, and no entry in /etc/passwd is needed.
USER 10001:10001
EXPOSE 4041 4043
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python3", "-m", "proxy.healthcheck"]
ENTRYPOINT ["pyroscope-source-proxy"]
CMD ["serve"]
