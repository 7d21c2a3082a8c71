"""Who lists what is on a page of each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.look import host_pages, image_pages, kernels, processes
from simulator.look.pages import Listing, Place

if TYPE_CHECKING:
    from simulator.world.world import World

MAKERS: dict[str, Callable[[World, Place], Listing]] = {
    "hosts": host_pages.hosts,
    "kernels": kernels.kernels,
    "cgroups": kernels.cgroups,
    "container": processes.container,
    "stores": image_pages.stores,
    "images": image_pages.images,
    "layers": image_pages.layers,
    "files": image_pages.files,
    "build": image_pages.build,
}


def listing(world: World, place: Place) -> Listing:
    """All rows of a page; an error where what it is a page of is gone."""
    return MAKERS[place.kind](world, place)
