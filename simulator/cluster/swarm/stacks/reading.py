"""From the names of stack files to one description: the way in for everybody who has some.

Source: docker/cli, ``cli/compose/loader/loader.go``, ``cli/command/stack/loader.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from simulator.cluster.compose.files.tree import Map, load, place_of, plain
from simulator.cluster.swarm.stacks.kinds import Wrong, most_specific
from simulator.cluster.swarm.stacks.long import service_of, thing_of
from simulator.cluster.swarm.stacks.merging import merged
from simulator.cluster.swarm.stacks.schema import FILE, minor_of, version_of
from simulator.cluster.swarm.stacks.variables import Interpolation
from simulator.errors import InputError, Place, nearest

KINDS = ("networks", "volumes", "secrets", "configs")
UNSUPPORTED = (
    "build", "cgroupns_mode", "cgroup_parent", "devices", "domainname", "external_links", "ipc",
    "links", "mac_address", "network_mode", "pid", "privileged", "restart", "security_opt",
    "shm_size", "userns_mode",
)  # fmt: skip
DEPRECATED = {
    "container_name": "Setting the container name is not supported.",
    "expose": "Exposing ports is unnecessary - services on the same network can access each "
    "other's containers on any port.",
}
_LIMITS = "Set resource limits using deploy.resources"
FORBIDDEN = {
    "extends": "Support for `extends` is not implemented yet.",
    "volume_driver": "Instead of setting the volume driver on the service, define a volume using "
    "the top-level `volumes` option and specify the driver there.",
    "volumes_from": "To share a volume between services, define it using the top-level `volumes` "
    "option and reference it from each service that shares it using the service-level `volumes` "
    "option.",
    **dict.fromkeys(("cpu_quota", "cpu_shares", "cpuset", "mem_limit", "memswap_limit"), _LIMITS),
}


class Source(Protocol):
    """Where files come from; paths are relative to the folder of the first stack file."""

    def exists(self, path: str) -> bool:
        """Whether there is a regular file."""

    def read(self, path: str) -> str:
        """Its text; InputError where it cannot be read."""


@dataclass(frozen=True, slots=True)
class StackFile:
    """What stack files say, in long form, keys as in the files."""

    version: str
    services: dict[str, Any]
    things: dict[str, dict[str, Any]]
    """Networks, volumes, secrets and configs, by the words of ``KINDS``."""
    extras: dict[str, Any] = field(default_factory=dict)
    unsupported: tuple[str, ...] = ()
    """Keys of services that the tool says it ignores."""
    deprecated: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Forbidden(InputError):
    """Services have keys that no stack may have; ``keys``: which."""

    def __init__(self, keys: list[str], place: Place | None) -> None:
        super().__init__("Configuration contains forbidden properties", place=place)
        self.keys = keys


def read(
    source: Source, files: tuple[str, ...], home: str, values: Mapping[str, str], *,
    interpolate: bool = True,
) -> StackFile:  # fmt: skip
    """The stack of some files; InputError for what cannot be one.

    ``home``: their folder as the machine has it. ``values``: variables of the shell.
    """
    if not files:
        raise InputError("specify a Compose file (with --compose-file)")
    trees = [_parsed(source, name) for name in files]
    version = version_of(trees[0])
    found: StackFile | None = None
    for name, tree in zip(files, trees, strict=True):
        other = version_of(tree)
        if other != version:
            raise InputError(
                f"version mismatched between two composefiles : {version} and {other}",
                place=place_of(tree, ("version",)),
            )
        one = _one(source, name, tree, version, home, values, interpolate)
        found = one if found is None else _over(found, one)
    assert found is not None
    services = [one for tree in trees for one in (tree.get("services") or {}).values()]
    return replace(
        found,
        unsupported=tuple(sorted(key for key in UNSUPPORTED if _used(services, key))),
        deprecated=tuple(sorted(key for key in DEPRECATED if _used(services, key))),
    )


def _parsed(source: Source, name: str) -> Map:
    text = source.read(name)
    if not text.strip():
        raise InputError("top-level object must be a mapping", place=Place(name))
    return load(text, name)


def _used(services: list[Any], key: str) -> bool:
    return any(isinstance(one, dict) and key in one for one in services)


def _one(
    source: Source, name: str, tree: Map, version: str, home: str, values: Mapping[str, str],
    interpolate: bool,
) -> StackFile:  # fmt: skip
    _check_forbidden(tree)
    if interpolate:
        tree = Interpolation(values).whole(tree)
    _validate(tree, version, name)
    warnings: list[str] = []
    services = {
        key: service_of(key, one, source, home, values, warnings, tree)
        for key, one in sorted((tree.get("services") or {}).items())
    }
    things = {
        kind: {
            key: thing_of(kind, key, one, home, version, warnings, tree)
            for key, one in sorted((tree.get(kind) or {}).items())
        }
        for kind in KINDS
    }
    extras = {key: plain(one) for key, one in tree.items() if key.startswith("x-")}
    return StackFile(version, services, things, extras, warnings=tuple(warnings))


def _check_forbidden(tree: Map) -> None:
    services = tree.get("services")
    found: dict[str, Place | None] = {}
    for name, one in services.items() if isinstance(services, Map) else ():
        for key in FORBIDDEN if isinstance(one, Map) else ():
            if key in one:
                found.setdefault(key, place_of(tree, ("services", name, key)))
    if found:
        raise Forbidden(sorted(found), next(iter(found.values())))


def _validate(tree: Map, version: str, name: str) -> None:
    minor = minor_of(version)
    if minor is None:
        raise InputError(
            f"unsupported Compose file version: {version}",
            place=place_of(tree, ("version",)) or Place(name), expected="3.0 to 3.13",
        )  # fmt: skip
    found = FILE.check(tree, (), minor).wrong
    if found:
        raise _refused(most_specific(found), tree, name)


def _refused(wrong: Wrong, tree: Map, name: str) -> InputError:
    path = (*wrong.path, wrong.key) if wrong.key else wrong.path
    near = nearest(wrong.key, wrong.known) if wrong.key else None
    return InputError(wrong.text, place=place_of(tree, path) or Place(name), nearest=near)


def _over(base: StackFile, other: StackFile) -> StackFile:
    services = dict(base.services)
    for key, one in other.services.items():
        services[key] = merged(services[key], one) if key in services else one
    things = {kind: _sorted({**base.things[kind], **other.things[kind]}) for kind in KINDS}
    warnings = tuple(dict.fromkeys((*base.warnings, *other.warnings)))
    return StackFile(base.version, _sorted(services), things, base.extras, warnings=warnings)


def _sorted(some: dict[str, Any]) -> dict[str, Any]:
    return {key: some[key] for key in sorted(some)}
