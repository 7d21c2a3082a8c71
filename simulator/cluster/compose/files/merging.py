"""How one file is laid over another, and a service over the one that it extends.

Mappings are merged key by key, lists are joined; some keys are replaced (commands, tests of
health), some are made alike first (environment, labels, networks, depends_on), and in some lists an
entry takes the place of one that means the same (ports, volumes by target, secrets). Source:
compose-go, ``override``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.cluster.compose.files.short import BadForm, as_text, listed, volume_of
from simulator.cluster.compose.files.tree import RESET, Map, Override, Seq
from simulator.errors import InputError, Place

Path = tuple[str, ...]
_REPLACED = ("command", "entrypoint")
_JOINED = (
    "annotations", "dns", "dns_opt", "dns_search", "env_file", "label_file", "environment",
    "extra_hosts", "labels", "sysctls", "tmpfs",
)  # fmt: skip
_DEFAULT_DEPENDENCY = {"condition": "service_started", "required": True}


def merged(base: Any, over: Any, path: Path = ()) -> Any:
    """What holds where ``over`` is laid over ``base``."""
    if isinstance(over, Override):
        return cleaned(over.value)
    special = _special(path)
    if special is not None:
        return special(base, over, path)
    if over is None:
        return base
    if isinstance(base, Map):
        if not isinstance(over, Map):
            raise _cannot(path)
        return _mappings(base, over, path)
    if isinstance(base, list):
        if not isinstance(over, list):
            raise _cannot(path)
        return _joined(base, cleaned(over))
    return cleaned(over)


def cleaned(value: Any) -> Any:
    """What is left of a value with marks where there is nothing to mark."""
    if isinstance(value, Override):
        return cleaned(value.value)
    if isinstance(value, Map):
        kept = {key: cleaned(one) for key, one in value.items() if one is not RESET}
        return Map(kept, value.places)
    if isinstance(value, Seq):
        return Seq([cleaned(one) for one in value if one is not RESET], value.places)
    return None if value is RESET else value


def _cannot(path: Path) -> InputError:
    return InputError(f"cannot override {'.'.join(path)}")


def _mappings(base: Map, over: Map, path: Path) -> Map:
    made = Map(base, base.places)
    for key, value in over.items():
        place = over.places.get(key)
        if value is RESET:
            made.pop(key, None)
            continue
        if key not in made:
            made[key] = cleaned(value)
        else:
            try:
                made[key] = merged(made[key], value, (*path, key))
            except InputError as error:
                raise error if error.place or place is None else error.at(place) from None
        if place is not None:
            made.places[key] = place
    return made


def _joined(base: list[Any], over: list[Any]) -> Seq:
    return Seq([*base, *over], [*_places(base), *_places(over)])


def _places(value: list[Any]) -> list[Place]:
    return value.places if isinstance(value, Seq) else []


# --- what is special ------------------------------------------------------------------------------

Merger = Callable[[Any, Any, Path], Any]


def _special(path: Path) -> Merger | None:
    if len(path) < 3 or path[0] != "services":
        return _ipam if path[:1] == ("networks",) and path[2:] == ("ipam", "config") else None
    key = path[2]
    if len(path) == 3:
        return _OF_SERVICE.get(key)
    rest = path[2:]
    if rest == ("healthcheck", "test"):
        return _replace
    if rest in (("build", "args"), ("build", "labels"), ("build", "ssh"), ("deploy", "labels"),
                ("build", "additional_contexts"), ("build", "extra_hosts")):  # fmt: skip
        return _sequence
    return _ulimit if key == "ulimits" and len(path) == 4 else None


def _replace(_: Any, over: Any, __: Path) -> Any:
    return cleaned(over)


def _sequence(base: Any, over: Any, _: Path) -> Any:
    return _joined(_as_sequence(base), _as_sequence(cleaned(over)))


def _as_sequence(value: Any) -> Seq:
    if isinstance(value, Map):
        made, places = [], []
        for key in sorted(value):
            for one in value[key] if isinstance(value[key], list) else [value[key]]:
                made.append(key if one is None else f"{key}={as_text(one)}")
                places.append(value.places.get(key) or Place(""))
        return Seq(made, places)
    found = listed(value)
    return found if isinstance(found, Seq) else Seq(found)


def _hosts(base: Any, over: Any, _: Path) -> Any:
    first = _as_sequence(base)
    return _joined(first, [one for one in _as_sequence(cleaned(over)) if one not in first])


def _build(base: Any, over: Any, path: Path) -> Any:
    return _mappings(_as_build(base), _as_build(over), path)


def _as_build(value: Any) -> Map:
    return value if isinstance(value, Map) else Map({} if value is None else {"context": value})


def _depends_on(base: Any, over: Any, path: Path) -> Any:
    return _mappings(
        _as_mapping(base, _DEFAULT_DEPENDENCY), _as_mapping(over, _DEFAULT_DEPENDENCY), path
    )


def _networks(base: Any, over: Any, path: Path) -> Any:
    return _mappings(_as_mapping(base, None), _as_mapping(over, None), path)


def _as_mapping(value: Any, default: dict[str, Any] | None) -> Map:
    if isinstance(value, Map):
        return value
    places = _places(value) if isinstance(value, list) else []
    made = Map()
    for at, one in enumerate(value or ()):
        made[str(one)] = None if default is None else Map(default)
        if at < len(places):
            made.places[str(one)] = places[at]
    return made


def _logging(base: Any, over: Any, path: Path) -> Any:
    if not isinstance(base, Map) or not isinstance(over, Map):
        return cleaned(over) if over is not None else base
    drivers = base.get("driver"), over.get("driver")
    if None in drivers or drivers[0] == drivers[1]:
        return _mappings(base, over, path)
    return cleaned(over)


def _ulimit(_: Any, over: Any, __: Path) -> Any:
    return cleaned(over)


def _ipam(base: Any, over: Any, path: Path) -> Any:
    """Address ranges of a network: those of the same subnet are one."""
    made: dict[str, Map] = {}
    for one in [*listed(base), *listed(cleaned(over))]:
        key = str(one.get("subnet")) if isinstance(one, Map) else str(one)
        made[key] = _mappings(made[key], one, path) if key in made else one
    return Seq(list(made.values()))


_OF_SERVICE: dict[str, Merger] = {
    **dict.fromkeys(_REPLACED, _replace),
    **dict.fromkeys(_JOINED, _sequence),
    "extra_hosts": _hosts,
    "build": _build,
    "depends_on": _depends_on,
    "networks": _networks,
    "models": _networks,
    "logging": _logging,
}


# --- one of each ----------------------------------------------------------------------------------


def unified(tree: Map) -> Map:
    """In lists where entries have a meaning of their own, the last of each meaning."""
    services = tree.get("services")
    if not isinstance(services, Map):
        return tree
    for service in services.values():
        if not isinstance(service, Map):
            continue
        for key, index in _INDEX.items():
            if isinstance(service.get(key), list):
                service[key] = _unique(service[key], index)
    return tree


def _unique(values: list[Any], index: Callable[[Any], str]) -> Seq:
    kept: dict[str, tuple[Any, Place | None]] = {}
    places = _places(values)
    for at, one in enumerate(values):
        kept[index(one)] = (one, places[at] if at < len(places) else None)
    return Seq(
        [one for one, _ in kept.values()], [place or Place("") for _, place in kept.values()]
    )


def _by_name(one: Any) -> str:
    return as_text(one).partition("=")[0]


def _by_target(one: Any) -> str:
    if isinstance(one, Map):
        return str(one.get("target", ""))
    try:
        return str(volume_of(str(one))["target"])
    except BadForm:
        return str(one)


def _mounted(folder: str) -> Callable[[Any], str]:
    def index(one: Any) -> str:
        if isinstance(one, Map):
            return str(one.get("target") or f"{folder}/{one.get('source')}")
        return f"{folder}/{one}"

    return index


def _by_port(one: Any) -> str:
    if isinstance(one, Map):
        address = one.get("host_ip") or "0.0.0.0"
        return f"{address}:{one.get('published') or ''}:{one.get('target')}/{one.get('protocol') or 'tcp'}"  # noqa: E501
    return str(one)


def _by_path(one: Any) -> str:
    return str(one.get("path")) if isinstance(one, Map) else str(one)


_INDEX: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(
        ("annotations", "cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "environment",
         "labels", "links", "profiles", "sysctls", "tmpfs"),
        _by_name,
    ),
    "env_file": _by_path,
    "expose": as_text,
    "configs": _mounted(""),
    "secrets": _mounted("/run/secrets"),
    "ports": _by_port,
    "volumes": _by_target,
}  # fmt: skip
