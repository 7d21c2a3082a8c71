"""Dockerfiles as projects really write them: built, rebuilt, and of a sensible size."""

from __future__ import annotations

import pytest

DJANGO = """\
# syntax=docker/dockerfile:1
ARG PYTHON_VERSION=3.12
FROM python:${PYTHON_VERSION}-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \\
    PYTHONDONTWRITEBYTECODE=1 \\
    PIP_DISABLE_PIP_VERSION_CHECK=1

FROM node:22-alpine AS assets
WORKDIR /ui
COPY ui/package.json ui/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY ui/ ./
RUN if [ -f vite.config.js ]; then npm run build; else echo "no config" && exit 1; fi

FROM base AS wheels
RUN apt-get update \\
    && apt-get install -y --no-install-recommends \\
        # compilers for packages without wheels
        build-essential \\
        libpq-dev \\
    && rm -rf /var/lib/apt/lists/*
WORKDIR /wheels
COPY requirements/ requirements/
ARG ENVIRONMENT=production
RUN --mount=type=cache,target=/root/.cache/pip \\
    pip wheel --wheel-dir /wheels -r requirements/${ENVIRONMENT}.txt

FROM base AS final
ARG APP_HOME=/srv/app
RUN addgroup --system app && adduser --system --ingroup app app
RUN set -eux; \\
    apt-get update; \\
    apt-get install -y --no-install-recommends libpq5 gettext; \\
    apt-get clean; \\
    rm -rf /var/lib/apt/lists/*
WORKDIR ${APP_HOME}
COPY --from=wheels /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links=/wheels /wheels/* && rm -rf /wheels
COPY --chown=app:app deploy/entrypoint.sh /entrypoint.sh
RUN sed -i 's/\\r$//' /entrypoint.sh && chmod +x /entrypoint.sh
COPY --chown=app:app . .
COPY --from=assets --chown=app:app /ui/dist ./static/ui
RUN SECRET=x python manage.py collectstatic --noinput
USER app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=2s \\
    CMD python -c "import urllib.request as u; u.urlopen('http://localhost:8000')"
ENTRYPOINT ["/entrypoint.sh"]
CMD ["gunicorn", "--workers=4", "--bind=0.0.0.0:8000", "config.wsgi"]
"""

SHOP = """\
# syntax=docker/dockerfile:1
ARG GO_VERSION=1.23
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-alpine AS base
RUN apk add --no-cache ca-certificates git tzdata
WORKDIR /src
ENV CGO_ENABLED=0
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download

FROM base AS api
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
COPY cmd/api cmd/api
COPY internal internal
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath \\
        -ldflags="-s -w -X main.version=${VERSION}" -o /out/api ./cmd/api

FROM base AS worker
ARG TARGETOS TARGETARCH
COPY cmd/worker cmd/worker
COPY internal internal
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    go build -o /out/worker ./cmd/worker

FROM base AS test
COPY . .
RUN go test ./...

FROM node:22-slim AS web
ENV PNPM_HOME="/pnpm"
ENV PATH="$PNPM_HOME:$PATH"
RUN corepack enable
WORKDIR /web
COPY web/package.json web/pnpm-lock.yaml ./
RUN --mount=type=cache,id=pnpm,target=/root/.local/share/pnpm/store pnpm install --frozen-lockfile
COPY web/ .
RUN pnpm run build

FROM scratch AS shop
COPY --from=base /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=base /etc/passwd /etc/passwd
COPY --link --from=api /out/api /bin/api
COPY --link --from=worker /out/worker /bin/worker
COPY --link --from=web /web/dist /srv/web
COPY <<-CONFIG /etc/shop.yaml
	listen: ":8080"
	static: /srv/web
CONFIG
USER 65534:65534
EXPOSE 8080
ENTRYPOINT ["/bin/api"]
CMD ["--config", "/etc/shop.yaml"]
"""

PROJECTS = {
    "django": (
        DJANGO,
        {
            "requirements/base.txt": "django==5.1\npsycopg2\nredis\ncelery\n",
            "requirements/production.txt": "-r base.txt\ngunicorn\n",
            "ui/package.json": '{"dependencies": {"vue": "3"}}',
            "ui/package-lock.json": 90_000,
            "ui/vite.config.js": "export default {}",
            "ui/src/main.js": "import 'vue'",
            "deploy/entrypoint.sh": '#!/bin/sh\nexec "$@"\n',
            "manage.py": "print()",
            "config/wsgi.py": "application = None",
        },
        "config/wsgi.py",
        (120, 300),
    ),
    "shop": (
        SHOP,
        {
            "go.mod": "module shop",
            "go.sum": 24_000,
            "cmd/api/main.go": "package main",
            "cmd/worker/main.go": "package main",
            "internal/cart.go": "package internal",
            "web/package.json": "{}",
            "web/pnpm-lock.yaml": 60_000,
            "web/src/app.ts": "let x = 1",
        },
        "cmd/worker/main.go",
        (20, 80),
    ),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_of_production_size_builds(build, name):
    text, files, _, (least, most) = PROJECTS[name]
    built = build(text, files, cores=4)
    assert built.failure is None
    assert least * 1e6 < built.image.size_bytes < most * 1e6
    assert 10 < built.total_s < 120
    assert built.total_s < built.work_s


@pytest.mark.parametrize("name", PROJECTS)
def test_rebuilding_after_an_edit_runs_only_what_depends_on_it(build, name):
    text, files, edited, _ = PROJECTS[name]
    first = build(text, files)
    again = build(text, files | {edited: "changed"})
    assert again.total_s < 0.5 * first.total_s
    ran = [one for one in again.numbered if not one.reason.hit]
    assert 0 < len(ran) < 0.35 * len(again.numbered)


def test_the_stage_with_the_tests_is_built_only_on_demand(build):
    text, files, _, _ = PROJECTS["shop"]
    assert build(text, files).skipped_stages == ("test",)
    assert build(text, files, target="test").stages == ("base", "test")
