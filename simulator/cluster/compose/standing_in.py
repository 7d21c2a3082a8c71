"""Images that nobody here has, and what a container of one that stands in for them does.

A real file names images of which the catalogue knows neither programs nor tests of health. Another
image stands in with its layers; its container is a server on the ports of its service, healthy
while it runs, or a job that ends well where others wait for its end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from simulator.cluster.compose.project import COMPLETED, HEALTHY, dependencies
from simulator.image.model import Image
from simulator.image.workload import EXITS_AT_ONCE, infer_workload
from simulator.node.spec import ContainerSpec
from simulator.units import parse_bytes

LABEL = "drydock.stands-in"
"""On an image that stands in for another: the name of the one whose layers it has."""
_UNKNOWN = ("/program-of-an-unknown-image",)


def standing_in(image: Image, like: str) -> Image:
    """The image that stands in: the layers of ``like``, and the mark that it does."""
    config = replace(image.config.with_labels({LABEL: like}), exposed_ports=(), healthcheck=None)
    return Image.of(config, image.layers, image.history, image.platform)


def stands_in(image: Image) -> bool:
    """Whether an image stands in for one that nobody has."""
    return image.config.label(LABEL) is not None


def _serves(image: Image, limit_bytes: int | None) -> str:
    """A server of no particular kind, which fits into the memory that its author gives it."""
    words = infer_workload(image, _UNKNOWN).split()
    for at, word in enumerate(words):
        key, _, size = word.partition("=")
        if key == "memory" and limit_bytes:
            words[at] = f"memory={min(parse_bytes(size), limit_bytes // 2)}B"
    return " ".join(words)


def adjusted(
    spec: ContainerSpec, image: Image, services: dict[str, Any], name: str, *, carried_out: bool
) -> ContainerSpec:
    """A specification of a service whose image stands in for another: what is not known of that
    image is taken to do what its service needs.

    ``carried_out``: it is a command that a person gives, which is done as far as it can be.
    """
    awaited = {(dependencies(one).get(name) or {}).get("condition") for one in services.values()}
    user = spec.user or ""
    changes: dict[str, Any] = {
        "user": user if user.replace(":", "").isdigit() else None,
        "group_add": tuple(one for one in spec.group_add if one.isdigit()),
    }
    if not carried_out:
        ends = COMPLETED in awaited
        changes["workload"] = EXITS_AT_ONCE if ends else _serves(image, spec.memory_bytes)
    if spec.health_cmd or (HEALTHY in awaited and not spec.no_healthcheck):
        changes["health_cmd"] = "true"
    return msgspec.structs.replace(spec, **changes)
