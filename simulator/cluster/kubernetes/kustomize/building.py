"""A kustomization and all that it is made of, built into objects in their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from simulator.cluster.kubernetes.api.reading import Document, read_values
from simulator.cluster.kubernetes.kustomize import patches, transformers
from simulator.cluster.kubernetes.kustomize.files import Budget, Folder, own
from simulator.cluster.kubernetes.kustomize.generators import generate, hash_of
from simulator.cluster.kubernetes.kustomize.references import follow
from simulator.cluster.kubernetes.kustomize.replacements import replace_all
from simulator.cluster.kubernetes.kustomize.resources import Resource, Resources
from simulator.cluster.kubernetes.kustomize.spec import (
    DEPRECATED,
    HELM,
    UNMODELLED,
    BuildError,
    Kustomization,
    LegacyOrder,
    SortOptions,
    read,
)
from simulator.errors import DrydockError

FIRST = (
    "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount",
    "PodSecurityPolicy", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap",
    "Secret", "Endpoints", "Service", "LimitRange", "PriorityClass", "PersistentVolume",
    "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob", "PodDisruptionBudget",
)  # fmt: skip
LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
LOCAL = "config.kubernetes.io/local-config"
"""An annotation: for tools only, not for the cluster."""


class Built(msgspec.Struct, frozen=True):
    """What a kustomization is built into."""

    documents: list[tuple[Document, str]]
    """The objects in order, each with the text of the file that it is from."""
    notes: dict[str, None]
    """What is not modelled, and what was written and changes nothing."""
    warnings: dict[str, None] = {}
    """What kustomize itself warns of."""


def build(path: Path, shown: str, *, within: Path | None = None) -> Built:
    """All objects of a folder's kustomization; BuildError in kustomize's words.

    ``shown``: how messages call the folder. ``within``: a folder that may not be left.
    """
    build_ = _Build()
    folder = Folder(path, shown, Budget(within), None)
    known = Resources()
    build_.gather(folder, known, component=False)
    for one in known:
        if one.hashed:
            one.remember()
            one.meta["name"] = f"{one.id.name}-{hash_of(one.data)}"
    follow(known)
    listed = [one for one in known if one.texts("annotations").get(LOCAL) is None]
    ordered = _ordered(listed, build_.sorting)
    documents = [(_document(one), one.text) for one in ordered]
    return Built(documents, build_.notes, build_.warnings)


def _document(one: Resource) -> Document:
    source = one.source
    return Document(one.data, source.file, source.index, source.inside)


class _Build:
    """One build: what is said of it on the way."""

    def __init__(self) -> None:
        self.notes: dict[str, None] = {}
        self.warnings: dict[str, None] = {}
        self.sorting: SortOptions | None = None

    def gather(self, folder: Folder, known: Resources, *, component: bool) -> None:
        """All objects of a folder, changed as it says, added to those that are known.

        A component changes what its user has, too.
        """
        name = folder.kustomization()
        text = folder.text_of(name)
        shown = f"{folder.shown}/{name}"
        values = [one for one in read_values(text, shown) if one is not None]
        if len(values) > 1:
            raise BuildError(f"invalid Kustomization: {shown} has more than one document")
        data = own(values[0]) if values else {}
        said = read(data, folder.shown)
        self._check_kind(said, folder, component=component)
        self._name(data, shown)
        if folder.parent is None:
            self.sorting = said.sort_options
        mine = known if component else Resources()
        self._resources(said, folder, mine)
        generate(said, folder, Document({}, shown, 0), text, mine)
        for word in said.components:
            self._component(word, folder, mine)
        self._change(said, folder, mine)
        if not component:
            known.add(mine.listed)

    def _check_kind(self, said: Kustomization, folder: Folder, *, component: bool) -> None:
        if component and said.kind != "Component":
            raise BuildError(
                f"expected kind 'Component' for path '{folder.shown}' but got '{said.kind}'"
            )
        if not component and said.kind == "Component":
            raise BuildError(f"expected kind != 'Component' for path '{folder.shown}'")

    def _name(self, data: dict[str, Any], shown: str) -> None:
        """Say what of a file is not modelled, or old."""
        if any(word in data for word in HELM):
            raise BuildError(
                "must specify --enable-helm (charts are not modelled here: render them with 'helm "
                "template' and name the result in resources)"
            )
        for word, meaning in UNMODELLED.items():
            if data.get(word):
                self.notes[f"{shown}: not modelled: {word}: {meaning}"] = None
        for word, instead in DEPRECATED.items():
            if data.get(word) is not None:
                self.warnings[
                    f"# Warning: '{word}' is deprecated. Please use '{instead}' instead. Run "
                    "'kustomize edit fix' to update your Kustomization automatically."
                ] = None

    # --- where objects are from -------------------------------------------------------------------

    def _resources(self, said: Kustomization, folder: Folder, mine: Resources) -> None:
        for word in (*said.resources, *said.bases):
            if "://" in word or word.startswith(("git@", "github.com/")):
                raise BuildError(
                    f"accumulating resources: accumulation err='accumulating resources from "
                    f"'{word}': there is no network here; save it as a file or folder'"
                )
            try:
                mine.add(folder.objects(word))
            except DrydockError as error:
                self._base(word, folder, mine, error)

    def _base(self, word: str, folder: Folder, mine: Resources, first: DrydockError) -> None:
        """What is no file may be a folder; both reasons are told where it is neither."""
        start = "accumulating resources"
        there = folder.path / word if "\0" not in word else folder.path
        if there.is_file():
            raise BuildError(f"{start}: accumulation err='accumulating resources from '{word}': "
                             f"{first}'") from None  # fmt: skip
        try:
            self.gather(folder.below(word), mine, component=False)
        except DrydockError as error:
            if there.is_dir():
                raise BuildError(
                    f"{start}: accumulating resources from '{word}': {error}"
                ) from None
            raise BuildError(f"{start}: accumulation err='accumulating resources from '{word}': "
                             f"{first}': {error}") from None  # fmt: skip

    def _component(self, word: str, folder: Folder, mine: Resources) -> None:
        try:
            self.gather(folder.below(word), mine, component=True)
        except DrydockError as error:
            raise BuildError(f'accumulating components: accumulateDirectory: "{error}"') from None

    # --- what changes them ------------------------------------------------------------------------

    def _change(self, said: Kustomization, folder: Folder, mine: Resources) -> None:
        """The order is kustomize's own (``configureBuiltinTransformers``)."""
        patches.early(mine, said, folder, self.notes)
        transformers.set_namespace(mine, said.namespace)
        transformers.set_affixes(mine, said.name_prefix, said.name_suffix)
        transformers.set_labels(mine, said)
        transformers.set_annotations(mine, said.common_annotations)
        patches.late(mine, said, folder, self.notes)
        for one in said.replicas:
            transformers.set_replicas(mine, one)
        for image in (*said.images, *said.image_tags):
            transformers.set_images(mine, image)
        replace_all(mine, said.replacements, folder)


def _ordered(listed: list[Resource], options: SortOptions | None) -> list[Resource]:
    """By kind as kubectl does, or as they were read where ``fifo`` is asked for."""
    if options is None:
        options = SortOptions()
    if options.order not in ("legacy", "fifo"):
        raise BuildError("the field 'sortOptions.order' must be one of [fifo, legacy]")
    legacy = options.legacy_sort_options
    if options.order == "fifo":
        if legacy is not None:
            raise BuildError("the field 'sortOptions.legacySortOptions' is set but the selected "
                             "sort order is 'fifo', not 'legacy'")  # fmt: skip
        return listed
    legacy = legacy or LegacyOrder(list(FIRST), list(LAST))
    ranks = {kind: at - len(legacy.order_first) for at, kind in enumerate(legacy.order_first)}
    ranks |= {kind: at + 1 for at, kind in enumerate(legacy.order_last)}

    def place(one: Resource) -> tuple[Any, ...]:
        group, version, kind, name, space = one.id
        words = f"{group or '~G'}_{version or '~V'}_{kind or '~K'}"
        return ranks.get(kind, 0), words, f"{space or '~X'}|{name or '~N'}"

    return sorted(listed, key=place)
