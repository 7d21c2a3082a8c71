"""Manifests of a scenario's clusters: which files, in which order, and until their pods serve."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError, InputError, Refused
from simulator.files import inside, read_text
from simulator.scenario.listing import SUFFIXES, listed
from simulator.scenario.loading import Scenario
from simulator.world import World
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.reading import Document
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.scenario.spec import ClusterEntry

MOST_BYTES = 64 << 20
FIRST = ("Namespace", "CustomResourceDefinition")
"""Others lie in these, or are of these."""
SERVER_OWNED = (
    "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink",
    "deletionTimestamp", "deletionGracePeriodSeconds",
)  # fmt: skip
"""What a server writes into metadata: another server writes its own."""
MADE_BY_CLUSTERS = ("Node", "Event", "Endpoints", "EndpointSlice", "Lease", "ControllerRevision")


def portable(data: dict[str, Any]) -> dict[str, Any] | None:
    """An object that another cluster printed, without what that cluster itself wrote.

    None for what is made by a cluster, or by the owner of the object: it will be made again.
    """
    meta = data.get("metadata")
    if data.get("kind") in MADE_BY_CLUSTERS:
        return None
    if not isinstance(meta, dict):
        return data
    owners = meta.get("ownerReferences")
    if isinstance(owners, list) and any(
        isinstance(o, dict) and o.get("controller") for o in owners
    ):
        return None
    kept = {key: value for key, value in meta.items() if key not in SERVER_OWNED}
    rest = {key: value for key, value in data.items() if key != "status"}
    return {**rest, "metadata": kept}


class Manifests:
    """Applies the manifests of all clusters of a scenario."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        self.scenario = scenario
        self.world = world

    def apply(self, going: Callable[[], bool]) -> dict[str, None]:
        """Apply all, let time pass until pods serve; notes on what is kept but not modelled."""
        notes: dict[str, None] = {}
        for index, one in enumerate(self.scenario.spec.clusters):
            cluster = self.world.orchestras.get(one.name)
            for document, text in self._documents(one, index):
                notes |= self._one(cluster, one, document, text)
        for one in self.scenario.spec.clusters:
            if one.manifests:
                self._settle(self.world.orchestras.get(one.name), one.settle, going)
        return notes

    def _documents(self, one: ClusterEntry, index: int) -> list[tuple[Document, str]]:
        from simulator.cluster.kubernetes.api.reading import read

        found = []
        for number, word in enumerate(one.manifests):
            place = self.scenario.place("clusters", index, "manifests", number)
            path = inside(self.scenario.folder, word, place=place)
            files = [each for each in listed(path, word, recursive=True) if _is_ours(each[0])]
            if not files:
                raise InputError(
                    "no manifests", place=place, found=word,
                    expected=f"files that end in {', '.join(SUFFIXES)}",
                )  # fmt: skip
            for file, shown in files:
                text = read_text(file, limit_bytes=MOST_BYTES, within=self.scenario.folder)
                found += [(each, text) for each in read(text, shown)]
        return sorted(found, key=lambda pair: pair[0].data.get("kind") not in FIRST)

    def _one(
        self, cluster: Cluster, entry: ClusterEntry, document: Document, text: str
    ) -> dict[str, None]:
        from simulator.cluster.kubernetes.api.errors import ApiError
        from simulator.cluster.kubernetes.api.reading import place_of

        if "kind" not in document.data and "apiVersion" not in document.data:
            return {f"{document.file}: left out: no object of Kubernetes": None}
        data = portable(document.data)
        if data is None:
            return {}
        request = ApiRequest(
            cluster=cluster.name, verb="apply", namespace=entry.namespace, body=json.dumps(data)
        )
        try:
            self.world.apply(request)
        except DrydockError as error:
            reason = f"{error.reason}: " if isinstance(error, ApiError) else ""
            raise Refused(f"{place_of(text, document, ())}: {reason}{error}") from None
        kind = cluster.kinds.named(str(data.get("kind")))
        if kind is None or not kind.note:
            return {}
        return {f"{document.file}: not modelled: {kind.kind}: {kind.note}": None}

    def _settle(self, cluster: Cluster, limit_s: float, going: Callable[[], bool]) -> None:
        waits = partial(_unavailable, cluster)
        self.world.advance(self.world.now + limit_s, lambda: going() and waits())
        self.world.advance(self.world.now + cluster.network.proxies.endpoints.lag_s, going)


def _is_ours(path: Path) -> bool:
    """Whether a file may be a manifest: scenarios and kustomizations beside them are none."""
    return path.stem not in ("kustomization", "scenario")


def _unavailable(cluster: Cluster) -> bool:
    from simulator.cluster.kubernetes.objects.workloads import Deployment

    return any(_lacks(one) for one in cluster.store.all(Deployment))


def _lacks(one: Any) -> bool:
    status = one.status
    return bool(
        status.observed_generation < one.meta.generation
        or status.updated_replicas < one.spec.replicas
        or status.available_replicas < one.spec.replicas
    )
