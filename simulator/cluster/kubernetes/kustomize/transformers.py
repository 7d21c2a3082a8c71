"""Namespace, prefix, suffix, labels, annotations, replicas and images of all objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from simulator.cluster.kubernetes.kustomize.patterns import matches
from simulator.cluster.kubernetes.kustomize.resources import (
    CLUSTER_WIDE,
    Resource,
    Resources,
    visit,
    words_of,
)
from simulator.cluster.kubernetes.kustomize.spec import (
    BuildError,
    FieldSpec,
    Image,
    Kustomization,
    Labels,
    Replica,
)

_TEMPLATES = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job",
              "ReplicationController")  # fmt: skip
METADATA = (
    FieldSpec("metadata/labels", create=True),
    *(FieldSpec("spec/template/metadata/labels", kind=kind, create=True) for kind in _TEMPLATES),
    FieldSpec("spec/jobTemplate/metadata/labels", kind="CronJob", create=True),
    FieldSpec("spec/jobTemplate/spec/template/metadata/labels", kind="CronJob", create=True),
)
CLAIMS = (
    FieldSpec("spec/volumeClaimTemplates[]/metadata/labels", kind="StatefulSet", create=True),
)
_TERMS = (
    *(
        f"spec/template/spec/affinity/{side}/{when}/labelSelector/matchLabels"
        for side in ("podAffinity", "podAntiAffinity")
        for when in (
            "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
            "requiredDuringSchedulingIgnoredDuringExecution",
        )
    ),
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
)
SELECTORS = (
    FieldSpec("spec/selector", version="v1", kind="Service", create=True),
    FieldSpec("spec/selector", version="v1", kind="ReplicationController", create=True),
    *(
        FieldSpec("spec/selector/matchLabels", kind=kind, create=True)
        for kind in ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet")
    ),
    *(
        FieldSpec(path, group="apps", kind=kind)
        for kind in ("Deployment", "StatefulSet")
        for path in _TERMS
    ),
    FieldSpec("spec/selector/matchLabels", group="batch", kind="Job"),
    FieldSpec("spec/jobTemplate/spec/selector/matchLabels", group="batch", kind="CronJob"),
    FieldSpec("spec/selector/matchLabels", group="policy", kind="PodDisruptionBudget"),
    *(
        FieldSpec(path, group="networking.k8s.io", kind="NetworkPolicy")
        for path in (
            "spec/podSelector/matchLabels", "spec/ingress/from/podSelector/matchLabels",
            "spec/egress/to/podSelector/matchLabels",
        )
    ),
)  # fmt: skip
ANNOTATIONS = tuple(
    FieldSpec(one.path.replace("/labels", "/annotations"), kind=one.kind, create=True)
    for one in METADATA
)
SCALED = ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
_NAMED_AS_THEY_ARE = ("CustomResourceDefinition", "APIService", "Namespace")
_DIGEST = r"(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?"


def _everywhere(
    known: Iterable[Resource], fields: Iterable[FieldSpec], change: Callable[[Any], Any]
) -> None:
    """Change what stands at these fields in objects of their kinds."""
    paths = [(one, words_of(one.path)) for one in fields]
    for resource in known:
        group, version, kind, _, _ = resource.id
        for one, path in paths:
            if one.kind in ("", kind) and one.group in ("", group) and one.version in ("", version):
                visit(resource.data, path, change, create=one.create)


def _with(pairs: dict[str, str]) -> Callable[[Any], Any]:
    return lambda value: {**(value if isinstance(value, dict) else {}), **pairs}


# --- names and namespaces -------------------------------------------------------------------------


def set_namespace(known: Resources, space: str) -> None:
    """All objects that have a namespace get this one."""
    if not space:
        return
    for one in known:
        kind = one.id.kind
        one.remember()
        if kind not in CLUSTER_WIDE:
            one.meta["namespace"] = space
        elif kind == "Namespace" and one.id.group == "":
            one.meta["name"] = space
        elif kind == "APIService":
            visit(one.data, ("spec", "service", "namespace"), lambda _: space)
        if kind in ("RoleBinding", "ClusterRoleBinding"):
            _subjects(one.data.get("subjects"), space)
    _check_unique(known)


def _subjects(subjects: Any, space: str) -> None:
    for one in subjects if isinstance(subjects, list) else ():
        if isinstance(one, dict) and one.get("name") == "default":
            one["namespace"] = space


def _check_unique(known: Resources) -> None:
    seen = set()
    for one in known:
        key = (*one.id[:4], one.id.space)
        if key in seen:
            raise BuildError(
                f"namespace transformation produces ID conflict: more than one object is called "
                f"{one.id}"
            )
        seen.add(key)


def set_affixes(known: Resources, prefix: str, suffix: str) -> None:
    """All names get a start and an end."""
    for one in known:
        if one.first.kind in _NAMED_AS_THEY_ARE:
            continue
        if prefix:
            one.prefixes = (*one.prefixes, prefix)
            one.remember()
            one.meta["name"] = f"{prefix}{one.id.name}"
        if suffix:
            one.suffixes = (*one.suffixes, suffix)
            one.remember()
            one.meta["name"] = f"{one.id.name}{suffix}"


# --- labels and annotations -----------------------------------------------------------------------


def set_labels(known: Resources, said: Kustomization) -> None:
    """Labels of objects, and of what their flags say."""
    for one in said.labels:
        _everywhere(known, _fields_of(one), _with(one.pairs))
    if said.common_labels:
        every = Labels(pairs=said.common_labels, include_selectors=True)
        _everywhere(known, _fields_of(every), _with(said.common_labels))


def _fields_of(one: Labels) -> list[FieldSpec]:
    found = list(one.fields)
    if one.include_selectors:
        return [*found, *SELECTORS, *METADATA, *CLAIMS]
    found += METADATA if one.include_templates else METADATA[:1]
    return [*found, *(CLAIMS if one.include_volume_claim_templates else ())]


def set_annotations(known: Resources, pairs: dict[str, str]) -> None:
    """Annotations of objects and of the pods that they make."""
    if pairs:
        _everywhere(known, ANNOTATIONS, _with(pairs))


# --- replicas and images --------------------------------------------------------------------------


def set_replicas(known: Resources, one: Replica) -> None:
    """How many pods a workload of a name has; refused where there is none of this name."""
    found = False
    for resource in known:
        names = {each.name for each in resource.ids()}
        if resource.id.kind in SCALED and one.name in names:
            found = True
            visit(resource.data, ("spec", "replicas"), lambda _: one.count, create=True)
    if not found:
        raise BuildError(
            f"resource with name {one.name} does not match a config with the following GVK "
            f"[{' '.join(f'{kind}.[noVer].[noGrp]' for kind in SCALED)}]"
        )


def set_images(known: Resources, one: Image) -> None:
    """Another image in all containers, wherever a list of containers stands."""
    for resource in known:
        if resource.id.kind != "CustomResourceDefinition":
            _images(resource.data, one)


def _images(node: Any, one: Image) -> None:
    if isinstance(node, list):
        for each in node:
            _images(each, one)
        return
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in ("containers", "initContainers") and isinstance(value, list):
            for each in value:
                if isinstance(each, dict) and isinstance(each.get("image"), str):
                    each["image"] = replaced(each["image"], one)
        elif isinstance(value, dict | list):
            _images(value, one)


def replaced(image: str, one: Image) -> str:
    """An image with the name, tag and digest that are wanted, if it is one of those meant."""
    if not matches(one.name + _DIGEST, image) and not matches(re.escape(one.name) + _DIGEST, image):
        return image
    name, tag, digest = split(image)
    name = one.new_name or name
    if one.new_tag:
        tag, digest = one.new_tag, one.digest
    elif one.digest:
        tag, digest = "", one.digest
    elif one.tag_suffix:
        tag, digest = tag + one.tag_suffix, ""
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def split(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image."""
    rest, _, digest = image.partition("@")
    slash = rest.rfind("/")
    colon = rest.find(":", slash + 1)
    if colon < 0:
        return rest, "", digest
    return rest[:colon], rest[colon + 1 :], digest
