"""Following advice brings what it says: no larger image, no slower rebuild."""

from __future__ import annotations

import pytest

from simulator.dockerfile import parse
from simulator.image.advice import advise
from simulator.image.advice.measure import _Trial
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext

RESOLVE = Catalogue.load().resolve
MAVEN = """\
FROM maven:3.9-eclipse-temurin-21
WORKDIR /app
COPY pom.xml .
RUN mvn dependency:go-offline
COPY src src
RUN mvn package
CMD ["java", "-jar", "target/app.jar"]
"""
NODE = """\
FROM node:22
WORKDIR /app
COPY . .
RUN npm install
RUN chmod 755 /app/big.bin && npm run build
RUN adduser --disabled-password web && chown -R web:web /app
USER web
CMD ["node", "dist/main.js"]
"""
GO = "FROM golang:1.22\nWORKDIR /s\nCOPY . .\nRUN go mod download\nRUN go build -o /s/web\n"
RUST = "FROM rust:1.80\nWORKDIR /s\nCOPY . .\nRUN cargo fetch\nRUN cargo build --release\n"
PYTHON = """\
FROM python:3.12
COPY . /srv
WORKDIR /srv
RUN apt-get update && apt-get install -y build-essential
RUN pip install -r requirements.txt
COPY big.bin /srv/models/
RUN useradd app
RUN chown app /srv/models/big.bin
"""
FILES = {
    "pom.xml": "<project/>", "src/Main.java": "class Main {}", "package.json": "{}", "a.py": "x",
    "go.mod": "module a/b\n", "go.sum": 19_000, "main.go": "package main", "index.js": "x",
    "big.bin": 40_000_000, "Cargo.toml": 'name = "web"', "Cargo.lock": 21_000,
    "requirements.txt": "pandas\n",
}  # fmt: skip


def found(text):
    context = BuildContext.from_mapping(FILES)
    return advise(text, context, pull_bytes_s=25e6, resolve=RESOLVE)


def rewritten(text, kind):
    return next(one.rewritten for one in found(text) if one.kind == kind)


@pytest.mark.parametrize("text", [MAVEN, NODE, GO, RUST, PYTHON])
def test_following_advice_brings_what_it_says_and_nothing_worse(text):
    context = BuildContext.from_mapping(FILES)
    trial = _Trial(context, "Dockerfile", {"resolve": RESOLVE})
    now = trial.metrics(parse(text), context)
    for one in found(text):
        if one.rewritten is None:
            continue
        then = trial.metrics(parse(one.rewritten), context)
        assert now.size_bytes - then.size_bytes == one.saves_bytes
        assert now.build_s - then.build_s == pytest.approx(one.saves_build_s)
        gains = (now.rebuild_s - then.rebuild_s, now.manifest_s - then.manifest_s)
        assert min(gains) >= min(one.saves_rebuild_s, 0) - 0.2


def test_an_account_is_made_before_the_files_that_it_owns():
    lines = rewritten(NODE, "chown").split("\n")
    made = next(at for at, line in enumerate(lines) if "adduser" in line)
    copied = next(at for at, line in enumerate(lines) if line.startswith("COPY --chown=web:web"))
    assert made < copied
    assert "chown -R" not in "\n".join(lines)


def test_an_account_of_another_step_moves_up_too():
    lines = rewritten(PYTHON, "again-chown").split("\n")
    assert lines.index("RUN useradd app") < lines.index("COPY --chown=app big.bin /srv/models/")


def test_an_account_is_not_torn_out_of_a_step_that_does_more():
    text = NODE.replace("RUN adduser", "RUN npm test && adduser")
    assert "chown" not in {one.kind for one in found(text)}


def test_a_cache_is_mounted_in_every_step_of_its_tool():
    mounts = [one.rewritten.count("--mount=type=cache,target=/root/.m2") for one in found(MAVEN)
              if one.kind == "cache-mount"]  # fmt: skip
    assert set(mounts) <= {1, 2}
    assert all(one.saves_rebuild_s > 0 for one in found(MAVEN) if one.kind == "cache-mount")
