"""Names of objects in other objects: they follow when a name changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.cluster.kubernetes.kustomize.resources import (
    CLUSTER_WIDE,
    Resource,
    Resources,
    visit,
    words_of,
)
from simulator.cluster.kubernetes.kustomize.spec import BuildError

PODS = {
    "Pod": "spec", "PodTemplate": "template/spec", "Deployment": "spec/template/spec",
    "ReplicaSet": "spec/template/spec", "ReplicationController": "spec/template/spec",
    "DaemonSet": "spec/template/spec", "StatefulSet": "spec/template/spec",
    "Job": "spec/template/spec", "CronJob": "spec/jobTemplate/spec/template/spec",
}  # fmt: skip
"""Where objects of a kind say what their pods are like."""

_CONTAINERS = ("containers", "initContainers")
IN_PODS = {
    "ConfigMap": (
        "volumes/configMap/name", "volumes/projected/sources/configMap/name",
        *(f"{each}/env/valueFrom/configMapKeyRef/name" for each in _CONTAINERS),
        *(f"{each}/envFrom/configMapRef/name" for each in _CONTAINERS),
    ),
    "Secret": (
        "volumes/secret/secretName", "volumes/projected/sources/secret/name",
        *(f"{each}/env/valueFrom/secretKeyRef/name" for each in _CONTAINERS),
        *(f"{each}/envFrom/secretRef/name" for each in _CONTAINERS),
        "imagePullSecrets/name",
    ),
    "ServiceAccount": ("serviceAccountName",),
    "PersistentVolumeClaim": ("volumes/persistentVolumeClaim/claimName",),
    "PriorityClass": ("priorityClassName",),
}  # fmt: skip
IN_OTHERS = {
    "Deployment": (("HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),),
    "ReplicationController": (("HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),),
    "ReplicaSet": (("HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),),
    "StatefulSet": (("HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),),
    "ConfigMap": (
        ("Role", "rules/resourceNames"), ("ClusterRole", "rules/resourceNames"),
        ("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
    ),
    "Secret": (
        ("Ingress", "spec/tls/secretName"),
        ("Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
        ("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
        ("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
        ("ServiceAccount", "imagePullSecrets/name"),
        ("StorageClass", "parameters/secretName"), ("StorageClass", "parameters/adminSecretName"),
        ("StorageClass", "parameters/userSecretName"), ("StorageClass", "parameters/secretRef"),
        ("Role", "rules/resourceNames"), ("ClusterRole", "rules/resourceNames"),
        ("PersistentVolume", "spec/azureFile/secretName"),
    ),
    "Service": (
        ("StatefulSet", "spec/serviceName"),
        ("Ingress", "spec/rules/http/paths/backend/serviceName"),
        ("Ingress", "spec/backend/serviceName"),
        ("Ingress", "spec/rules/http/paths/backend/service/name"),
        ("Ingress", "spec/defaultBackend/service/name"),
        ("APIService", "spec/service/name"),
        ("ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
        ("MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
        ("HTTPRoute", "spec/rules/backendRefs/name"),
    ),
    "Role": (("RoleBinding", "roleRef/name"),),
    "ClusterRole": (("RoleBinding", "roleRef/name"), ("ClusterRoleBinding", "roleRef/name")),
    "ServiceAccount": (("RoleBinding", "subjects"), ("ClusterRoleBinding", "subjects")),
    "PersistentVolume": (
        ("PersistentVolumeClaim", "spec/volumeName"), ("ClusterRole", "rules/resourceNames"),
    ),
    "StorageClass": (
        ("PersistentVolume", "spec/storageClassName"),
        ("PersistentVolumeClaim", "spec/storageClassName"),
        ("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    ),
    "IngressClass": (("Ingress", "spec/ingressClassName"),),
}  # fmt: skip
"""By the kind that is named: kinds that name it, and where (``namereference.go``)."""


def _fields() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Named kind, naming kind, and the words of the path."""
    for target in dict.fromkeys((*IN_PODS, *IN_OTHERS)):
        for path in IN_PODS.get(target, ()):
            for kind, start in PODS.items():
                yield target, kind, words_of(f"{start}/{path}")
        for kind, path in IN_OTHERS.get(target, ()):
            yield target, kind, words_of(path)


def follow(known: Resources) -> None:
    """Write the names of now wherever objects name others by one that they had."""
    renamed: dict[tuple[str, str], list[Resource]] = {}
    for one in known:
        for key in dict.fromkeys((old.kind, old.name) for old in one.previous):
            renamed.setdefault(key, []).append(one)
    if not renamed:
        return
    fields: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    kinds = {kind for kind, _ in renamed}
    for target, kind, path in _fields():
        if target in kinds:
            fields.setdefault(kind, []).append((target, path))
    for one in known:
        for target, path in fields.get(one.id.kind, ()):
            visit(one.data, path, _Following(one, target, path, renamed).changed)


class _Following:
    """A field of an object that names objects of a kind."""

    def __init__(
        self, one: Resource, target: str, path: tuple[str, ...],
        renamed: dict[tuple[str, str], list[Resource]],
    ) -> None:  # fmt: skip
        self.one = one
        self.target = target
        self.path = path
        self.renamed = renamed

    def changed(self, value: Any) -> Any:
        """The field with the names of now."""
        if isinstance(value, str):
            found = self._find(value)
            return value if found is None else found.id.name
        if isinstance(value, list):
            return [self.changed(each) for each in value]
        if isinstance(value, dict):
            return self._subject(value)
        return value

    def _subject(self, value: dict[str, Any]) -> dict[str, Any]:
        """Something with a name and a namespace, both of which follow."""
        name, space = value.get("name"), value.get("namespace")
        if not isinstance(name, str):
            return value
        if value.get("kind", self.target) != self.target:
            return value
        found = self._find(name, space if isinstance(space, str) else None)
        if found is None:
            return value
        more = {"namespace": found.id.namespace} if found.id.namespace else {}
        return {**value, "name": found.id.name, **more}

    def _find(self, name: str, space: str | None = None) -> Resource | None:
        candidates = self.renamed.get((self.target, name), [])
        if self.path[-2:] == ("roleRef", "name"):
            role = self.one.data.get("roleRef") or {}
            candidates = [one for one in candidates if role.get("kind") == self.target]
        if space is not None:
            candidates = [
                one for one in candidates
                if space in {one.id.space, *(old.space for old in one.previous)}
            ]  # fmt: skip
        candidates = [one for one in candidates if self._near(one)]
        if len(candidates) > 1:
            candidates = [one for one in candidates if self._alike(one)] or candidates
        if len({one.id.name for one in candidates}) > 1:
            listed = ", ".join(str(one.id) for one in candidates)
            raise BuildError(
                f"updating name reference in '{'/'.join(self.path)}' field of '{self.one.id}': "
                f"found multiple possible referrals: {listed}"
            )
        return candidates[0] if candidates else None

    def _near(self, one: Resource) -> bool:
        """Whether both are in one namespace, or one of them is in none."""
        if self.one.id.kind in CLUSTER_WIDE or one.id.kind in CLUSTER_WIDE:
            return True
        return one.id.kind == "ServiceAccount" or one.id.space == self.one.id.space

    def _alike(self, one: Resource) -> bool:
        """Whether both went through the same kustomizations that change names."""
        return (one.prefixes, one.suffixes) == (self.one.prefixes, self.one.suffixes)
