"""Dockerfiles as people write them, read as they should be."""

from __future__ import annotations

import textwrap

import pytest

from simulator.dockerfile import expand_heredoc, lint, parse, read_healthcheck, read_mounts

GO = """\
# syntax=docker/dockerfile:1.7
ARG GO_VERSION=1.22.5
ARG ALPINE_VERSION=3.20

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-alpine${ALPINE_VERSION} AS base
WORKDIR /src
RUN apk add --no-cache git ca-certificates tzdata
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=bind,source=go.sum,target=go.sum \\
    --mount=type=bind,source=go.mod,target=go.mod \\
    go mod download -x

FROM base AS test
RUN --mount=type=bind,target=. \\
    --mount=type=cache,target=/go/pkg/mod \\
    go test ./...

FROM base AS build
ARG TARGETOS TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/root/.cache/go-build \\
    --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=bind,target=. \\
    # static, so that it runs on scratch
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \\
    go build -trimpath -ldflags="-s -w -X main.version=$VERSION" -o /bin/server ./cmd/server

FROM scratch AS final
COPY --from=base /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=base --link /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build --chmod=755 /bin/server /server
USER 65532:65532
EXPOSE 8080 9090/tcp
ENTRYPOINT ["/server"]
CMD ["--listen", ":8080"]
"""

PYTHON = """\
FROM python:3.12-slim AS builder

ENV POETRY_VERSION=1.8.3 \\
    POETRY_NO_INTERACTION=1 \\
    POETRY_VIRTUALENVS_IN_PROJECT=true \\
    PIP_NO_CACHE_DIR=off \\
    PATH="/opt/poetry/bin:$PATH"

RUN pip install "poetry==${POETRY_VERSION}"

WORKDIR /app
COPY pyproject.toml poetry.lock ./
RUN --mount=type=cache,target=/root/.cache/pypoetry,sharing=locked \\
    poetry install --only main --no-root

COPY src ./src
RUN poetry install --only main

FROM python:3.12-slim
LABEL org.opencontainers.image.source="https://example.com/shop" \\
      org.opencontainers.image.title='Shop "API"'
RUN groupadd -g 1000 app && useradd -u 1000 -g app -m app
WORKDIR /app
COPY --from=builder --chown=app:app /app /app
ENV PATH="/app/.venv/bin:$PATH" PYTHONUNBUFFERED=1
USER app
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 \\
  CMD python -c "import urllib.request as u; u.urlopen('http://localhost:8000/health')" || exit 1
CMD ["gunicorn", "shop.main:app", "-k", "uvicorn.workers.UvicornWorker", "-b", "0.0.0.0:8000"]
"""

NODE = """\
FROM node:20-alpine AS deps
WORKDIR /usr/src/app
COPY package*.json ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev

FROM deps AS build
RUN npm ci
COPY . .
RUN npm run build

FROM node:20-alpine
ENV NODE_ENV production
WORKDIR /usr/src/app
COPY --from=0 /usr/src/app/node_modules ./node_modules
COPY --from=build --parents /usr/src/app/./dist /usr/src/app/./public ./
COPY --exclude=*.map --exclude=**/*.test.js dist/ ./extra/
USER node
EXPOSE 3000
STOPSIGNAL SIGINT
CMD node dist/server.js
"""

JAVA = """\
# escape=\\
FROM maven:3.9-eclipse-temurin-21 AS build
WORKDIR /build
COPY pom.xml .
RUN mvn -B -q dependency:go-offline
COPY src/ src/
RUN mvn -B -q package -DskipTests && \\
    java -Djarmode=layertools -jar target/*.jar extract --destination target/layers

FROM eclipse-temurin:21-jre
VOLUME ["/tmp", "/var/log/app"]
ARG LAYERS=/build/target/layers
COPY --from=build ${LAYERS}/dependencies/ ./
COPY --from=build ${LAYERS}/application/ ./
ENV JAVA_OPTS="-XX:MaxRAMPercentage=75 -Dfile.encoding=UTF-8"
ENTRYPOINT ["sh", "-c", "exec java $JAVA_OPTS org.springframework.boot.loader.launch.JarLauncher"]
"""

DEBIAN = """\
# syntax=docker/dockerfile:1
FROM debian:bookworm-slim
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN <<EOT
apt-get update
# comments inside belong to the script
apt-get install -y --no-install-recommends nginx \\
  curl
rm -rf /var/lib/apt/lists/*
EOT
ARG PORT=8080
COPY <<EOF /etc/nginx/conf.d/default.conf
server {
  listen ${PORT};
  location / { try_files \\$uri =404; }
}
EOF
COPY --chmod=0755 <<-'SH' /usr/local/bin/start
\t#!/bin/sh
\texec nginx -g "daemon off;" $@
\tSH
RUN <<-PY python3
\tprint("hello")
\tPY
ONBUILD COPY site/ /var/www/html/
CMD /usr/local/bin/start
"""

