"""What a kustomization.yaml may say, as people write it (kustomize, ``api/types``)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from simulator.errors import DrydockError, nearest


class BuildError(DrydockError):
    """A kustomization that cannot be built; kubectl ends with exit code 1."""

    exit_code = 1


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Read strictly: a field that nobody knows is refused."""


class FieldSpec(_Said, frozen=True):
    """Where something stands in objects of a kind (nothing: of any)."""

    path: str
    group: str = ""
    version: str = ""
    kind: str = ""
    create: bool = False


class Selector(_Said, frozen=True):
    """Which objects are meant; each part is a regular expression for the whole of its field."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    label_selector: str = ""
    annotation_selector: str = ""


class PatchOptions(_Said, frozen=True):
    """What a patch may change that it usually may not."""

    allow_name_change: bool = False
    allow_kind_change: bool = False


class Patch(_Said, frozen=True):
    """A strategic merge patch or a JSON patch, in a file or in place."""

    path: str = ""
    patch: str = ""
    target: Selector | None = None
    options: PatchOptions = PatchOptions()


class Image(_Said, frozen=True):
    """Another name, tag or digest for images of a name."""

    name: str
    new_name: str = ""
    new_tag: str = ""
    digest: str = ""
    tag_suffix: str = ""


class Replica(_Said, frozen=True):
    """How many pods a workload of a name has."""

    name: str
    count: int


class Labels(_Said, frozen=True):
    """Labels for all objects, and perhaps for their selectors and templates."""

    pairs: dict[str, str] = {}
    include_selectors: bool = False
    include_templates: bool = False
    include_volume_claim_templates: bool = False
    fields: list[FieldSpec] = []


class GeneratorOptions(_Said, frozen=True):
    """What generated maps have besides their data."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    disable_name_suffix_hash: bool = False
    immutable: bool = False


class Generator(_Said, frozen=True):
    """A ConfigMap or a Secret of files, lines and words."""

    name: str = ""
    namespace: str = ""
    behavior: str = ""
    literals: list[str] = []
    files: list[str] = []
    envs: list[str] = []
    env: str = ""
    type: str = ""
    options: GeneratorOptions | None = None


class FieldOptions(_Said, frozen=True):
    """Which part of a value is meant; whether a field is made where there is none."""

    delimiter: str = ""
    index: int = 0
    create: bool = False
    encoding: str = ""


class Source(_Said, frozen=True):
    """A field of an object."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    field_path: str = "metadata.name"
    options: FieldOptions = FieldOptions()


class Goal(_Said, frozen=True):
    """Fields of objects that get a value."""

    select: Selector | None = None
    reject: list[Selector] = []
    field_paths: list[str] = []
    options: FieldOptions = FieldOptions()


class Replacement(_Said, frozen=True):
    """A value that is written to other fields; ``path``: it stands in a file."""

    path: str = ""
    source: Source | None = None
    source_value: str | None = None
    targets: list[Goal] | None = None


class LegacyOrder(_Said, frozen=True):
    """Kinds that come first, and kinds that come last."""

    order_first: list[str] = []
    order_last: list[str] = []


class SortOptions(_Said, frozen=True):
    """``legacy`` or ``fifo``."""

    order: str = "legacy"
    legacy_sort_options: LegacyOrder | None = None


class Kustomization(_Said, frozen=True):
    """One file. Fields that are not modelled are read, and named by who builds."""

    api_version: str = ""
    kind: str = "Kustomization"
    metadata: Any = None
    resources: list[str] = []
    bases: list[str] = []
    components: list[str] = []
    name_prefix: str = ""
    name_suffix: str = ""
    namespace: str = ""
    labels: list[Labels] = []
    common_labels: dict[str, str] = {}
    common_annotations: dict[str, str] = {}
    images: list[Image] = []
    image_tags: list[Image] = []
    replicas: list[Replica] = []
    patches: list[Patch] = []
    patches_strategic_merge: list[str] = []
    patches_json6902: list[Patch] = msgspec.field(name="patchesJson6902", default_factory=list)
    config_map_generator: list[Generator] = []
    secret_generator: list[Generator] = []
    generator_options: GeneratorOptions = GeneratorOptions()
    replacements: list[Replacement] = []
    sort_options: SortOptions | None = None
    vars: Any = None
    crds: Any = None
    openapi: Any = None
    configurations: Any = None
    generators: Any = None
    transformers: Any = None
    validators: Any = None
    build_metadata: Any = None
    helm_charts: Any = None
    helm_globals: Any = None
    helm_chart_inflation_generator: Any = None


UNMODELLED = {
    "vars": "$(NAME) in other objects stays as it is written; replacements do the same",
    "crds": "names in objects of these kinds do not follow those that change",
    "openapi": "lists of these kinds are replaced by patches, not merged",
    "configurations": "other fields than the usual ones are not changed",
    "generators": "what plugins would make is missing",
    "transformers": "what plugins would change stays as it is",
    "validators": "nobody looks at the result",
    "buildMetadata": "objects do not tell where they are from",
}
"""Fields that are accepted, and what it means that nothing follows from them."""
HELM = ("helmCharts", "helmGlobals", "helmChartInflationGenerator")
VERSIONS = {
    "Kustomization": "kustomize.config.k8s.io/v1beta1",
    "Component": "kustomize.config.k8s.io/v1alpha1",
}
DEPRECATED = {
    "bases": "resources", "commonLabels": "labels", "imageTags": "images",
    "patchesJson6902": "patches", "patchesStrategicMerge": "patches", "vars": "replacements",
}  # fmt: skip
_GO = {"str": "string", "int": "number", "float": "number", "bool": "bool", "array": "array",
       "object": "object", "null": "null"}  # fmt: skip


def read(data: Any, root: str) -> Kustomization:
    """A kustomization of the data of its file; BuildError in kustomize's words."""
    if not isinstance(data, dict) or not data.keys() - {"apiVersion", "kind"}:
        raise BuildError("kustomization.yaml is empty")
    there = {key: value for key, value in data.items() if value is not None}
    said: Kustomization = convert(there, Kustomization)
    wrong = []
    if said.kind not in VERSIONS:
        wrong.append("kind should be Kustomization or Component")
    wanted = VERSIONS.get(said.kind, VERSIONS["Kustomization"])
    if said.api_version not in ("", wanted):
        wrong.append(f"apiVersion for {said.kind} should be {wanted}")
    if wrong:
        listed = "\n".join(wrong)
        raise BuildError(f"Failed to read kustomization file under {root}:\n{listed}")
    return said


