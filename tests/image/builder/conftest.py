from __future__ import annotations

import pytest

from simulator.dockerfile import parse
from simulator.image.builder import BuildCache, plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext


class Builder:
    """Builds Dockerfiles with one cache, as a machine does."""

    def __init__(self):
        self.cache = BuildCache()

    def __call__(self, text, files=None, **options):
        context = (
            files if isinstance(files, BuildContext) else BuildContext.from_mapping(files or {})
        )
        resolve = options.pop("resolve", Catalogue.load().resolve)
        built = plan(parse(text), context, resolve=resolve, cache=self.cache, **options)
        self.cache.learn(built)
        return built


@pytest.fixture
def build():
    return Builder()
