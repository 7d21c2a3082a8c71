"""Variables of a container: values, fields of its pod, ConfigMaps and Secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.cluster.kubernetes.kubelet.life import Life
from simulator.cluster.kubernetes.objects.containers import Container

Reading = Callable[[str, str, str], dict[str, str]]
_REFERENCE = re.compile(r"\$(\$|\(([^()\s]+)\))")


def environment(wanted: Container, life: Life, node: str, reading: Reading) -> dict[str, str]:
    """All variables, the later ones instead of earlier ones; ``$(NAME)`` of those before."""
    found: dict[str, str] = {}
    for source in wanted.env_from:
        found |= _all_of(source, life, reading)
    for one in wanted.env:
        text = _value(one.value_from, life, node, reading) if one.value_from else one.value
        found[one.name] = expanded(text, found)
    return found


def expanded(text: str, known: Mapping[str, str]) -> str:
    """``$(NAME)`` replaced where the name is known, ``$$`` a dollar (``expansion.go``)."""
    return _REFERENCE.sub(
        lambda found: "$" if found[1] == "$" else known.get(found[2], found[0]), text
    )


def _all_of(source: Mapping[str, Any], life: Life, reading: Reading) -> dict[str, str]:
    prefix = source.get("prefix", "")
    for word, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        if word in source:
            data = reading(kind, life.namespace, source[word].get("name", ""))
            return {prefix + name: text for name, text in data.items()}
    return {}


def _value(source: Mapping[str, Any], life: Life, node: str, reading: Reading) -> str:
    if "fieldRef" in source:
        return _field(source["fieldRef"].get("fieldPath", ""), life, node)
    for word, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if word in source:
            data = reading(kind, life.namespace, source[word].get("name", ""))
            return data.get(source[word].get("key", ""), "")
    return ""


def _field(path: str, life: Life, node: str) -> str:
    word = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if word is not None:
        notes = life.template.labels if word[1] == "labels" else life.template.annotations
        return notes.get(word[2], "")
    fields = {
        "metadata.name": life.name,
        "metadata.namespace": life.namespace,
        "metadata.uid": life.uid,
        "spec.nodeName": node,
        "spec.serviceAccountName": life.template.spec.service_account_name or "default",
        "status.podIP": life.ip,
    }
    return fields.get(path, "")
