"""Requests of people: data, which is decoded, filled in, checked, and then written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from simulator.cluster.kubernetes.api.decoding import metadata_refusal, problems, refusal, without
from simulator.cluster.kubernetes.api.defaults import with_defaults
from simulator.cluster.kubernetes.api.errors import (
    ApiError,
    bad_request,
    conflict,
    forbidden,
    invalid,
    not_found,
)
from simulator.cluster.kubernetes.api.fields import type_of_kind
from simulator.cluster.kubernetes.api.kinds import Kind, Kinds, custom
from simulator.cluster.kubernetes.api.unmodelled import pods_of
from simulator.cluster.kubernetes.api.validation.kinds import validate
from simulator.cluster.kubernetes.data import as_data
from simulator.cluster.kubernetes.objects.meta import Meta, Object, Owner
from simulator.cluster.kubernetes.objects.pod import Pod, PodSpec
from simulator.cluster.kubernetes.objects.registry import Builder
from simulator.cluster.kubernetes.patching.merging import (
    PatchProblem,
    json_patch,
    merge_patch,
    strategic,
    three_way,
)
from simulator.cluster.kubernetes.server.scaling import SCALABLE, with_replicas
from simulator.cluster.kubernetes.server.server import Server

Data = dict[str, Any]
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NOT_BODY = ("apiVersion", "kind", "metadata", "status")
IMMORTAL = ("default", "kube-system", "kube-public")
"""Namespaces that stay (``NamespaceLifecycle``)."""


class Requests:
    """What may be asked of an API server that changes anything."""

    def __init__(self, server: Server, kinds: Kinds, builder: Builder) -> None:
        self.server = server
        self.store = server.store
        self.kinds = kinds
        self.builder = builder

    # --- kinds ------------------------------------------------------------------------------------

    def kind_of(self, data: Data) -> Kind:
        """The kind of a document; one that nobody defined is kept as data."""
        version, word = data.get("apiVersion"), data.get("kind")
        if not isinstance(version, str) or not isinstance(word, str) or not word:
            missing = "apiVersion" if not isinstance(version, str) else "kind"
            raise bad_request(f"Object '{missing}' is missing in '{_short(data)}'")
        found = self.kinds.of(version, word)
        if found is None:
            if self.kinds.named(word) is not None and "." not in version.partition("/")[0]:
                raise ApiError(
                    404, "NotFound", f'no matches for kind "{word}" in version "{version}"'
                )
            found = custom(version, word)
            self.kinds.define(found)
        refused = metadata_refusal(data, version, word)
        if refused is not None:
            raise refused
        return found

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        """The object of a name; ApiError where there is none."""
        found = self.store.find(kind.kind, namespace if kind.namespaced else "", name)
        if found is None:
            raise not_found(kind.resource, name)
        return found

    # --- writing ----------------------------------------------------------------------------------

    def create(self, data: Data, namespace: str, *, strict: bool = True) -> Object:
        """A new object."""
        kind = self.kind_of(data)
        one = self._built(kind, data, namespace, None, strict=strict)
        made = self.server.create(one)
        if kind.kind == "CustomResourceDefinition":
            self._defined(made)
        return made

    def apply(
        self, data: Data, namespace: str, *, server_side: bool = False, strict: bool = True
    ) -> tuple[Object, str]:
        """Create it, or make of what there is what ``apply`` makes; and what became of it."""
        kind = self.kind_of(data)
        space = self._namespace(kind, data, namespace)
        said = _without_note(data)
        note = json.dumps(said, separators=(",", ":"), sort_keys=True) + "\n"
        name = str((data.get("metadata") or {}).get("name") or "")
        live = self.store.find(kind.kind, space, name)
        if live is None:
            noted = said if server_side else _with_note(said, note)
            return self.create(noted, namespace, strict=strict), "created"
        before = as_data(live)
        kept = before["metadata"].get("annotations", {}).get(LAST_APPLIED)
        last = _last_applied(kept)
        type_ = type_of_kind(kind.api_version, kind.kind)
        clean = {key: value for key, value in before.items() if key != "status"}
        wanted = said if server_side else _with_note(said, note)
        merged = three_way(last, wanted, clean, type_, server=server_side)
        changed = self._replaced(live, kind, merged, strict=strict)
        return changed, "unchanged" if changed is live else "configured"

    def replace(self, data: Data, namespace: str, *, strict: bool = True) -> Object:
        """Another object in place of one."""
        kind = self.kind_of(data)
        meta = data.get("metadata") or {}
        live = self.get(kind, self._namespace(kind, data, namespace), str(meta.get("name") or ""))
        wanted = meta.get("resourceVersion")
        if wanted is not None and str(wanted) != str(live.version):
            raise conflict(kind.resource, live.name)
        return self._replaced(live, kind, data, strict=strict)

    def patch(self, kind: Kind, namespace: str, name: str, how: str, patch: Any) -> Object:
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
        return self._replaced(live, kind, after, strict=True)

    def scale(self, kind: Kind, namespace: str, name: str, replicas: int) -> Object:
        """The scale subresource."""
        live = self.get(kind, namespace, name)
        if kind.kind not in SCALABLE:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        return self.server.update(with_replicas(live, replicas))

    def delete(
        self, kind: Kind, namespace: str, name: str, grace_s: float | None, propagation: str
    ) -> Object:
        """Ask for an object to go."""
        live = self.get(kind, namespace, name)
        if kind.kind == "Namespace" and name in IMMORTAL:
            raise forbidden("namespaces", name, "this namespace may not be deleted")
        self.server.delete(live, grace_s, propagation)
        return live

    # --- from data to objects ---------------------------------------------------------------------

    def _namespace(self, kind: Kind, data: Data, namespace: str) -> str:
        if not kind.namespaced:
            return ""
        stated = (data.get("metadata") or {}).get("namespace")
        return str(stated or namespace)

    def _built(
        self, kind: Kind, data: Data, namespace: str, old: Object | None, *, strict: bool
    ) -> Object:
        wrong = problems(data, data.get("apiVersion", ""), kind.kind)
        if not strict:
            data = without(data, wrong)
            wrong = [one for one in wrong if not one.unknown]
        refused = refusal(wrong, kind.api_version, kind.kind)
        if refused is not None:
            raise refused
        meta = data.get("metadata") or {}
        body = {key: value for key, value in data.items() if key not in NOT_BODY}
        body = with_defaults(kind.kind, body)
        before = None if old is None else as_data(old)
        errors = validate(kind.kind, meta, body, before)
        if errors:
            raise invalid(_group_kind(kind), str(meta.get("name") or ""), errors)
        made = _meta(meta, self._namespace(kind, data, namespace))
        try:
            for pod, _ in pods_of(kind.kind, body.get("spec") or {}):
                msgspec.convert(pod, PodSpec, strict=False)
            return self.builder.build(kind.kind, kind.api_version, made, body)
        except (msgspec.ValidationError, TypeError, ValueError, AttributeError) as error:
            raise bad_request(
                f'{kind.kind} in version "{kind.api_version.rpartition("/")[2]}" cannot be handled '
                f"as a {kind.kind}: {error}"
            ) from None

    def _replaced(self, live: Object, kind: Kind, data: Data, *, strict: bool) -> Object:
        """The stored object with other labels, annotations and body, if anything differs."""
        one = self._built(kind, data, live.namespace, live, strict=strict)
        meta = replace(
            live.meta,
            labels=one.meta.labels,
            annotations=one.meta.annotations,
            finalizers=one.meta.finalizers,
        )
        same_body = as_data(one).get("spec") == as_data(live).get("spec")
        if isinstance(live, Pod) and isinstance(one, Pod):
            after: Object = replace(live, meta=meta, template=one.template)
        else:
            same_body = one.data == live.data
            after = _with_body(live, one, meta)
        if same_body and _same_meta(meta, live.meta):
            return live
        return self.server.update(after)

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


def _with_body(live: Object, one: Object, meta: Meta) -> Object:
    changes: Data = {"meta": meta, "data": one.data, "api_version": one.api_version}
    if "spec" in live.__struct_fields__:
        changes["spec"] = one.spec  # type: ignore[attr-defined]
    return replace(live, **changes)


def _same_meta(one: Meta, other: Meta) -> bool:
    return (
        dict(one.labels) == dict(other.labels)
        and dict(one.annotations) == dict(other.annotations)
        and one.finalizers == other.finalizers
    )


def _meta(said: Mapping[str, Any], namespace: str) -> Meta:
    owners = tuple(
        Owner(
            str(one.get("kind", "")), str(one.get("name", "")), str(one.get("uid", "")),
            str(one.get("apiVersion", "")), bool(one.get("controller", False)),
            bool(one.get("blockOwnerDeletion", False)),
        )
        for one in said.get("ownerReferences") or ()
    )  # fmt: skip
    return Meta(
        str(said.get("name") or ""),
        namespace,
        labels=_texts(said.get("labels")),
        annotations=_texts(said.get("annotations")),
        owners=owners,
        finalizers=tuple(said.get("finalizers") or ()),
        generate_name=str(said.get("generateName") or ""),
    )


def _last_applied(note: str | None) -> Data:
    """What was applied before; nothing where somebody wrote another text there."""
    try:
        found = json.loads(note) if note else {}
    except (ValueError, RecursionError) as error:
        raise bad_request(f"invalid {LAST_APPLIED} annotation: {error}") from None
    return found if isinstance(found, dict) else {}


def _texts(said: Any) -> dict[str, str]:
    return {str(key): "" if value is None else str(value) for key, value in (said or {}).items()}


def _group_kind(kind: Kind) -> str:
    return f"{kind.kind}.{kind.group}" if kind.group else kind.kind


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


def _short(data: Data) -> str:
    text = json.dumps(data, default=str)
    return text if len(text) < 100 else text[:100] + "..."
