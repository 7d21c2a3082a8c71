"""Claims of StatefulSets: one of each template for each pod, kept or deleted with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.crew import owner_of
from simulator.cluster.kubernetes.objects.meta import Custom, Meta, Owner
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.workloads import StatefulSet
from simulator.cluster.kubernetes.server.server import Server

CLAIM = "PersistentVolumeClaim"


class Claims:
    """Makes claims and says who owns them."""

    def __init__(self, server: Server, source: str) -> None:
        self.server = server
        self.source = source

    def make(self, one: StatefulSet, number: int) -> None:
        """The claims of a pod that is about to be made; those that are there stay."""
        pod = f"{one.name}-{number}"
        for wanted in one.spec.volume_claim_templates:
            name = claim_name(wanted, one, number)
            if self.server.store.find(CLAIM, one.namespace, name) is not None:
                continue
            self.server.create(_claim(one, wanted, name))
            text = f"create Claim {name} Pod {pod} in StatefulSet {one.name} success"
            self.server.recorder.event(one, "Normal", "SuccessfulCreate", text, self.source)

    def volumes(self, one: StatefulSet, number: int) -> list[dict[str, Any]]:
        """The volumes by which a pod uses its claims."""
        return [
            {
                "name": wanted["metadata"]["name"],
                "persistentVolumeClaim": {"claimName": claim_name(wanted, one, number)},
            }
            for wanted in one.spec.volume_claim_templates
        ]

    def keep(self, one: StatefulSet, pods: Mapping[int, Pod]) -> None:
        """Who owns the claims of its pods: what it owns goes with it (``whenDeleted``), what a
        pod beyond the wanted ones owns goes with that (``whenScaled``)."""
        policy = one.spec.persistent_volume_claim_retention_policy
        if not one.spec.volume_claim_templates:
            return
        if (policy.when_deleted, policy.when_scaled) == ("Retain", "Retain"):
            return
        start, count = one.spec.ordinals.start, one.spec.replicas
        for number, pod in pods.items():
            owners: tuple[Owner, ...] = ()
            if policy.when_scaled == "Delete" and not start <= number < start + count:
                owners = (replace(owner_of(pod), api_version="v1"),)
            elif policy.when_deleted == "Delete":
                owners = (owner_of(one),)
            for wanted in one.spec.volume_claim_templates:
                self._own(one, claim_name(wanted, one, number), owners)

    def _own(self, one: StatefulSet, name: str, owners: tuple[Owner, ...]) -> None:
        claim = self.server.store.find(CLAIM, one.namespace, name)
        if claim is not None and claim.meta.owners != owners:
            self.server.update(replace(claim, meta=replace(claim.meta, owners=owners)))


def claim_name(wanted: Mapping[str, Any], one: StatefulSet, number: int) -> str:
    """``data-web-0``."""
    return f"{wanted['metadata']['name']}-{one.name}-{number}"


def _claim(one: StatefulSet, wanted: Mapping[str, Any], name: str) -> Custom:
    said = wanted.get("metadata") or {}
    labels = {**(said.get("labels") or {}), **one.spec.selector.match_labels}
    meta = Meta(name, one.namespace, labels=labels, annotations=said.get("annotations") or {})
    return Custom(
        kind=CLAIM, api_version="v1", meta=meta, data={"spec": wanted.get("spec") or {}},
        status={"phase": "Pending"},
    )  # fmt: skip
