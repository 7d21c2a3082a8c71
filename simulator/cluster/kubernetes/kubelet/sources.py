"""ConfigMaps and Secrets that a pod is made of: which they are, and what is missing of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from simulator.cluster.kubernetes.objects.containers import Container
from simulator.cluster.kubernetes.objects.pod import PodSpec, Template, Volume
from simulator.cluster.kubernetes.store import Store

Data = Mapping[str, str]
Known = dict[tuple[str, str], Data]
"""What a container was given when it started: by kind and name."""
NOTHING: Known = {}
"""Of nothing: shared by all that need nothing."""
_WORDS = {"ConfigMap": "configmap", "Secret": "secret"}
_ENV_KINDS = (("configMapRef", "ConfigMap"), ("secretRef", "Secret"))
_KEY_KINDS = (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret"))


class Reference(NamedTuple):
    """A ConfigMap or Secret that somebody needs, and keys of it."""

    kind: str
    name: str
    keys: tuple[str, ...] = ()
    optional: bool = False
    volume: str = ""
    """The volume that shows it; nothing: it is for variables."""


class Claims(Protocol):
    """Who knows when the volume of a claim can be mounted."""

    def ready_in(self, namespace: str, name: str, node: str, pod: str) -> tuple[float, str]:
        """Seconds until then, and what to tell meanwhile; (0, "") where it can be now."""


class Sources:
    """Reads what pods refer to; what they refer to is worked out once for each template."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._env: dict[tuple[int, str], tuple[Reference, ...]] = {}
        self._volumes: dict[int, tuple[Reference, ...]] = {}
        self.claims: Claims | None = None
        """Who attaches the volumes of claims; None: nobody has to."""

    def read(self, kind: str, namespace: str, name: str) -> Data | None:
        """The data of a ConfigMap or a Secret as text; None where there is none."""
        one = self._store.find(kind, namespace, name)
        if one is None:
            return None
        data: Mapping[str, str] = one.data.get("data") or {}
        if kind == "ConfigMap":
            return data
        plain = {name: _decoded(text) for name, text in data.items()}
        return {**plain, **(one.data.get("stringData") or {})}

    def env(self, template: Template, container: Container) -> tuple[Reference, ...]:
        """What the variables of a container are made of."""
        key = template.number, container.name
        found = self._env.get(key)
        if found is None:
            found = self._env[key] = tuple(_of_env(container))
        return found

    def volumes(self, template: Template) -> tuple[Reference, ...]:
        """What volumes of a pod show, claims included (kind PersistentVolumeClaim)."""
        found = self._volumes.get(template.number)
        if found is None:
            found = self._volumes[template.number] = tuple(_of_volumes(template.spec))
        return found

    def given(self, references: tuple[Reference, ...], namespace: str) -> Known:
        """What there is of these, as of now."""
        found = {}
        for one in references:
            data = self.read(one.kind, namespace, one.name)
            if data is not None:
                found[one.kind, one.name] = data
        return found

    def problem(self, one: Reference, namespace: str) -> str:
        """What is missing of a reference; nothing where all is there, or need not be."""
        if one.kind == "PersistentVolumeClaim":
            missing = self._store.find(one.kind, namespace, one.name) is None
            return f'persistentvolumeclaim "{one.name}" not found' if missing else ""
        if one.optional:
            return ""
        data = self.read(one.kind, namespace, one.name)
        if data is None:
            return f'{_WORDS[one.kind]} "{one.name}" not found'
        key = next((key for key in one.keys if key not in data), None)
        if key is None:
            return ""
        if one.volume:
            return f"references non-existent {_WORDS[one.kind][:6]} key: {key}"
        return f"couldn't find key {key} in {one.kind} {namespace}/{one.name}"


def _of_env(container: Container) -> Iterator[Reference]:
    for source in container.env_from:
        for word, kind in _ENV_KINDS:
            if word in source:
                one = source[word]
                yield Reference(kind, one.get("name", ""), (), bool(one.get("optional")))
    for variable in container.env:
        for word, kind in _KEY_KINDS:
            if word in variable.value_from:
                one = variable.value_from[word]
                keys = (one.get("key", ""),)
                yield Reference(kind, one.get("name", ""), keys, bool(one.get("optional")))


def _of_volumes(spec: PodSpec) -> Iterator[Reference]:
    mounted = {
        one.name for each in (*spec.init_containers, *spec.containers) for one in each.volume_mounts
    }
    for volume in spec.volumes:
        if volume.name in mounted or volume.persistent_volume_claim is not None:
            yield from _of_volume(volume)


def _of_volume(volume: Volume) -> Iterator[Reference]:
    if volume.persistent_volume_claim is not None:
        name = volume.persistent_volume_claim.get("claimName", "")
        yield Reference("PersistentVolumeClaim", name, (), False, volume.name)
    for kind, source in shown(volume):
        keys = tuple(item.get("key", "") for item in source.get("items") or ())
        name = source.get("secretName") or source.get("name", "")
        yield Reference(kind, name, keys, bool(source.get("optional")), volume.name)


def shown(volume: Volume) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The ConfigMaps and Secrets that a volume shows, as it says it."""
    if volume.config_map is not None:
        yield "ConfigMap", volume.config_map
    if volume.secret is not None:
        yield "Secret", volume.secret
    for source in (volume.projected or {}).get("sources") or ():
        if "configMap" in source:
            yield "ConfigMap", source["configMap"]
        if "secret" in source:
            yield "Secret", source["secret"]


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (ValueError, binascii.Error):
        return text