def convert(data: Any, type_: Any, start: str = "invalid Kustomization") -> Any:
    """Data as a struct; what is wrong is told as Go's reader of JSON does."""
    try:
        return msgspec.convert(data, type_)
    except msgspec.ValidationError as error:
        raise BuildError(f"{start}: json: {_told(str(error), data, type_)}") from None


_UNKNOWN = re.compile(r"Object contains unknown field `(.+?)`(?: - at `\$\.?(.*)`)?")
_WRONG = re.compile(r"Expected `(.+?)`, got `(.+?)`(?: - at `\$\.?(.*)`)?")
_MISSING = re.compile(r"Object missing required field `(.+?)`(?: - at `\$\.?(.*)`)?")


def _told(text: str, data: Any, type_: Any) -> str:
    if found := _UNKNOWN.match(text):
        near = nearest(found[1], _fields(type_, found[2] or ""))
        hint = f"; did you mean '{near}'?" if near else ""
        return f'unknown field "{found[1]}"{hint}'
    if found := _MISSING.match(text):
        return f'{found[2] or "the kustomization"} needs a field "{found[1]}"'
    if found := _WRONG.match(text):
        wanted = found[1].partition(" |")[0]
        return (
            f"cannot unmarshal {_GO.get(found[2], found[2])} into Go struct field "
            f"Kustomization.{found[3] or ''} of type {_GO.get(wanted, wanted)}"
        )
    return text


def _fields(type_: Any, path: str) -> list[str]:
    """The fields of what stands at a path of msgspec's: ``patches[...].target``."""
    at: Any = msgspec.inspect.type_info(type_)
    for word in re.findall(r"[^.\[\]]+|\[", path):
        while isinstance(at, msgspec.inspect.UnionType):
            at = next(one for one in at.types if not isinstance(one, msgspec.inspect.NoneType))
        if isinstance(at, msgspec.inspect.ListType):
            at = at.item_type
        elif isinstance(at, msgspec.inspect.StructType):
            fields = {one.encode_name: one.type for one in at.fields}
            at = fields.get(word, at)
    while isinstance(at, msgspec.inspect.UnionType):
        at = next(one for one in at.types if not isinstance(one, msgspec.inspect.NoneType))
    if isinstance(at, msgspec.inspect.ListType):
        at = at.item_type
    if not isinstance(at, msgspec.inspect.StructType):
        return []
    return [one.encode_name for one in at.fields]
