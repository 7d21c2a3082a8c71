"""From the names of files to one tree: each is read, expanded, extended, and laid over the others.

Order, as in compose-go's ``loader``: variables, ``extends``, ``include``, then the files over each
other, then the schema.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Protocol

from simulator.cluster.compose.files import dotenv
from simulator.cluster.compose.files.interpolation import Variables, interpolate
from simulator.cluster.compose.files.kinds import Failure
from simulator.cluster.compose.files.merging import cleaned, merged, unified
from simulator.cluster.compose.files.relative import moved, rebased
from simulator.cluster.compose.files.schema import FILE
from simulator.cluster.compose.files.short import listed
from simulator.cluster.compose.files.tree import Map, Override, copied, load, place_of
from simulator.errors import InputError, nearest

MOST_FILES = 200
"""Files that one project may be made of."""
CANDIDATES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
    "docker-compose.override.yaml",
)  # fmt: skip


class Source(Protocol):
    """Where files come from; paths are relative to the folder of the project."""

    def exists(self, path: str) -> bool:
        """Whether there is a regular file."""

    def read(self, path: str) -> str:
        """Its text; InputError where it cannot be read."""


class Loader:
    """Reads the files of one project."""

    def __init__(self, source: Source, environment: Mapping[str, str], home: str) -> None:
        """``home``: the folder of the project, as the machine has it."""
        self.source = source
        self.home = home
        self.environment = dict(environment)
        self.warnings: dict[str, None] = {}
        self.files = 0

    def load(self, names: tuple[str, ...]) -> Map:
        """One tree of several files, the later over the earlier."""
        return self._over_each_other(names, self.environment, ())

    def names(self, names: tuple[str, ...]) -> Map:
        """What the files say of the project's name, which variables in them may mean."""
        found = Map()
        for file in names:
            tree = load(self.source.read(file), file)
            if tree.get("name") is not None:
                own = Map({"name": tree["name"]}, {"name": tree.places["name"]})
                found = interpolate(own, Variables(self.environment))
        return found

    def _over_each_other(
        self, names: tuple[str, ...], environment: Mapping[str, str], chain: tuple[str, ...]
    ) -> Map:
        found: Map | None = None
        for name in names:
            one = self._file(name, environment, (*chain, name))
            base = found if found is not None else Map()
            found = unified(merged(base, one) if base else cleaned(one))
            self._check(found, name)
        assert found is not None
        return found

    def _file(self, name: str, environment: Mapping[str, str], chain: tuple[str, ...]) -> Map:
        tree = self._interpolated(name, environment)
        if "version" in tree:
            self.warnings[
                f"{name}: the attribute `version` is obsolete, it will be ignored, please remove "
                "it to avoid potential confusion"
            ] = None
            del tree["version"]
        self._extend(tree, name, environment)
        self._include(tree, name, environment, chain)
        return tree

    def _interpolated(self, name: str, environment: Mapping[str, str]) -> Map:
        self.files += 1
        if self.files > MOST_FILES:
            raise InputError("too many files", found=name, expected=f"at most {MOST_FILES}")
        variables = Variables(environment)
        tree = interpolate(load(self.source.read(name), name), variables)
        for one in variables.missing:
            self.warnings[f'The "{one}" variable is not set. Defaulting to a blank string.'] = None
        return tree

    def _check(self, tree: Map, name: str) -> None:
        wrong = FILE.check(tree, ())
        if wrong is not None:
            raise _invalid(tree, name, wrong)

    # --- extends --------------------------------------------------------------------------------

    def _extend(self, tree: Map, name: str, environment: Mapping[str, str]) -> None:
        services = tree.get("services")
        if not isinstance(services, Map):
            return
        for one in list(services):
            services[one] = self._extended(services, one, name, environment, ())

    def _extended(
        self, services: Map, service: str, file: str, environment: Mapping[str, str],
        chain: tuple[tuple[str, str], ...],
    ) -> object:  # fmt: skip
        own = services.get(service)
        if not isinstance(own, Map) or own.get("extends") is None:
            return own
        place = own.places.get("extends")
        if (file, service) in chain:
            steps = " -> ".join(f"{one} in {where}" for where, one in (*chain, (file, service)))
            raise InputError(f"Circular reference: {steps}", place=place)
        wish = own["extends"]
        wish = Map({"service": wish}) if isinstance(wish, str) else wish
        ref = wish.get("service") if isinstance(wish, Map) else None
        if not isinstance(ref, str):
            raise InputError(f"extends.{service}.service is required", place=place)
        others, where = services, file
        if wish.get("file") is not None:
            where = posixpath.normpath(posixpath.join(posixpath.dirname(file), str(wish["file"])))
            others = self._services_of(where, environment, service, place)
        if ref not in others:
            there = f" not found in {where}" if where != file else " not found"
            raise InputError(
                f'cannot extend service "{service}" in {file}: service "{ref}"{there}',
                place=place, nearest=nearest(ref, others),
            )  # fmt: skip
        base = self._extended(others, ref, where, environment, (*chain, (file, service)))
        own = Map({key: one for key, one in own.items() if key != "extends"}, own.places)
        if not isinstance(base, Map):
            return own
        found = merged(cleaned(copied(base)), own, ("services", service))
        services[service] = found
        return found

    def _services_of(
        self, file: str, environment: Mapping[str, str], service: str, place: object
    ) -> Map:
        tree = self._interpolated(file, environment)
        found = tree.get("services")
        if not isinstance(found, Map):
            raise InputError(f'cannot extend service "{service}" in {file}: no services section')
        return self._rebased(found, posixpath.dirname(file))

    def _rebased(self, services: Map, folder: str) -> Map:
        """Services whose relative paths start in a folder, which is told from the project's."""
        where = posixpath.normpath(posixpath.join(self.home, folder))
        return Map({key: rebased(one, where) for key, one in services.items()}, services.places)

    # --- include --------------------------------------------------------------------------------

    def _include(
        self, tree: Map, name: str, environment: Mapping[str, str], chain: tuple[str, ...]
    ) -> None:
        folder = posixpath.dirname(name)
        wishes = tree.pop("include", None)
        for wish in listed(wishes.value if isinstance(wishes, Override) else wishes):
            wrong = FILE.keys["include"].of.check(wish, ("include",))
            if wrong is not None:
                raise _invalid(tree, name, wrong)
            self._include_one(tree, wish, folder, environment, chain)

    def _include_one(
        self, tree: Map, wish: object, folder: str, environment: Mapping[str, str],
        chain: tuple[str, ...],
    ) -> None:  # fmt: skip
        one = wish if isinstance(wish, Map) else Map({"path": wish})
        paths = tuple(
            posixpath.normpath(posixpath.join(folder, str(part)))
            for part in listed(one.get("path"))
        )
        if not paths:
            raise InputError("include.path is required", place=tree.places.get("include"))
        if paths[0] in chain:
            steps = "\n include ".join((*chain[1:], paths[0]))
            raise InputError(
                f"include cycle detected: {chain[0]} include {steps}",
                place=tree.places.get("include"),
            )
        home = one.get("project_directory")
        home = posixpath.join(folder, str(home)) if home else posixpath.dirname(paths[0])
        around = self._around(one, folder, home, environment)
        found = self._over_each_other(paths, around, chain)
        rebased_whole = Map(found, found.places)
        services = found.get("services")
        if isinstance(services, Map):
            rebased_whole["services"] = self._rebased(services, home)
        for kind in ("secrets", "configs"):
            if isinstance(found.get(kind), Map):
                where = posixpath.normpath(posixpath.join(self.home, home))
                rebased_whole[kind] = _moved(found[kind], where)
        self._import(tree, rebased_whole)

    def _around(
        self, one: Map, folder: str, home: str, environment: Mapping[str, str]
    ) -> dict[str, str]:
        named = [posixpath.join(folder, str(part)) for part in listed(one.get("env_file"))]
        files = named or [posixpath.join(home, ".env")]
        found: dict[str, str] = {}
        for file in files:
            if file == "/dev/null" or (not named and not self.source.exists(file)):
                continue
            read = dotenv.parse(self.source.read(file), file, {**found, **environment})
            found |= {name: value for name, value in read.items() if value is not None}
        return {**found, **environment}

    def _import(self, tree: Map, found: Map) -> None:
        """What an included file has joins this one, which is laid over what both have."""
        for kind in ("services", "volumes", "networks", "secrets", "configs", "models"):
            theirs = found.get(kind)
            if not isinstance(theirs, Map):
                continue
            ours = tree.setdefault(kind, Map())
            for name, value in theirs.items():
                if name in ours and ours[name] is not None and value is not None:
                    ours[name] = merged(value, ours[name], (kind, name))
                else:
                    ours.setdefault(name, value)
                    ours.places.setdefault(name, theirs.places.get(name) or place_of(found, ()))


def _moved(files: Map, home: str) -> Map:
    made = Map(files, files.places)
    for name, one in files.items():
        if isinstance(one, Map) and isinstance(one.get("file"), str):
            made[name] = Map({**one, "file": moved(one["file"], home)}, one.places)
    return made


def _invalid(tree: Map, name: str, wrong: Failure) -> InputError:
    near = nearest(str(wrong.path[-1]), wrong.known) if wrong.known and wrong.path else None
    path = wrong.path
    if wrong.words.startswith("additional"):
        path = path[:-1]
    text = f"{'.'.join(map(str, path))} {wrong.words}"
    return InputError(f"validating {name}: {text}", place=place_of(tree, wrong.path), nearest=near)
