"""Variables of a container: values, fields of its pod, ConfigMaps and Secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.cluster.kubernetes.kubelet.expansion import expanded
from simulator.cluster.kubernetes.kubelet.life import Life
from simulator.cluster.kubernetes.kubelet.sources import Known
from simulator.cluster.kubernetes.objects.containers import Container
from simulator.cluster.kubernetes.objects.quantity import NANO, parse
from simulator.cluster.kubernetes.objects.resources import Resources


class Around(NamedTuple):
    """What a pod is told of where it runs."""

    node: str
    address: str
    """Of its node."""
    allocatable: Resources
    """What a container may have that states no limit."""


def environment(wanted: Container, life: Life, around: Around, known: Known) -> dict[str, str]:
    """All variables, the later ones instead of earlier ones; ``$(NAME)`` of those before."""
    found: dict[str, str] = {}
    for source in wanted.env_from:
        found |= _all_of(source, known)
    for one in wanted.env:
        text = one.value
        if one.value_from:
            text = _value(one.value_from, wanted, life, around, known)
        found[one.name] = expanded(text, found)
    return found


def _all_of(source: Mapping[str, Any], known: Known) -> dict[str, str]:
    prefix = source.get("prefix", "")
    for word, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        if word in source:
            data = known.get((kind, source[word].get("name", "")), {})
            return {prefix + name: text for name, text in data.items()}
    return {}


def _value(
    source: Mapping[str, Any], wanted: Container, life: Life, around: Around, known: Known
) -> str:
    if "fieldRef" in source:
        return field(source["fieldRef"].get("fieldPath", ""), life, around)
    if "resourceFieldRef" in source:
        return amount(source["resourceFieldRef"], wanted, around)
    for word, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if word in source:
            data = known.get((kind, source[word].get("name", "")), {})
            return data.get(source[word].get("key", ""), "")
    return ""


def field(path: str, life: Life, around: Around) -> str:
    """A field of a pod, as ``fieldRef`` names it."""
    word = re.fullmatch(r"metadata\.(labels|annotations)(?:\['(.+)'\])?", path)
    if word is not None:
        notes = life.template.labels if word[1] == "labels" else life.template.annotations
        if word[2] is not None:
            return notes.get(word[2], "")
        return "\n".join(f'{name}="{notes[name]}"' for name in sorted(notes))
    fields = {
        "metadata.name": life.name,
        "metadata.namespace": life.namespace,
        "metadata.uid": life.uid,
        "spec.nodeName": around.node,
        "spec.serviceAccountName": life.template.spec.service_account_name or "default",
        "status.podIP": life.ip,
        "status.podIPs": life.ip,
        "status.hostIP": around.address,
        "status.hostIPs": around.address,
    }
    return fields.get(path, "")


def amount(source: Mapping[str, Any], wanted: Container, around: Around) -> str:
    """A request or limit of a container in units of its divisor, rounded up."""
    word, _, name = source.get("resource", "").partition(".")
    stated = getattr(wanted.resources, word, {}).get(name)
    if stated is None and word == "requests":
        stated = wanted.resources.limits.get(name)
    if stated is not None:
        nanos = parse(str(stated)).nanos
    elif word == "limits" and name == "cpu":
        nanos = around.allocatable.cpu_millis * NANO // 1000
    elif word == "limits" and name == "memory":
        nanos = around.allocatable.memory_bytes * NANO
    else:
        nanos = 0
    divisor = parse(str(source.get("divisor") or "1")).nanos or NANO
    return str(-(-nanos // divisor))
