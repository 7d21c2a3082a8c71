"""Patches of a kustomization: strategic ones by name or target, JSON patches by target."""

from __future__ import annotations

import json
from typing import Any

from simulator.cluster.kubernetes.api.fields import type_of_kind
from simulator.cluster.kubernetes.api.label_words import requirements_met
from simulator.cluster.kubernetes.api.reading import read_values
from simulator.cluster.kubernetes.kustomize.files import Folder, own
from simulator.cluster.kubernetes.kustomize.patterns import matches
from simulator.cluster.kubernetes.kustomize.resources import Id, Resource, Resources, id_of
from simulator.cluster.kubernetes.kustomize.spec import (
    BuildError,
    Kustomization,
    Patch,
    PatchOptions,
    Selector,
)
from simulator.cluster.kubernetes.patching.merging import PatchProblem, json_patch, strategic
from simulator.errors import DrydockError, nearest

_STRICT = PatchOptions()


def early(known: Resources, said: Kustomization, folder: Folder, notes: dict[str, None]) -> None:
    """The patches that come before names change."""
    for word in said.patches_strategic_merge:
        _merge_all(known, _strategic_text(word, folder))
    for one in said.patches:
        patch(known, one, folder, notes)


def late(known: Resources, said: Kustomization, folder: Folder, notes: dict[str, None]) -> None:
    """``patchesJson6902``, which come after names have changed."""
    for one in said.patches_json6902:
        if one.target is None:
            raise BuildError("must specify the target field in patchesJson6902")
        patch(known, one, folder, notes)


def _strategic_text(word: str, folder: Folder) -> list[dict[str, Any]]:
    """Patches of a file, or of the text itself."""
    if "\n" in word or ": " in word or word.lstrip().startswith("{"):
        return _objects(word, "patchesStrategicMerge")
    return _objects(folder.text_of(word), word)


def _objects(text: str, shown: str) -> list[dict[str, Any]]:
    found = []
    for value in read_values(text, shown):
        if isinstance(value, dict):
            found.append(own(value))
        elif value is not None:
            raise BuildError(f"{shown}: a patch is no object")
    return found


def patch(known: Resources, one: Patch, folder: Folder, notes: dict[str, None]) -> None:
    """One entry of ``patches``."""
    text, shown = _text(one, folder)
    try:
        values = [own(each) for each in read_values(text, shown) if each is not None]
    except DrydockError as error:
        raise BuildError(f"unable to parse SM or JSON patch from {shown}: {error}") from None
    if all(isinstance(each, dict) and "op" not in each for each in values):
        _strategic(known, one, values, shown, notes)
        return
    operations = values[0] if len(values) == 1 else None
    if not isinstance(operations, list) or not all(isinstance(e, dict) for e in operations):
        raise BuildError(f"unable to parse SM or JSON patch from {shown}")
    if one.target is None:
        raise BuildError(f"must specify a target for JSON patch {shown}")
    for each in _chosen(known, one.target, shown, notes):
        each.remember()
        each.data = _operated(each, operations)


def _text(one: Patch, folder: Folder) -> tuple[str, str]:
    inline = one.patch.strip()
    if not inline and not one.path:
        raise BuildError("must specify one of patch and path")
    if inline and one.path:
        raise BuildError("patch and path can't be set at the same time")
    if inline:
        return inline, f"[patch: {json.dumps(inline[:200])}]"
    try:
        return folder.text_of(one.path), f'[path: "{one.path}"]'
    except DrydockError as error:
        raise BuildError(f"failed to get the patch file from path({one.path}): {error}") from None


# --- strategic ------------------------------------------------------------------------------------


def _strategic(
    known: Resources, one: Patch, values: list[dict[str, Any]], shown: str, notes: dict[str, None]
) -> None:
    if one.target is None:
        _merge_all(known, values, one.options)
        return
    if len(values) > 1:
        raise BuildError(
            "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set "
            f"`patches.target` field: {shown}"
        )
    for each in _chosen(known, one.target, shown, notes):
        _merge(known, each, values[0], one.options)


def _merge_all(
    known: Resources, values: list[dict[str, Any]], options: PatchOptions = _STRICT
) -> None:
    """Each patch changes the object that it names."""
    for value in values:
        wanted = id_of(value)
        if not wanted.kind or not wanted.name:
            raise BuildError(f"missing metadata.name in object {wanted}")
        try:
            target = known.unique(wanted)
        except BuildError as error:
            raise BuildError(
                f'no resource matches strategic merge patch "{wanted}": {error}'
                f"{_near(known, wanted)}"
            ) from None
        _merge(known, target, value, options)


def _near(known: Resources, wanted: Id) -> str:
    names = {f"{one.id.kind}/{one.id.name}": None for one in known}
    near = nearest(f"{wanted.kind}/{wanted.name}", list(names)[:1000])
    return f"; did you mean {near}?" if near else ""


def _merge(known: Resources, one: Resource, value: dict[str, Any], options: PatchOptions) -> None:
    """A patch on an object, whose name stays unless it may change; ``$patch: delete``: it goes."""
    before = one.id
    if value.get("$patch") == "delete":
        known.listed.remove(one)
        return
    version = str(one.data.get("apiVersion") or "")
    after = strategic(one.data, value, type_of_kind(version, before.kind), first=True)
    meta = after.get("metadata") if isinstance(after.get("metadata"), dict) else {}
    kept = {"namespace": before.namespace} if before.namespace else {}
    name = {} if options.allow_name_change else {"name": before.name}
    rest = {key: each for key, each in meta.items() if key != "namespace"}
    after["metadata"] = {**rest, **name, **kept}
    if not options.allow_kind_change:
        after["kind"], after["apiVersion"] = before.kind, version
    if options.allow_name_change or options.allow_kind_change:
        one.remember()
    one.data = own(after)


# --- JSON patches ---------------------------------------------------------------------------------


def _operated(one: Resource, operations: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        after = json_patch(one.data, operations)
    except PatchProblem as problem:
        raise BuildError(f"{one.id}: {problem}") from None
    if not isinstance(after, dict) or not id_of(after).kind or not id_of(after).name:
        raise BuildError(f"{one.id}: the patch takes away kind or metadata.name")
    return after


# --- targets --------------------------------------------------------------------------------------


def _chosen(
    known: Resources, target: Selector, shown: str, notes: dict[str, None]
) -> list[Resource]:
    found = [one for one in known if selects(target, one)]
    if not found:
        notes[f"the target of patch {shown[:80]} selects nothing"] = None
    return found


def selects(target: Selector, one: Resource, *, metadata: bool = True) -> bool:
    """Whether an object is meant, by what it is called now or was at first."""
    now, first = one.id, one.first
    group, version, kind = now[:3]
    if not (
        matches(target.group, group)
        and matches(target.version, version)
        and matches(target.kind, kind)
    ):
        return False
    named = any(matches(target.name, each.name) for each in (first, now))
    spaced = any(matches(target.namespace, each.namespace or "default") for each in (first, now))
    if not (named and spaced):
        return False
    return not metadata or (
        requirements_met(target.label_selector, one.texts("labels"))
        and requirements_met(target.annotation_selector, one.texts("annotations"))
    )
