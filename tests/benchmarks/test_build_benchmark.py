"""How long builds take to decide. Run with --benchmark-only."""

from __future__ import annotations

import pytest

from simulator.dockerfile import parse
from simulator.image.builder import BuildCache, plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext


def rebuild(text, context):
    """A function that decides a build whose steps are all in the cache."""
    resolve, cache, dockerfile = Catalogue.load().resolve, BuildCache(), parse(text)
    cache.learn(plan(dockerfile, context, resolve=resolve, cache=cache))
    return lambda: plan(dockerfile, context, resolve=resolve, cache=cache)


@pytest.mark.benchmark(group="build")
def test_rebuild_of_200_cached_steps(benchmark):
    """Target: 50 ms."""
    lines = [f"RUN echo {n} > /f{n}" if n % 4 else f"COPY f{n}.txt /app/" for n in range(198)]
    context = BuildContext.from_mapping({f"f{n}.txt": "x" for n in range(0, 198, 4)})
    text = "FROM python:3.12-slim\nWORKDIR /app\n" + "\n".join(lines)
    built = benchmark(rebuild(text, context))
    assert built.cached_steps == 199


@pytest.mark.benchmark(group="build")
def test_rebuild_with_a_context_of_50000_files(benchmark):
    files = {f"d{n // 100}/f{n}.txt": f"{n}" for n in range(50_000)}
    context = BuildContext.from_mapping(files)
    built = benchmark(rebuild("FROM alpine\nCOPY . /app\n", context))
    assert built.cached_steps == 1
