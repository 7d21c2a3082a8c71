"""ConfigMaps, Secrets, claims and classes of storage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError
from simulator.cluster.kubernetes.api.validation.budgets import amounts_errors, quantity
from simulator.cluster.kubernetes.api.validation.words import (
    forbidden,
    invalid,
    required,
    unsupported,
)

Data = Mapping[str, Any]
_KEY = re.compile(r"[-._a-zA-Z0-9]+", re.ASCII)
KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
    "'[-._a-zA-Z0-9]+')"
)
MOST_BYTES = 1 << 20
SEALED = "field is immutable when `immutable` is set"
MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def texts(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A ConfigMap or a Secret: keys, size, and what never changes again."""
    size = 0
    for word in ("data", "binaryData", "stringData"):
        for key, value in (body.get(word) or {}).items():
            size += len(str(value).encode(errors="replace"))
            if len(key) > 253 or not _KEY.fullmatch(key):
                yield invalid(f"{word}[{key}]", key, KEY_TEXT)
    if size > MOST_BYTES:
        yield FieldError("[]", f"Too long: may not be more than {MOST_BYTES} bytes")
    if old is None or not old.get("immutable"):
        return
    for word in ("immutable", "data", "binaryData"):
        if (body.get(word) or {}) != (old.get(word) or {}):
            yield forbidden(word, SEALED)


def secret(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A Secret: its type never changes."""
    yield from texts(body, old)
    if old is not None and body.get("type") != old.get("type"):
        yield invalid("type", body.get("type"), "field is immutable")


def claim(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A PersistentVolumeClaim: only what is asked for may grow."""
    spec = body.get("spec") or {}
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    for mode in spec.get("accessModes") or ():
        if mode not in MODES:
            yield unsupported("spec.accessModes", mode, MODES)
    asked = (spec.get("resources") or {}).get("requests") or {}
    if "storage" not in asked:
        yield required("spec.resources[storage]")
    yield from amounts_errors(asked, "spec.resources.requests")
    if old is not None:
        yield from _claim_changed(spec, old.get("spec", {}))


def _claim_changed(spec: Data, before: Data) -> Iterator[FieldError]:
    kept = [
        {key: value for key, value in one.items() if key not in ("resources", "volumeName")}
        for one in (spec, before)
    ]
    bound = before.get("volumeName")
    if kept[0] != kept[1] or (bound and spec.get("volumeName") != bound):
        text = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        yield forbidden("spec", text)
    sizes = [
        quantity(((one.get("resources") or {}).get("requests") or {}).get("storage", "0"))
        for one in (spec, before)
    ]
    if sizes[0] is not None and sizes[1] is not None and sizes[0].nanos < sizes[1].nanos:
        text = "field can not be less than status.capacity"
        yield forbidden("spec.resources.requests.storage", text)


def storage_class(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A StorageClass: nearly nothing of it may change."""
    if not body.get("provisioner"):
        yield required("provisioner")
    for word, known in (
        ("reclaimPolicy", ("Delete", "Retain")),
        ("volumeBindingMode", ("Immediate", "WaitForFirstConsumer")),
    ):
        if body.get(word) not in known:
            yield unsupported(word, body.get(word), known)
    if old is None:
        return
    for word in ("parameters", "provisioner", "reclaimPolicy"):
        if (body.get(word) or {}) != (old.get(word) or {}):
            yield forbidden(word, f"updates to {word} are forbidden.")
    if body.get("volumeBindingMode") != old.get("volumeBindingMode"):
        yield invalid("volumeBindingMode", body.get("volumeBindingMode"), "field is immutable")
