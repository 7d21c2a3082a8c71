"""Limit ranges: amounts that containers do not state, and what is too little or too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.objects.quantity import ZERO, Quantity, parse

Data = dict[str, Any]
ANNOTATION = "kubernetes.io/limit-ranger"


def filled(spec: Data, items: list[Data]) -> tuple[Data, str]:
    """A pod's specification with the defaults of limit ranges, and the note of what was set."""
    defaults = [one for one in items if one.get("type") == "Container"]
    if not any(one.get("default") or one.get("defaultRequest") for one in defaults):
        return spec, ""
    notes: list[str] = []
    changed: Data = {}
    for word, title in (("containers", "container"), ("initContainers", "init container")):
        if spec.get(word):
            changed[word] = [_container(one, defaults, title, notes) for one in spec[word]]
    said = f"LimitRanger plugin set: {'; '.join(notes)}" if notes else ""
    return {**spec, **changed}, said


def _container(one: Data, items: list[Data], title: str, notes: list[str]) -> Data:
    resources = dict(one.get("resources") or {})
    for word, field in (("requests", "defaultRequest"), ("limits", "default")):
        stated = dict(resources.get(word) or {})
        added = []
        for item in items:
            for name, amount in (item.get(field) or {}).items():
                if name not in stated:
                    stated[name] = amount
                    added.append(name)
        if added:
            resources[word] = stated
            notes.append(f"{', '.join(sorted(added))} {word[:-1]} for {title} {one.get('name')}")
    return {**one, "resources": resources}


def wrong(spec: Data, items: list[Data]) -> list[str]:
    """What is outside the ranges, container by container and for the pod as a whole."""
    found: list[str] = []
    listed = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    for item in items:
        if item.get("type") == "Container":
            for one in listed:
                stated = one.get("resources") or {}
                found += _outside(_read(stated.get("requests")), _read(stated.get("limits")), item)
        elif item.get("type") == "Pod":
            found += _outside(_total(spec, "requests"), _total(spec, "limits"), item)
    return found


def wrong_claim(spec: Data, items: list[Data]) -> list[str]:
    """The same for a claim of storage."""
    asked = _read((spec.get("resources") or {}).get("requests"))
    found: list[str] = []
    for item in items:
        if item.get("type") == "PersistentVolumeClaim":
            found += _outside(asked, {}, item, ratio=False)
    return found


def _read(amounts: Mapping[str, Any] | None) -> dict[str, Quantity]:
    return {name: parse(str(amount)) for name, amount in (amounts or {}).items()}


def _total(spec: Data, word: str) -> dict[str, Quantity]:
    """All containers together, or the largest init container (``podRequests``)."""
    total: dict[str, Quantity] = {}
    for one in spec.get("containers") or ():
        for name, amount in _read((one.get("resources") or {}).get(word)).items():
            total[name] = total.get(name, ZERO).plus(amount)
    for one in spec.get("initContainers") or ():
        for name, amount in _read((one.get("resources") or {}).get(word)).items():
            if amount.nanos > total.get(name, ZERO).nanos:
                total[name] = amount
    return total


def _outside(
    asked: dict[str, Quantity], capped: dict[str, Quantity], item: Data, *, ratio: bool = True
) -> Iterator[str]:
    what = f"usage per {item['type']}"
    for name, least in sorted(_read(item.get("min")).items()):
        yield from _too_little(asked.get(name), capped.get(name), least, f"{name} {what}")
    for name, most in sorted(_read(item.get("max")).items()):
        limit = capped.get(name) if ratio else asked.get(name)
        yield from _too_much(asked.get(name), limit, most, f"{name} {what}")
    for name, most in sorted(_read(item.get("maxLimitRequestRatio")).items()):
        yield from _too_far(asked.get(name), capped.get(name), most, name, item["type"])


def _too_little(
    asked: Quantity | None, limit: Quantity | None, least: Quantity, what: str
) -> Iterator[str]:
    start = f"minimum {what} is {least}"
    if asked is None:
        yield f"{start}.  No request is specified"
    elif asked.nanos < least.nanos:
        yield f"{start}, but request is {asked}"
    elif limit is not None and limit.nanos < least.nanos:
        yield f"{start}, but limit is {limit}"


def _too_much(
    asked: Quantity | None, limit: Quantity | None, most: Quantity, what: str
) -> Iterator[str]:
    start = f"maximum {what} is {most}"
    if limit is None:
        yield f"{start}.  No limit is specified"
    elif limit.nanos > most.nanos:
        yield f"{start}, but limit is {limit}"
    elif asked is not None and asked.nanos > most.nanos:
        yield f"{start}, but request is {asked}"


def _too_far(
    asked: Quantity | None, limit: Quantity | None, most: Quantity, name: str, type_: str
) -> Iterator[str]:
    start = f"{name} max limit to request ratio per {type_} is {most}"
    if asked is None or not asked.nanos:
        yield f"{start}, but no request is specified or request is 0"
    elif limit is None or not limit.nanos:
        yield f"{start}, but no limit is specified or limit is 0"
    elif limit.nanos > most.nanos * asked.nanos // 10**9:
        yield f"{start}, but provided ratio is {limit.nanos / asked.nanos:.6f}"
