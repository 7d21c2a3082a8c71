"""The ReplicaSets of Deployments: one for each template that pods had, made, numbered, scaled."""

from __future__ import annotations

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers import progress
from simulator.cluster.kubernetes.controllers.crew import owner_of
from simulator.cluster.kubernetes.controllers.histories import (
    DESIRED,
    HASH,
    HISTORY,
    MOST,
    NOT_COPIED,
    REVISION,
    revision,
    selector_data,
    template_hash,
)
from simulator.cluster.kubernetes.controllers.rolling import fenceposts, new_replicas
from simulator.cluster.kubernetes.objects.meta import Key, Meta
from simulator.cluster.kubernetes.objects.workloads import (
    Deployment,
    PodTemplate,
    ReplicaSet,
    ReplicaSetSpec,
    TemplateMeta,
)
from simulator.cluster.kubernetes.server.scaling import with_replicas
from simulator.cluster.kubernetes.server.server import Server

SOURCE = "deployment-controller"


def posts(one: Deployment) -> tuple[int, int]:
    """Surge and unavailable in pods."""
    if one.spec.strategy.type == "Recreate":
        return 0, 0
    rolling = one.spec.strategy.rolling_update
    surge, unavailable = fenceposts(rolling.max_surge, rolling.max_unavailable, one.spec.replicas)
    return surge, min(unavailable, one.spec.replicas)


class Sets:
    """The sets of all Deployments, and every write to them."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._hashes: dict[Key, tuple[PodTemplate, str]] = {}
        """What tells the pods of a Deployment's template from others, as long as it has it."""

    def forget(self, key: Key) -> None:
        """A Deployment is gone."""
        self._hashes.pop(key, None)

    def of(self, one: Deployment) -> list[ReplicaSet]:
        """Its ReplicaSets, the oldest first."""
        owned = self.server.store.owned(ReplicaSet, one.meta.uid).values()
        if len(owned) < 2:
            return list(owned)
        return sorted(owned, key=lambda each: (each.meta.created, revision(each)))

    def newest(self, one: Deployment, sets: list[ReplicaSet]) -> ReplicaSet | None:
        """The ReplicaSet of the template that is wanted now."""
        wanted = self.word(one)
        return next((each for each in sets if each.meta.labels.get(HASH) == wanted), None)

    def word(self, one: Deployment) -> str:
        """What tells the pods of its template from others."""
        known = self._hashes.get(one.key)
        if known is None or known[0] is not one.spec.template:
            template = one.spec.template
            known = self._hashes[one.key] = template, template_hash(template)
        return known[1]

    def ensure(self, one: Deployment, new: ReplicaSet | None, sets: list[ReplicaSet]) -> ReplicaSet:
        """The newest ReplicaSet, with the highest revision; it is made where there is none."""
        highest = max((revision(each) for each in sets if each is not new), default=0) + 1
        if new is None:
            return self._make(one, sets, highest)
        number = max(revision(new), highest)
        wanted = self._annotations(one, new, number)
        if dict(new.meta.annotations) != wanted:
            new = self.server.update(replace(new, meta=replace(new.meta, annotations=wanted)))
        self._number(one, number)
        return new

    def _make(self, one: Deployment, sets: list[ReplicaSet], number: int) -> ReplicaSet:
        word = self.word(one)
        surge, _ = posts(one)
        everything = sum(each.spec.replicas for each in sets)
        kind = one.spec.strategy.type
        replicas = new_replicas(kind, one.spec.replicas, surge, everything, 0)
        made = self.server.create(self._set(one, word, replicas, number))
        self._number(one, number)
        progress.created(self.server, one, made)
        if replicas:
            self._say_scaled(one, made, 0, replicas)
        return made

    def _set(self, one: Deployment, word: str, replicas: int, number: int) -> ReplicaSet:
        template = one.spec.template
        labels = {**template.metadata.labels, HASH: word}
        selector = replace(
            one.spec.selector, match_labels={**one.spec.selector.match_labels, HASH: word}
        )
        inner = PodTemplate(TemplateMeta(labels, template.metadata.annotations), template.spec)
        spec = ReplicaSetSpec(replicas, selector, inner, one.spec.min_ready_seconds)
        meta = Meta(
            f"{one.name}-{word}",
            one.namespace,
            labels=labels,
            annotations=self._annotations(one, None, number),
            owners=(owner_of(one),),
        )
        said = {
            "replicas": replicas,
            "selector": selector_data(selector),
            "template": {
                **one.data["spec"]["template"],
                "metadata": {**one.data["spec"]["template"].get("metadata", {}), "labels": labels},
            },
        }
        return ReplicaSet(
            kind="ReplicaSet", api_version="apps/v1", meta=meta, data={"spec": said}, spec=spec
        )

    def _annotations(self, one: Deployment, new: ReplicaSet | None, number: int) -> dict[str, str]:
        kept = {} if new is None else dict(new.meta.annotations)
        mine = {word: text for word, text in one.meta.annotations.items() if word not in NOT_COPIED}
        surge, _ = posts(one)
        counts = {DESIRED: str(one.spec.replicas), MOST: str(one.spec.replicas + surge)}
        if new is not None:
            counts = {word: kept.get(word, text) for word, text in counts.items()}
        before = kept.get(REVISION)
        if before is not None and before != str(number):
            past = kept.get(HISTORY)
            kept[HISTORY] = f"{past},{before}" if past else before
        return {**kept, **mine, **counts, REVISION: str(number)}

    def _number(self, one: Deployment, number: int) -> None:
        now = self.server.store.get(Deployment, *one.key)
        if now is not None and now.meta.annotations.get(REVISION) != str(number):
            annotations = {**now.meta.annotations, REVISION: str(number)}
            self.server.update(replace(now, meta=replace(now.meta, annotations=annotations)))

    def scale(self, one: Deployment, each: ReplicaSet, replicas: int) -> None:
        """Another number of pods for one set, which notes how many there are to be in all."""
        surge, _ = posts(one)
        counts = {DESIRED: str(one.spec.replicas), MOST: str(one.spec.replicas + surge)}
        annotations = {**each.meta.annotations, **counts}
        if each.spec.replicas == replicas:
            if each.spec.replicas and annotations != dict(each.meta.annotations):
                self.server.update(replace(each, meta=replace(each.meta, annotations=annotations)))
            return
        changed = with_replicas(each, replicas)
        self.server.update(replace(changed, meta=replace(changed.meta, annotations=annotations)))
        self._say_scaled(one, each, each.spec.replicas, replicas)

    def _say_scaled(self, one: Deployment, each: ReplicaSet, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        text = f"Scaled {way} replica set {each.name} from {before} to {after}"
        self.server.recorder.event(one, "Normal", "ScalingReplicaSet", text, SOURCE)
