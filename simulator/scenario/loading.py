"""Reading a scenario file: nodes, parameters, overrides, structs, and a check of every line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from simulator.calibration import Calibration
from simulator.errors import InputError, Place, unknown
from simulator.files import is_file, is_folder
from simulator.scenario import nodes, stacks
from simulator.scenario.listing import SUFFIXES, listed
from simulator.scenario.reading import Path as Keys
from simulator.scenario.reading import Reader
from simulator.scenario.spec import Spec
from simulator.yaml_nodes import is_scalar

_PARAMETER = re.compile(r"\$\{([^}]*)\}")
_MAX_TEXT = 100_000
BESIDE = "scenario.yaml"
"""A scenario in a folder of manifests; without one the folder is one cluster."""

CheckLine = Callable[[str, Place], object]
"""Reads a line of the script without carrying it out; raises InputError with its place."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that has been read: what it says, and where it says it."""

    name: str
    folder: Path
    spec: Spec
    seed: int
    places: Mapping[Keys, Place] = field(repr=False, default_factory=dict)
    deployed: bool = False
    """Its services come by its script: what is sent to them begins after that (``stacks.py``)."""
    runtime: str = "runc"
    """Of containers that its script starts without naming one."""

    def place(self, *keys: str | int) -> Place:
        """Where a value stands; the nearest enclosing one's place when it was not written."""
        for length in range(len(keys), -1, -1):
            found = self.places.get(keys[:length])
            if found is not None:
                return found
        return Place(self.name)

    def with_seed(self, seed: int) -> Scenario:
        """The same scenario under another seed."""
        return replace(self, seed=seed)

    def with_until(self, until_s: float) -> Scenario:
        """The same scenario, ending earlier or later."""
        return replace(self, spec=msgspec.structs.replace(self.spec, until=until_s))


def load(
    path: str | Path,
    sets: Iterable[str] = (),
    *,
    seed: int | None = None,
    check: CheckLine | None = None,
    variant: str | None = None,
    name: str | None = None,
) -> Scenario:
    """Read and check a scenario file, or a folder of manifests.

    ``variant``: which of its variants, by name; none: its own parameters. ``sets`` are
    ``key.path=value`` overrides; ``check`` reads every line of the script before anything runs.
    ``name``: what errors call it, where that is not its path. Raises InputError and nothing else.
    """
    file, shown = Path(path), name or str(path)
    if is_folder(file) and is_file(file / BESIDE):
        file = file / BESIDE
    stack = stacks.file_in(file) if is_folder(file) else None
    if is_folder(file) and stack is None:
        root, folder = nodes.read_text_of(_of_folder(file, shown), shown), file
    else:
        file = stack or file
        root, folder = nodes.read_file(file, shown), file.parent
    deployed = stacks.is_stack(root)
    if deployed:
        root = nodes.read_text_of(stacks.as_scenario(file.name, Path(shown).stem), shown)
    for text in sets:
        setting = nodes.Setting.parse(text)
        _check_parameter(root, setting)
        nodes.apply(root, setting)
    if variant is not None:
        for text in _of_variant(root, variant):
            nodes.apply(root, nodes.Setting.parse(text))
    _substitute(root)
    reader = Reader()
    spec = reader.read(root, Spec)
    scenario = Scenario(
        shown, folder, spec, spec.seed if seed is None else seed, reader.places, deployed=deployed
    )
    _check(scenario, check)
    return scenario


def _of_folder(path: Path, shown: str) -> str:
    """The scenario that a folder of manifests is: one cluster, on which all of them are applied."""
    if not listed(path, shown, recursive=True):
        raise InputError(
            "a folder without manifests", place=Place(shown),
            expected=f"files that end in {', '.join(SUFFIXES)}, or a {BESIDE}",
        )  # fmt: skip
    title = json.dumps(Path(shown).resolve().name)
    nodes_ = "{count: 3, cores: 4, memory: 16GiB}"
    return f"format: 1\ntitle: {title}\nclusters:\n- nodes: [{nodes_}]\n  manifests: [.]\n"


def _check_parameter(root: Any, setting: nodes.Setting) -> None:
    """Refuse the value of a parameter that the scenario does not have: nobody would read it."""
    if setting.path[0] != "parameters" or len(setting.path) < 2:
        return
    known = nodes.names(root, "parameters")
    if setting.path[1] not in known:
        raise unknown("parameter", setting.path[1], known, setting.place)


def _of_variant(root: Any, name: str) -> list[str]:
    """The settings that make a scenario one of its variants."""
    pairs = {str(key.value): value for key, value in root.value if is_scalar(key)}
    given = pairs.get("variants")
    known = {
        str(key.value): value
        for key, value in (given.value if given is not None and given.id == "mapping" else ())
    }
    if name not in known:
        raise unknown("variant", name, known, nodes.place_of(given if given is not None else root))
    values = known[name]
    return [
        f"parameters.{key.value}={value.value}"
        for key, value in (values.value if values.id == "mapping" else ())
        if is_scalar(key) and is_scalar(value)
    ]


def _substitute(root: Any) -> None:
    """Replace ``${name}`` in all texts by the parameter of that name."""
    pairs = {key.value: value for key, value in root.value if is_scalar(key)}
    given = pairs.get("parameters")
    known: dict[str, str] = {}
    if given is not None and given.id == "mapping":
        known = {
            str(key.value): str(value.value)
            for key, value in given.value
            if is_scalar(key) and is_scalar(value)
        }
    seen: set[int] = {id(given)}
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if is_scalar(node):
            _fill(node, known)
        elif node.id == "sequence":
            stack += node.value
        else:
            stack += [value for _, value in node.value]


def _fill(node: Any, known: Mapping[str, str]) -> None:
    if "${" not in node.value:
        return

    def value(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise unknown("parameter", match[1], known, nodes.place_of(node))
        return known[match[1]]

    filled = _PARAMETER.sub(value, node.value)
    if len(filled) > _MAX_TEXT:
        raise InputError("text too long", place=nodes.place_of(node), expected=f"{_MAX_TEXT:,}")
    node.value = filled
    if node.style is None:
        from yaml import SafeLoader

        resolver: Any = SafeLoader("")
        node.tag = resolver.resolve(type(node), filled, (True, False))


def _check(scenario: Scenario, check: CheckLine | None) -> None:
    """What can be known before the world is made: names, constants, traffic, script."""
    spec = scenario.spec
    for section, names in (("hosts", [h.name for h in spec.hosts]),
                           ("vms", [v.name for v in spec.vms])):  # fmt: skip
        for index, name in enumerate(names):
            if name in names[:index] or (section == "vms" and name in [h.name for h in spec.hosts]):
                raise InputError(
                    "this name is taken", place=scenario.place(section, index, "name"), found=name
                )
    for name, values in spec.variants.items():
        for word in values:
            if word not in spec.parameters:
                place = scenario.place("variants", name, word)
                raise unknown("parameter", word, spec.parameters, place)
    for name, value in spec.calibration.items():
        try:
            Calibration({name: value})
        except InputError as error:
            raise error.at(scenario.place("calibration", name)) from None
    for name, entry in spec.traffic.items():
        try:
            entry.spec(scenario.folder)
        except InputError as error:
            # An error inside a trace file has a better place than the line that names the file.
            place = error.place or scenario.place("traffic", name)
            raise error.at(place) from None
    if check is not None:
        for index, line in enumerate(spec.script):
            check(line.do, scenario.place("script", index, "do"))
