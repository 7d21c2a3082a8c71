"""ConfigMaps and Secrets of files and words, and what their contents hash to."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from typing import Any

from simulator.cluster.kubernetes.api.reading import Document
from simulator.cluster.kubernetes.kustomize.files import Folder
from simulator.cluster.kubernetes.kustomize.resources import Resource, Resources
from simulator.cluster.kubernetes.kustomize.spec import (
    BuildError,
    Generator,
    GeneratorOptions,
    Kustomization,
)

LINE = 70
"""Characters after which base 64 goes on in another line (kyaml, ``encodeBase64``)."""
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}", re.ASCII)
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*", re.ASCII)
BEHAVIORS = ("", "create", "merge", "replace", "unspecified")


def generate(
    said: Kustomization, folder: Folder, source: Document, text: str, known: Resources
) -> None:
    """Make all maps of a kustomization, or change those that its bases have."""
    for kind, listed in (
        ("ConfigMap", said.config_map_generator),
        ("Secret", said.secret_generator),
    ):
        for one in listed:
            options = _options(one.options, said.generator_options)
            made = Resource(_map(kind, one, options, folder), source, text)
            made.hashed = not options.disable_name_suffix_hash
            made.behavior = one.behavior
            _absorb(known, made)


def _options(own: GeneratorOptions | None, shared: GeneratorOptions) -> GeneratorOptions:
    if own is None:
        return shared
    return GeneratorOptions(
        labels={**shared.labels, **own.labels},
        annotations={**shared.annotations, **own.annotations},
        disable_name_suffix_hash=own.disable_name_suffix_hash or shared.disable_name_suffix_hash,
        immutable=own.immutable or shared.immutable,
    )


def _map(kind: str, one: Generator, options: GeneratorOptions, folder: Folder) -> dict[str, Any]:
    if not one.name:
        raise BuildError("a configmap must have a name")
    if one.behavior not in BEHAVIORS:
        raise BuildError(f"unknown behavior {one.behavior}: one of create, merge, replace")
    pairs = _pairs(one, folder)
    meta: dict[str, Any] = {"name": one.name}
    if one.namespace:
        meta["namespace"] = one.namespace
    for word, value in (("labels", options.labels), ("annotations", options.annotations)):
        if value:
            meta[word] = dict(value)
    data: dict[str, Any] = {"apiVersion": "v1", "kind": kind, "metadata": meta}
    if kind == "Secret":
        data["type"] = one.type or "Opaque"
        data["data"] = {key: encoded(value) for key, value in pairs.items()}
    else:
        data |= _config(pairs)
    if options.immutable:
        data["immutable"] = True
    return data


def _config(pairs: dict[str, bytes]) -> dict[str, Any]:
    """Text as it is, all else in base 64."""
    plain: dict[str, str] = {}
    binary: dict[str, str] = {}
    for key, value in pairs.items():
        try:
            plain[key] = value.decode()
        except UnicodeDecodeError:
            binary[key] = encoded(value)
    return {word: found for word, found in (("data", plain), ("binaryData", binary)) if found}


def encoded(value: bytes) -> str:
    """Base 64, in lines where it is long."""
    text = base64.b64encode(value).decode()
    if len(text) < LINE:
        return text
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return "".join(f"{line}\n" for line in lines)


def _pairs(one: Generator, folder: Folder) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    listed = [*_of_lines(one, folder), *_of_words(one), *_of_files(one, folder)]
    for key, value in listed:
        if _KEY.fullmatch(key) is None or key in (".", "..") or key.startswith(".."):
            raise BuildError(
                f"{key!r} is not a valid key name: a valid config key must consist of "
                "alphanumeric characters, '-', '_' or '.'"
            )
        if key in found:
            raise BuildError(f"configmap {one.name} illegally repeats the key `{key}`")
        found[key] = value
    return found


def _of_lines(one: Generator, folder: Folder) -> list[tuple[str, bytes]]:
    found = []
    envs = [*one.envs, *([one.env] if one.env else [])]
    for name in envs:
        for line in folder.text_of(name).splitlines():
            words = line.lstrip()
            if not words or words.startswith("#"):
                continue
            key, _, value = words.partition("=")
            if _VARIABLE.fullmatch(key) is None:
                raise BuildError(
                    f"loading KV pairs: env source files: [{' '.join(envs)}]: {key!r} is not a "
                    "valid environment variable name"
                )
            found.append((key, value.encode()))
    return found


def _of_words(one: Generator) -> list[tuple[str, bytes]]:
    found = []
    for word in one.literals:
        key, equals, value = word.partition("=")
        if not equals or not key:
            listed = " ".join(one.literals)
            raise BuildError(
                f"loading KV pairs: literal sources [{listed}]: invalid literal source {word}, "
                "expected key=value"
            )
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        found.append((key, value.encode()))
    return found


def _of_files(one: Generator, folder: Folder) -> list[tuple[str, bytes]]:
    found = []
    for word in one.files:
        key, equals, name = word.partition("=")
        if not equals:
            key, name = posixpath.basename(word), word
        elif not key:
            raise BuildError(f'missing key name for file path "{name}" in source "{word}"')
        elif not name:
            raise BuildError(f'missing file path for key name "{key}" in source "{word}"')
        elif "=" in name:
            raise BuildError(f"source \"{word}\" key name or file path contains '='")
        try:
            found.append((key, folder.bytes_of(name)))
        except BuildError as error:
            listed = " ".join(one.files)
            raise BuildError(f"loading KV pairs: file sources: [{listed}]: {error}") from None
    return found


# --- one of a base --------------------------------------------------------------------------------


def _absorb(known: Resources, made: Resource) -> None:
    """A new map, or one that takes the place of a base's, or is merged into it."""
    same = [one for one in known if any(made.id.same(each) for each in one.ids())]
    merging = made.behavior in ("merge", "replace")
    if not same and merging:
        raise BuildError(
            f"merging from generator: id {made.id} does not exist; cannot merge or replace"
        )
    if not same:
        known.add([made])
        return
    if len(same) > 1:
        raise BuildError(f"found multiple objects that could accept merge of {made.id}")
    if not merging:
        raise BuildError(
            f"merging from generator: id {made.id} exists; can not use behavior: "
            f"'{made.behavior or 'unspecified'}', behavior must be merge or replace"
        )
    _merge(same[0], made)


def _merge(old: Resource, made: Resource) -> None:
    meta = dict(old.meta)
    for word in ("labels", "annotations"):
        both = {**old.texts(word), **made.texts(word)}
        if both:
            meta[word] = both
    data = {**made.data, "metadata": meta}
    if made.behavior == "merge":
        for word in ("data", "binaryData"):
            both = {**(old.data.get(word) or {}), **(made.data.get(word) or {})}
            if both:
                data[word] = both
    old.data = data
    old.hashed = made.hashed


# --- hashes ---------------------------------------------------------------------------------------


def hash_of(data: dict[str, Any]) -> str:
    """Ten characters of what an object says (kustomize, ``api/hasher``)."""
    kind = data.get("kind")
    said: dict[str, Any] = data
    if kind in ("ConfigMap", "Secret"):
        meta = data.get("metadata") or {}
        said = {"kind": kind, "name": meta.get("name", ""), "data": data.get("data", "")}
        more = "binaryData" if kind == "ConfigMap" else "stringData"
        if isinstance(data.get(more), dict):
            said[more] = data[more]
        if kind == "Secret":
            said["type"] = data.get("type", "")
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))
