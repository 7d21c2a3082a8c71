"""Documents of people as objects: which kind they are, filled in, checked, typed."""

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
    invalid,
    not_found,
)
from simulator.cluster.kubernetes.api.kinds import Kind, Kinds, custom
from simulator.cluster.kubernetes.api.unmodelled import pods_of
from simulator.cluster.kubernetes.api.validation.kinds import validate
from simulator.cluster.kubernetes.data import as_data
from simulator.cluster.kubernetes.objects.meta import Meta, Object, Owner
from simulator.cluster.kubernetes.objects.pod import Pod, PodSpec
from simulator.cluster.kubernetes.objects.registry import Builder
from simulator.cluster.kubernetes.server.server import Server

Data = dict[str, Any]
NOT_BODY = ("apiVersion", "kind", "metadata", "status")


class Documents:
    """Makes objects of documents, by the kinds that a server knows."""

    def __init__(self, server: Server, kinds: Kinds, builder: Builder) -> None:
        self.server = server
        self.store = server.store
        self.kinds = kinds
        self.builder = builder

    @property
    def now(self) -> float:
        """The time at which a write is one."""
        return self.server.sim.now

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

    def _filled(self, live: Object, kind: Kind, data: Data, *, strict: bool) -> Object:
        """The stored object as data say that it should be."""
        one = self._built(kind, data, live.namespace, live, strict=strict)
        meta = replace(
            live.meta,
            labels=one.meta.labels,
            annotations=one.meta.annotations,
            finalizers=one.meta.finalizers,
        )
        if isinstance(live, Pod) and isinstance(one, Pod):
            return replace(live, meta=meta, template=one.template)
        return _with_body(live, one, meta)

    def _same(self, live: Object, one: Object) -> bool:
        """Whether nothing differs that people write."""
        if isinstance(live, Pod):
            same = as_data(one).get("spec") == as_data(live).get("spec")
        else:
            same = one.data == live.data
        return same and _same_meta(one.meta, live.meta)


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


def _texts(said: Any) -> dict[str, str]:
    return {str(key): "" if value is None else str(value) for key, value in (said or {}).items()}


def _group_kind(kind: Kind) -> str:
    return f"{kind.kind}.{kind.group}" if kind.group else kind.kind


def _short(data: Data) -> str:
    text = json.dumps(data, default=str)
    return text if len(text) < 100 else text[:100] + "..."
