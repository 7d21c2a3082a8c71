"""``drydock build`` on real folders, as their owners would try it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.cli import main

BAD = """\
FROM python:3.12
ADD . /app
WORKDIR /app
RUN apt-get update
RUN apt-get install -y gcc libpq-dev
RUN pip install -r requirements.txt
CMD python app/main.py
"""

ORDERS = """\
# syntax=docker/dockerfile:1.7
ARG PYTHON_VERSION=3.12

FROM node:22-alpine AS frontend
WORKDIR /ui
RUN corepack enable
COPY ui/package.json ui/pnpm-lock.yaml ./
RUN --mount=type=cache,id=pnpm,target=/pnpm/store pnpm install --frozen-lockfile
COPY ui/ ./
RUN pnpm build

FROM python:${PYTHON_VERSION}-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \\
    PIP_NO_CACHE_DIR=1 \\
    VENV=/opt/venv
ENV PATH="$VENV/bin:$PATH"
RUN set -eux; \\
    apt-get update; \\
    apt-get install -y --no-install-recommends libpq5 ca-certificates tini; \\
    rm -rf /var/lib/apt/lists/*

FROM base AS builder
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\
    apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev
RUN python -m venv $VENV
COPY requirements/base.txt requirements/prod.txt /tmp/requirements/
RUN --mount=type=cache,target=/root/.cache/pip \\
    --mount=type=secret,id=pip_conf,target=/etc/pip.conf \\
    pip install -r /tmp/requirements/prod.txt
COPY pyproject.toml README.md /src/
COPY service /src/service
RUN pip install --no-deps /src

FROM builder AS test
COPY tests /src/tests
RUN pip install pytest && pytest -q /src/tests

FROM base AS runtime
ARG GIT_SHA=unknown
LABEL org.opencontainers.image.revision=$GIT_SHA
RUN groupadd -r app -g 10001 && useradd -r -g app -u 10001 -m -d /home/app app
WORKDIR /srv
COPY --from=builder --chown=app:app /opt/venv /opt/venv
COPY --from=frontend --chown=app:app /ui/dist /srv/static
COPY --chown=app:app config/gunicorn.conf.py /srv/config/
COPY --chmod=755 <<'SH' /usr/local/bin/entrypoint.sh
#!/bin/sh
set -e
exec "$@"
SH
USER app
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s CMD ["python", "-c", "print()"]
ENTRYPOINT ["tini", "--", "entrypoint.sh"]
CMD ["gunicorn", "-c", "/srv/config/gunicorn.conf.py", "service.wsgi"]
"""

SHIPPING = """\
# syntax=docker/dockerfile:1
ARG GO_VERSION=1.22

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS deps
WORKDIR /src
ENV CGO_ENABLED=0 GOFLAGS=-trimpath
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \\
    go mod download -x

FROM deps AS build
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
COPY cmd cmd
COPY internal internal
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build <<EOT
set -e
for name in server worker; do
  GOOS=$TARGETOS GOARCH=$TARGETARCH go build -ldflags "-s -w" -o /out/$name ./cmd/$name
done
EOT

FROM build AS lint
RUN go vet ./...

FROM eclipse-temurin:21-jdk AS reports
WORKDIR /reports
COPY reports/pom.xml .
COPY reports/src src
RUN apt-get update && apt-get install -y --no-install-recommends maven && \\
    mvn -B -q package -DskipTests && rm -rf /root/.m2

FROM debian:bookworm-slim AS certs
RUN apt-get update \\
 && apt-get install -y --no-install-recommends ca-certificates tzdata \\
 && rm -rf /var/lib/apt/lists/*

FROM gcr.io/distroless/static-debian12:nonroot AS server
COPY --from=certs /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=certs /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /out/server /server
COPY migrations /migrations
USER nonroot:nonroot
EXPOSE 8080 9090
ENTRYPOINT ["/server"]

FROM eclipse-temurin:21-jre AS all
COPY --from=reports /reports/target /opt/reports
COPY --from=build /out /usr/local/bin
ENTRYPOINT ["/usr/local/bin/worker"]
"""


def folder(root: Path, dockerfile: str, files: dict[str, str]) -> Path:
    for name, text in {"Dockerfile": dockerfile, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def orders(tmp_path):
    return folder(
        tmp_path, ORDERS,
        {
            "ui/package.json": '{"scripts": {"build": "vite build"}}',
            "ui/pnpm-lock.yaml": "", "ui/src/main.ts": "x", "requirements/base.txt": "django\n",
            "requirements/prod.txt": "-r base.txt\ngunicorn\npsycopg2\n", "README.md": "hi",
            "pyproject.toml": "[project]\nname = 'service'\n", "service/wsgi.py": "x",
            "service/models.py": "x", "tests/test_a.py": "x", "config/gunicorn.conf.py": "x",
        },
    )  # fmt: skip


@pytest.fixture
def shipping(tmp_path):
    return folder(
        tmp_path, SHIPPING,
        {
            "go.mod": "module shipping\n", "go.sum": "", "cmd/server/main.go": "package main",
            "cmd/worker/main.go": "package main", "internal/store.go": "package internal",
            "reports/pom.xml": "<project/>", "reports/src/main/java/R.java": "class R {}",
            "migrations/1.sql": "create table a(b int);",
        },
    )  # fmt: skip


@pytest.fixture
def bad(tmp_path):
    return folder(
        tmp_path, BAD,
        {
            "requirements.txt": "flask==3.0\npsycopg2==2.9\npandas\n", "app/main.py": "print(1)",
            ".git/objects/pack": "x" * 9_000_000, ".env": "KEY=1\n",
        },
    )  # fmt: skip


def document(capsys, *words):
    assert main(["build", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_production_service_in_python_is_built(orders, capsys):
    assert main(["build", str(orders)]) == 0
    out = capsys.readouterr().out
    assert "[frontend 7/7] RUN pnpm build" in out
    assert "stages not needed: test" in out
    assert re.search(r"^rebuild after a change of service/models.py", out, re.MULTILINE)
    found = document(capsys, str(orders))
    assert 120e6 < found["image"]["size_bytes"] < 250e6  # no compiler, no node
    assert found["rebuild_s"] < found["total_s"] / 4


def test_a_production_service_in_go_and_java_is_built_stage_by_stage(shipping, capsys):
    small = document(capsys, str(shipping), "--target", "server")
    assert small["image"]["size_bytes"] < 60e6
    assert not any("mvn" in step["title"] for step in small["steps"])
    whole = document(capsys, str(shipping))
    assert any("maven" in step["title"] for step in whole["steps"])
    starts = {step["title"].split()[0]: step["start_s"] for step in reversed(whole["steps"])}
    assert starts["[reports"] == starts["[deps"] == 0  # beside each other, on two cores
    arm = document(capsys, str(shipping), "--target", "server", "--platform", "linux/arm64")
    assert arm["total_s"] == pytest.approx(small["total_s"])  # cross-compiled, not emulated


def test_following_only_the_advice_makes_a_service_small_and_quick_to_rebuild(bad, capsys):
    before = document(capsys, str(bad))
    for _ in range(12):
        now = document(capsys, str(bad))
        useful = [one for one in now["advice"] if one["rewritten"] or one["dockerignore"]]
        if not useful:
            break
        if useful[0]["rewritten"]:
            (bad / "Dockerfile").write_text(useful[0]["rewritten"])
        else:
            with (bad / ".dockerignore").open("a") as ignored:
                ignored.write(useful[0]["dockerignore"] + "\n")
    after = document(capsys, str(bad))
    assert not [one for one in after["advice"] if one["rewritten"]]
    assert after["image"]["size_bytes"] < before["image"]["size_bytes"] / 5
    assert after["rebuild_s"] < before["rebuild_s"] / 20


def test_one_piece_of_advice_is_printed_as_a_whole_dockerfile(bad, capsys):
    assert main(["build", str(bad), "--advice", "2"]) == 0
    assert capsys.readouterr().out.startswith("FROM python:3.12-slim\n")
    assert main(["build", str(bad), "--advice", "99"]) == 2
    assert "no such advice: found 99" in capsys.readouterr().err


def test_a_step_that_fails_ends_with_two_and_shows_its_line(tmp_path, capsys):
    path = folder(tmp_path, "FROM alpine\nRUN make all\n", {})
    assert main(["build", str(path)]) == 2
    printed = capsys.readouterr()
    assert "   2 | >>> RUN make all" in printed.out
    assert "exit code: 127" in printed.err


def test_the_edited_file_can_be_chosen(orders, capsys):
    found = document(capsys, str(orders), "--edit", "requirements/prod.txt")
    assert found["rebuild_after_change_of"] == "requirements/prod.txt"
    assert main(["build", str(orders), "--edit", "service/wsgy.py"]) == 2
    assert "did you mean 'service/wsgi.py'?" in capsys.readouterr().err


def test_a_file_that_asks_for_it_ends_with_two_on_warnings(tmp_path, capsys):
    path = folder(tmp_path, "# check=error=true\nFROM alpine as base\n", {})
    assert main(["build", str(path)]) == 2
    assert "lint violation found for rules: FromAsCasing" in capsys.readouterr().err


def test_a_secret_that_a_step_requires_is_missed(tmp_path, capsys):
    (tmp_path / "Dockerfile").write_text(
        "FROM alpine\nRUN --mount=type=secret,id=token,required cat /run/secrets/token\n"
    )
    folder = str(tmp_path)
    assert main(["build", folder]) == 2
    assert "secret token: not found: expected --secret id=token" in capsys.readouterr().err
    assert main(["build", "--secret", "id=token", folder]) == 0
    assert main(["build", "--secret", "id=token,src=/nowhere", folder]) == 2
    assert "failed to stat /nowhere" in capsys.readouterr().err


def test_what_is_assumed_is_told_step_by_step(tmp_path, capsys):
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN unheard-of\nRUN rm /x\n")
    assert main(["build", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "  line 2: unheard-of: unknown command, 5 s assumed ('# drydock: time=5s" in out


def test_a_base_that_another_tag_stands_in_for_is_told_once_in_both_forms(tmp_path, capsys):
    stages = (
        "FROM python:3.11.9-slim AS a\nRUN touch /x\nFROM python:3.11.9-slim\nCOPY --from=a /x /x\n"
    )
    (tmp_path / "Dockerfile").write_text(stages)
    note = "python:3.11.9-slim is not in the catalogue; taken as python:3.11-slim, sizes may differ"
    assert document(capsys, str(tmp_path))["notes"] == [note]
    main(["build", str(tmp_path)])
    assert capsys.readouterr().out.count(note) == 1