FILES = {"go": GO, "python": PYTHON, "node": NODE, "java": JAVA, "debian": DEBIAN}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_line_ends_make_no_difference(text):
    unix, windows = parse(text), parse(text.replace("\n", "\r\n"))
    assert [i.words for i in unix.instructions] == [i.words for i in windows.instructions]
    assert [i.line for i in unix.instructions] == [i.line for i in windows.instructions]


def test_a_go_service_in_four_stages():
    dockerfile = parse(GO)
    assert [stage.name for stage in dockerfile.stages] == ["base", "test", "build", "final"]
    assert [a.pairs[0][0] for a in dockerfile.global_args] == ["GO_VERSION", "ALPINE_VERSION"]
    assert dockerfile.stages[0].platform == "$BUILDPLATFORM"
    build = dockerfile.stage("build").instructions[-1]
    assert build.words[0].startswith("CGO_ENABLED=0 GOOS=$TARGETOS")
    assert "static" not in build.text
    assert [mount.type for mount in read_mounts(build)] == ["cache", "cache", "bind"]
    final = dockerfile.stages[-1].instructions
    assert [i.flag("from") for i in final if i.name == "COPY"] == ["base", "base", "build"]
    assert final[3].flag("chmod") == "755"
    assert lint(dockerfile) == []


def test_a_python_service_with_poetry():
    dockerfile = parse(PYTHON)
    env = dockerfile.stages[0].instructions[1]
    assert (env.line, env.end_line) == (3, 7)
    assert len(env.pairs) == 5
    assert env.pairs[-1] == ("PATH", '"/opt/poetry/bin:$PATH"', "=")
    label = dockerfile.stages[1].instructions[1]
    assert label.pairs[1] == ("org.opencontainers.image.title", "'Shop \"API\"'", "=")
    check = read_healthcheck(next(i for i in dockerfile.instructions if i.name == "HEALTHCHECK"))
    assert (
        check.interval_s,
        check.timeout_s,
        check.start_period_s,
        check.retries,
    ) == (30.0, 3.0, 10.0, 3)
    assert lint(dockerfile) == []


def test_a_node_service_with_habits_that_the_checks_know():
    dockerfile = parse(NODE)
    assert [stage.name for stage in dockerfile.stages] == ["deps", "build", None]
    copies = [i for i in dockerfile.stages[2].instructions if i.name == "COPY"]
    assert copies[2].flag_values("exclude") == ("*.map", "**/*.test.js")
    assert copies[1].has_flag("parents")
    assert copies[0].flag("from") == "0"
    assert [(finding.rule, finding.line) for finding in lint(dockerfile)] == [
        ("LegacyKeyValueFormat", 12),
        ("JSONArgsRecommended", 20),
    ]


def test_a_java_service_with_layers():
    dockerfile = parse(JAVA)
    run = dockerfile.stages[0].instructions[-1]
    assert "&&     java -Djarmode=layertools" in run.words[0]
    assert dockerfile.stages[1].instructions[1].words == ("/tmp", "/var/log/app")
    assert lint(dockerfile) == []


def test_a_debian_image_with_scripts_inside():
    dockerfile = parse(DEBIAN)
    names = [i.name for i in dockerfile.instructions]
    assert names == ["FROM", "SHELL", "RUN", "ARG", "COPY", "COPY", "RUN", "ONBUILD", "CMD"]
    _, _, install, _, config, script, python, onbuild, _ = dockerfile.instructions
    assert "# comments inside belong to the script" in install.heredocs[0].content
    assert "no-install-recommends nginx \\\n  curl\n" in install.heredocs[0].content
    expanded = expand_heredoc(config.heredocs[0].text, {"PORT": "8080"})
    assert "listen 8080;" in expanded
    assert "try_files $uri" in expanded
    assert script.heredocs[0].text == '#!/bin/sh\nexec nginx -g "daemon off;" $@\n'
    assert python.words == ("<<-PY python3",)
    assert onbuild.child.name == "COPY"
    assert lint(dockerfile) == []


def test_indented_text_from_a_python_string_reads_the_same():
    indented = textwrap.indent(NODE, "    ")
    assert [i.words for i in parse(NODE).instructions] == [
        i.words for i in parse(indented).instructions
    ]
