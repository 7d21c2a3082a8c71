"""Volumes of pods on their node: folders of the machine, where a kubelet keeps them.

They are made when a container is made warm; what a volume of a ConfigMap or Secret shows is written
then. Claims are volumes that all nodes reach: what one pod wrote the next one finds, wherever it
runs. Other than on a real node the files of a claim are counted on the disk of the node that had it
first, and an emptyDir in memory is each container's own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.env import Around, amount, field
from simulator.cluster.kubernetes.kubelet.expansion import expanded
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.sources import Sources
from simulator.cluster.kubernetes.objects.containers import Mount
from simulator.cluster.kubernetes.objects.pod import Volume
from simulator.cluster.kubernetes.objects.resources import resources_of
from simulator.cluster.kubernetes.store import Store
from simulator.image.model import DIRECTORY, FileEntry
from simulator.image.problems import NoSuchFile
from simulator.node.volumes import Volume as Claim

ROOT = "/var/lib/kubelet/pods"
MOST_WORDS = 4096
LAST_LINES, LAST_BYTES = 80, 2048
"""kubelet: of a termination message, and of the log in its place."""
File = tuple[str, str, int]
"""A file of a volume: path in it, text, mode."""
_PLUGINS = {
    "empty_dir": "empty-dir", "config_map": "configmap", "secret": "secret",
    "downward_api": "downward-api", "projected": "projected", "ephemeral": "csi",
}  # fmt: skip


class Volumes:
    """Makes what containers of pods have mounted."""

    def __init__(self, store: Store, sources: Sources) -> None:
        self._store = store
        self._sources = sources
        self._claims: dict[str, Claim] = {}
        """Volumes behind claims, by the claim's uid."""

    def mounts(
        self, box: Box, life: Life, run: Run, around: Around, env: Mapping[str, str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the daemon is told of mounts and of file systems in memory."""
        known = {one.name: one for one in life.template.spec.volumes}
        mounts, memory = [], []
        for one in run.wanted.volume_mounts:
            volume = known.get(one.name)
            if volume is None:
                continue
            if volume.empty_dir is not None and volume.empty_dir.get("medium") == "Memory":
                size = resources_of({"memory": volume.empty_dir.get("sizeLimit") or 0}).memory_bytes
                memory.append(f"{one.mount_path}:size={size}" if size else one.mount_path)
            else:
                mounts.append(self._mount(box, life, run, around, volume, one, env))
        path = run.wanted.termination_message_path
        if any(path in word for word in (*run.wanted.command, *run.wanted.args)):
            mounts.append(self._last_words(box, life, run, path))
        return tuple(mounts), tuple(memory)

    def _last_words(self, box: Box, life: Life, run: Run, path: str) -> str:
        """The file in which a container may say why it ends; only who names it gets it."""
        host, source = box.daemon.storage.volumes.host, last_words_path(life, run)
        host.put(FileEntry(source, 0, 0o666, text=""))
        life.has_files = True
        return ",".join(_quoted(one) for one in (f"target={path}", "type=bind", f"source={source}"))

    def last_words(self, box: Box, life: Life, run: Run) -> str:
        """What an ended container had written there, or (``FallbackToLogsOnError``) printed."""
        host, path = box.daemon.storage.volumes.host, last_words_path(life, run)
        entry = host.lookup(path) if life.has_files else None
        text = "" if entry is None else entry.text or ""
        container = run.container
        fails = container is not None and bool(container.exit_code)
        if text or not fails or run.wanted.termination_message_policy != "FallbackToLogsOnError":
            return text[:MOST_WORDS]
        assert container is not None
        lines = "".join(f"{line}\n" for _, line in list(container.log)[-LAST_LINES:])
        return lines[-LAST_BYTES:]

    def _mount(
        self, box: Box, life: Life, run: Run, around: Around, volume: Volume, one: Mount,
        env: Mapping[str, str],
    ) -> str:  # fmt: skip
        fields = {"target": one.mount_path}
        below = expanded(one.sub_path_expr, env) or one.sub_path
        source = self._path(volume, life)
        if not source:
            made = self._claim(box, life, volume)
            fields |= {"type": "volume", "source": made.name, "volume-nocopy": "true"}
            if below:
                _folder(made.tree, posixpath.join("/", below))
                fields["volume-subpath"] = below
        else:
            life.has_files = life.has_files or volume.host_path is None
            self._fill(box, life, run, around, volume, source)
            path = posixpath.normpath(posixpath.join(source, below)) if below else source
            _folder(box.daemon.storage.volumes.host, path)
            fields |= {"type": "bind", "source": path}
        shown = volume.config_map or volume.secret or volume.downward_api or volume.projected
        if one.read_only or shown is not None:
            fields["readonly"] = "true"
        return ",".join(_quoted(f"{key}={value}") for key, value in fields.items())

    def _path(self, volume: Volume, life: Life) -> str:
        """Where a volume lies on its machine; nothing for one that all machines reach."""
        if volume.host_path is not None:
            return str(volume.host_path.get("path", "/"))
        if volume.persistent_volume_claim is not None:
            return self._local(volume, life)
        word = next(
            (one for name, one in _PLUGINS.items() if getattr(volume, name) is not None), ""
        )
        return f"{ROOT}/{life.uid}/volumes/kubernetes.io~{word or 'empty-dir'}/{volume.name}"

    def _local(self, volume: Volume, life: Life) -> str:
        """The path of a volume that is a folder of its node."""
        assert volume.persistent_volume_claim is not None
        name = volume.persistent_volume_claim.get("claimName", "")
        claim = self._store.find("PersistentVolumeClaim", life.namespace, name)
        bound = "" if claim is None else (claim.data.get("spec") or {}).get("volumeName", "")
        found = self._store.find("PersistentVolume", "", bound) if bound else None
        spec = {} if found is None else found.data.get("spec") or {}
        return str((spec.get("hostPath") or spec.get("local") or {}).get("path", ""))

    def _claim(self, box: Box, life: Life, volume: Volume) -> Claim:
        assert volume.persistent_volume_claim is not None
        name = volume.persistent_volume_claim.get("claimName", "")
        claim = self._store.find("PersistentVolumeClaim", life.namespace, name)
        uid = name if claim is None else claim.meta.uid
        known, volumes = self._claims.get(uid), box.daemon.storage.volumes
        if known is None:
            known = self._claims[uid] = volumes.create(f"pvc-{uid}")
        volumes.all.setdefault(known.name, known)
        return known

    def _fill(
        self, box: Box, life: Life, run: Run, around: Around, volume: Volume, path: str
    ) -> None:
        """Write the files of a volume that shows something."""
        host = box.daemon.storage.volumes.host
        for name, text, mode in self._files(volume, life, run, around):
            target = posixpath.join(path, name)
            size = len(text.encode())
            host.put(FileEntry(target, size, mode, text=text, modified_s=life.started_at))

    def _files(self, volume: Volume, life: Life, run: Run, around: Around) -> Iterator[File]:
        common = volume.projected or volume.secret or volume.config_map or volume.downward_api or {}
        mode = int(common.get("defaultMode") or 0o644)
        for source in _parts(volume):
            if "items" in source and "kind" not in source:
                for item in source["items"] or ():
                    yield item.get("path", ""), _told(item, life, run, around), _mode(item, mode)
                continue
            if "token" in source:
                yield source["token"], f"token of {life.uid}", mode
                continue
            data = self._sources.read(source["kind"], life.namespace, source["name"]) or {}
            items = source["items"] or [{"key": key, "path": key} for key in data]
            for item in items:
                if item.get("key") in data:
                    yield item.get("path", ""), data[item["key"]], _mode(item, mode)

    def forget(self, box: Box, life: Life) -> None:
        """A pod is gone, and with it what it wrote to folders of its own."""
        if life.has_files:
            with suppress(NoSuchFile):
                box.daemon.storage.volumes.host.drop(f"{ROOT}/{life.uid}")


def last_words_path(life: Life, run: Run) -> str:
    """Where a kubelet keeps the termination message of a container."""
    return f"{ROOT}/{life.uid}/containers/{run.wanted.name}/{run.attempt}"


def _parts(volume: Volume) -> Iterator[dict[str, Any]]:
    """What a volume shows, part by part."""
    if volume.downward_api is not None:
        yield {"items": volume.downward_api.get("items")}
    if volume.config_map is not None:
        yield _part("ConfigMap", volume.config_map)
    if volume.secret is not None:
        yield _part("Secret", volume.secret)
    for source in (volume.projected or {}).get("sources") or ():
        if "configMap" in source:
            yield _part("ConfigMap", source["configMap"])
        if "secret" in source:
            yield _part("Secret", source["secret"])
        if "downwardAPI" in source:
            yield {"items": source["downwardAPI"].get("items")}
        if "serviceAccountToken" in source:
            yield {"token": source["serviceAccountToken"].get("path", "token")}


def _part(kind: str, source: Mapping[str, Any]) -> dict[str, Any]:
    name = source.get("secretName") or source.get("name", "")
    return {"kind": kind, "name": name, "items": source.get("items")}


def _told(item: Mapping[str, Any], life: Life, run: Run, around: Around) -> str:
    """What a file of the downward API says."""
    if "fieldRef" in item:
        return field(item["fieldRef"].get("fieldPath", ""), life, around)
    source = item.get("resourceFieldRef") or {}
    of = life.run(source.get("containerName", "")) or run
    return amount(source, of.wanted, around)


def _mode(item: Mapping[str, Any], usual: int) -> int:
    return int(item.get("mode") or usual)


def _folder(tree: Any, path: str) -> None:
    if not tree.exists(path):
        tree.put(FileEntry(path, 0, 0o777, kind=DIRECTORY))


def _quoted(text: str) -> str:
    """One field of ``--mount``, which are written as CSV."""
    if any(mark in text for mark in ',"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
