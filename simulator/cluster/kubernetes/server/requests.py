"""Requests of people: data, which is decoded, filled in, checked, and then written."""

from __future__ import annotations

import json
from typing import Any

from simulator.cluster.kubernetes.api.errors import (
    ApiError,
    bad_request,
    conflict,
    forbidden,
)
from simulator.cluster.kubernetes.api.fields import type_of_kind
from simulator.cluster.kubernetes.api.kinds import Kind, custom
from simulator.cluster.kubernetes.data import as_data
from simulator.cluster.kubernetes.objects.meta import Object
from simulator.cluster.kubernetes.patching import fieldsets
from simulator.cluster.kubernetes.patching.merging import (
    PatchProblem,
    json_patch,
    merge_patch,
    strategic,
    three_way,
)
from simulator.cluster.kubernetes.server import ownership
from simulator.cluster.kubernetes.server.documents import Data, Documents
from simulator.cluster.kubernetes.server.scaling import SCALABLE, with_replicas

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
IMMORTAL = ("default", "kube-system", "kube-public")
"""Namespaces that stay (``NamespaceLifecycle``)."""


class Requests(Documents):
    """What may be asked of an API server that changes anything."""

    # --- writing ----------------------------------------------------------------------------------

    def create(
        self, data: Data, namespace: str, *, strict: bool = True, manager: str = ""
    ) -> Object:
        """A new object."""
        kind = self.kind_of(data)
        one = self._built(kind, data, namespace, None, strict=strict)
        return self._made(kind, ownership.updated(None, one, manager, self.now))

    def _made(self, kind: Kind, one: Object) -> Object:
        made = self.server.create(one)
        if kind.kind == "CustomResourceDefinition":
            self._defined(made)
        return made

    def apply(
        self, data: Data, namespace: str, *, strict: bool = True, manager: str = ""
    ) -> tuple[Object, str]:
        """Create it, or make of what there is what ``apply`` makes; and what became of it."""
        kind = self.kind_of(data)
        space = self._namespace(kind, data, namespace)
        said = _without_note(data)
        note = _noted(said)
        name = str((data.get("metadata") or {}).get("name") or "")
        live = self.store.find(kind.kind, space, name)
        if live is None:
            noted = _with_note(said, note)
            return self.create(noted, namespace, strict=strict, manager=manager), "created"
        before = as_data(live)
        kept = before["metadata"].get("annotations", {}).get(LAST_APPLIED)
        last = _last_applied(kept)
        type_ = type_of_kind(kind.api_version, kind.kind)
        clean = {key: value for key, value in before.items() if key != "status"}
        merged = three_way(last, _with_note(said, note), clean, type_)
        changed = self._replaced(live, kind, merged, strict=strict, manager=manager)
        return changed, "unchanged" if changed is live else "configured"

    def apply_on_server(
        self, data: Data, namespace: str, *, strict: bool = True, manager: str = "",
        force: bool = False,
    ) -> tuple[Object, str]:  # fmt: skip
        """Server-side apply: a manager states the fields that it has an opinion on.

        What it stated before and does not now goes, where nobody else manages it; what others
        manage is only changed by force (ApiError 409).
        """
        kind = self.kind_of(data)
        name = str((data.get("metadata") or {}).get("name") or "")
        live = self.store.find(kind.kind, self._namespace(kind, data, namespace), name)
        type_ = type_of_kind(kind.api_version, kind.kind)
        config = fieldsets.fields(data, type_)
        manager = manager or "kubectl"
        if live is None:
            one = self._built(kind, data, namespace, None, strict=strict)
            made = self._made(kind, ownership.applied(one, None, config, manager, self.now))
            return made, "created"
        if not force:
            ownership.refuse(ownership.conflicts(live, config, manager))
        owned = ownership.migrated(live, manager)
        merged = three_way({}, data, ownership.pruned(owned, config, manager), type_, server=True)
        if LAST_APPLIED in live.meta.annotations:
            merged = _with_note(merged, _noted(data))
        one = self._filled(owned, kind, merged, strict=strict)
        one = ownership.applied(one, owned, config, manager, self.now)
        if one.meta == live.meta and self._same(live, one):
            return live, "unchanged"
        return self.server.update(one), "configured"

    def replace(
        self, data: Data, namespace: str, *, strict: bool = True, manager: str = ""
    ) -> Object:
        """Another object in place of one."""
        kind = self.kind_of(data)
        meta = data.get("metadata") or {}
        live = self.get(kind, self._namespace(kind, data, namespace), str(meta.get("name") or ""))
        wanted = meta.get("resourceVersion")
        if wanted is not None and str(wanted) != str(live.version):
            raise conflict(kind.resource, live.name)
        return self._replaced(live, kind, data, strict=strict, manager=manager)

    def patch(
        self, kind: Kind, namespace: str, name: str, how: str, patch: Any, manager: str = ""
    ) -> Object:
        """A patch of a type: ``strategic``, ``merge`` or ``json``."""
        live = self.get(kind, namespace, name)
        before = as_data(live)
        before.pop("status", None)
        type_ = type_of_kind(kind.api_version, kind.kind)
        try:
            if how == "json":
                after = json_patch(before, patch)
            elif how == "merge" or type_ is None:
                after = merge_patch(before, patch)
            else:
                after = strategic(before, patch, type_)
        except PatchProblem as problem:
            raise ApiError(422, "Invalid", f"the server rejected our request: {problem}") from None
        return self._replaced(live, kind, after, strict=True, manager=manager)

    def scale(
        self, kind: Kind, namespace: str, name: str, replicas: int, manager: str = ""
    ) -> Object:
        """The scale subresource."""
        live = self.get(kind, namespace, name)
        if kind.kind not in SCALABLE:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        after = with_replicas(live, replicas)
        return self.server.update(ownership.scaled(live, after, manager, self.now))

    def delete(
        self, kind: Kind, namespace: str, name: str, grace_s: float | None, propagation: str
    ) -> Object:
        """Ask for an object to go."""
        live = self.get(kind, namespace, name)
        if kind.kind == "Namespace" and name in IMMORTAL:
            raise forbidden("namespaces", name, "this namespace may not be deleted")
        self.server.delete(live, grace_s, propagation)
        return live

    def _replaced(
        self, live: Object, kind: Kind, data: Data, *, strict: bool, manager: str
    ) -> Object:
        """The stored object with other labels, annotations and body, if anything differs."""
        after = self._filled(live, kind, data, strict=strict)
        if self._same(live, after):
            return live
        return self.server.update(ownership.updated(live, after, manager, self.now))

    def _defined(self, definition: Object) -> None:
        """A definition of a kind: its documents are known from now on."""
        spec = definition.data.get("spec", {})
        names = spec.get("names", {})
        for version in spec.get("versions", ()):
            self.kinds.define(
                custom(
                    f"{spec.get('group', '')}/{version.get('name', 'v1')}",
                    str(names.get("kind", "")),
                    str(names.get("plural", "")),
                    spec.get("scope", "Namespaced") == "Namespaced",
                )
            )


def _noted(data: Data) -> str:
    """What apply keeps with an object, to know it the next time."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n"


def _last_applied(note: str | None) -> Data:
    """What was applied before; nothing where somebody wrote another text there."""
    try:
        found = json.loads(note) if note else {}
    except (ValueError, RecursionError) as error:
        raise bad_request(f"invalid {LAST_APPLIED} annotation: {error}") from None
    return found if isinstance(found, dict) else {}


def _without_note(data: Data) -> Data:
    meta = data.get("metadata") or {}
    notes = meta.get("annotations") or {}
    if LAST_APPLIED not in notes:
        return data
    kept = {key: value for key, value in notes.items() if key != LAST_APPLIED}
    return {**data, "metadata": {**meta, "annotations": kept}}


def _with_note(data: Data, note: str) -> Data:
    meta = data.get("metadata") or {}
    notes = {**(meta.get("annotations") or {}), LAST_APPLIED: note}
    return {**data, "metadata": {**meta, "annotations": notes}}
