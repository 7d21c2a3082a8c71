"""What ReplicaSets say of their Deployment's history: hashes, numbers, sizes."""

from __future__ import annotations

from simulator.cluster.kubernetes.naming import hash_of
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.objects.workloads import Deployment, PodTemplate, ReplicaSet

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
NOT_COPIED = (
    "kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MOST,
)  # fmt: skip


def revision(one: ReplicaSet) -> int:
    """Its number in the history of its Deployment."""
    word = one.meta.annotations.get(REVISION, "0")
    return int(word) if word.isdigit() else 0


def template_hash(template: PodTemplate) -> str:
    """What tells pods of this template from others."""
    meta = template.metadata
    labels = {word: text for word, text in meta.labels.items() if word != HASH}
    return hash_of({"l": labels, "a": dict(meta.annotations), "s": template.spec})


def selector_data(selector: LabelSelector) -> dict[str, object]:
    """A selector as it is written."""
    said: dict[str, object] = {"matchLabels": dict(selector.match_labels)}
    if selector.match_expressions:
        said["matchExpressions"] = [
            {"key": one.key, "operator": one.operator, "values": list(one.values)}
            for one in selector.match_expressions
        ]
    return said


def saturated(one: Deployment, new: ReplicaSet) -> bool:
    """Whether all that is wanted is there in the newest set."""
    wanted = new.meta.annotations.get(DESIRED)
    return (
        wanted == str(new.spec.replicas) == str(one.spec.replicas)
        and new.status.available_replicas == one.spec.replicas
    )


def most_of(one: ReplicaSet) -> int | None:
    """Desired pods and surge when it was last resized."""
    word = one.meta.annotations.get(MOST)
    return int(word) if word is not None and word.isdigit() else None
