"""The published cache rules of BuildKit, as build sequences."""

from __future__ import annotations

from conformance_tables import each_case

from simulator.dockerfile import Dockerignore, parse
from simulator.image.builder import BuildCache, plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext, ContextFile
from simulator.image.digests import sha256_of
from simulator.image.model import FileEntry, Image, Layer

TOOLS = Layer.of([FileEntry("/usr/bin/make", 1, 0o755)])


def resolve(reference, platform):
    """The catalogue's image with a make: the tables run one where the real image has none."""
    image = Catalogue.load().resolve(reference, platform)
    return Image.of(image.config, (*image.layers, TOOLS), image.history, platform)


def context_of(build):
    def one(file):
        data = file["content"].encode()
        return ContextFile(len(data), sha256_of(data), int(file["mode"], 8), file["content"])

    files = build["context"]
    context = BuildContext.from_mapping({path: one(file) for path, file in files.items()})
    ignore = build["dockerignore"]
    return context if ignore is None else context.without(Dockerignore.parse(ignore))


@each_case("dockerfile_cache")
def test_the_cache_decides_as_the_published_table_says(case):
    cache = BuildCache()
    for build, expected in zip(case["builds"], case["expect"]["builds"], strict=True):
        built = plan(
            parse(build["dockerfile"]),
            context_of(build),
            resolve=resolve,
            cache=cache,
            args=build["build_args"],
            no_cache=build["no_cache"] or False,
            secrets=build["secrets"],
        )
        cache.learn(built)
        assert built.failure is None
        steps = [step for step in built.numbered if step.instruction != "FROM"]
        steps.sort(key=lambda step: (step.stage_index, step.number))
        got = [
            {
                "stage": step.stage,
                "instruction": step.text,
                "status": "cached" if step.cached else "run",
            }
            for step in steps
        ]
        for one, wanted in zip(got, expected, strict=True):
            if wanted["status"] is None:
                one["status"] = None
        assert expected == got
