"""What a project refuses of itself: names that nobody has, contradictions, circles.

Source: compose-go, ``loader/validate.go``, ``validation``, ``graph/cycle.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.cluster.compose.project import dependencies, scale_of

INVALID = ": invalid compose project"
Problem = tuple[tuple[str, ...], str]
"""A path in the tree, and what is wrong there."""


def problems(model: dict[str, Any], disabled: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong, worst first; ``model``: the whole project in long form."""
    services: dict[str, Any] = model["services"]
    for name, service in services.items():
        yield from _service(name, service, model, disabled)
    yield from _files(model)
    circle = _circle(services)
    if circle:
        yield (
            ("services", circle[0], "depends_on"),
            f"dependency cycle detected: {' -> '.join(circle)}",
        )


def _service(
    name: str, service: dict[str, Any], model: dict[str, Any], disabled: dict[str, Any]
) -> Iterator[Problem]:
    here = ("services", name)
    build = service.get("build")
    if build is None and not service.get("image") and not service.get("provider"):
        yield here, f'service "{name}" has neither an image nor a build context specified{INVALID}'
    if build and build.get("dockerfile_inline") and build.get("dockerfile"):
        yield (
            (*here, "build"),
            f'service "{name}" declares mutualy exclusive dockerfile and '
            f"dockerfile_inline{INVALID}",
        )
    platform, offered = service.get("platform"), (build or {}).get("platforms")
    if platform and offered and platform not in offered:
        yield (
            (*here, "platform"),
            f'service.build.platforms MUST include service.platform "{platform}"{INVALID}',
        )
    yield from _references(name, service, model, disabled)
    yield from _numbers(name, service)
    yield from _targets(name, service)
    test = (service.get("healthcheck") or {}).get("test")
    if test and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
        yield (
            (*here, "healthcheck", "test"),
            'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"',
        )


def _references(
    name: str, service: dict[str, Any], model: dict[str, Any], disabled: dict[str, Any]
) -> Iterator[Problem]:
    here = ("services", name)
    if service.get("network_mode") and service.get("networks"):
        yield (
            (*here, "network_mode"),
            f"service {name} declares mutually exclusive `network_mode` and `networks`{INVALID}",
        )
    for network in service.get("networks") or ():
        if network not in model["networks"]:
            yield (
                (*here, "networks", network),
                f'service "{name}" refers to undefined network {network}{INVALID}',
            )
    for other, wish in dependencies(service).items():
        if other in model["services"] or (other in disabled and not wish["required"]):
            continue
        yield (
            (*here, "depends_on", other),
            f'service "{name}" depends on undefined service "{other}"{INVALID}',
        )
    mode = str(service.get("network_mode") or "")
    other = mode.removeprefix("service:")
    if mode != other and other not in model["services"]:
        yield (
            (*here, "network_mode"),
            f"service \"{other}\" not found for network_mode 'service:{other}'",
        )
    yield from _things(name, service, model)


def _things(name: str, service: dict[str, Any], model: dict[str, Any]) -> Iterator[Problem]:
    for at, one in enumerate(service.get("volumes") or ()):
        source = one.get("source")
        if one["type"] == "volume" and source and source not in model["volumes"]:
            yield (
                ("services", name, "volumes", str(at)),
                f'service "{name}" refers to undefined volume {source}{INVALID}',
            )
    uses = (("config", service), ("secret", service), ("secret", service.get("build") or {}))
    for kind, owner in uses:
        what = kind if owner is service else f"build {kind}"
        for one in owner.get(f"{kind}s") or ():
            if one["source"] not in model[f"{kind}s"]:
                yield (
                    ("services", name, f"{kind}s"),
                    f'service "{name}" refers to undefined {what} {one["source"]}{INVALID}',
                )


def _numbers(name: str, service: dict[str, Any]) -> Iterator[Problem]:
    here, deploy = ("services", name), service.get("deploy") or {}
    scale, replicas = service.get("scale"), deploy.get("replicas")
    if scale is not None and replicas is not None and scale != replicas:
        yield (
            (*here, "scale"),
            f"services.{name}: can't set distinct values on 'scale' and 'deploy.replicas'{INVALID}",
        )
    for key, value in (("scale", scale), ("deploy.replicas", replicas)):
        if value is not None and value < 0:
            yield (
                (*here, key.split(".")[0]),
                f"services.{name}.{key}: must be greater than or equal to 0",
            )
    limits = (deploy.get("resources") or {}).get("limits")
    kept = (deploy.get("resources") or {}).get("reservations")
    for key, group, theirs, said in (
        ("cpus", limits, "cpus", "limits.cpus"),
        ("mem_limit", limits, "memory", "limits.memory"),
        ("mem_reservation", kept, "memory", "reservations.memory"),
        ("pids_limit", limits, "pids", "limits.pids"),
    ):
        if service.get(key) and group is not None and group.get(theirs) != service[key]:
            yield (
                (*here, key),
                f"services.{name}: can't set distinct values on '{key}' and "
                f"'deploy.resources.{said}'{INVALID}",
            )
    if scale_of(service) > 1 and service.get("container_name"):
        attribute = "deploy.replicas" if scale is None else "scale"
        yield (
            (*here, "container_name"),
            f"services.{name}: can't set container_name and {attribute} as container name must be "
            f"unique{INVALID}",
        )


def _targets(name: str, service: dict[str, Any]) -> Iterator[Problem]:
    mounted: dict[str, str] = {}
    named = [("tmpfs", at, one.partition(":")[0])
             for at, one in enumerate(service.get("tmpfs") or ())]  # fmt: skip
    named += [("volumes", at, one["target"]) for at, one in enumerate(service.get("volumes") or ())]
    for kind, at, target in named:
        where = f"services.{name}.{kind}[{at}]"
        if target in mounted:
            yield (
                ("services", name, kind, str(at)),
                f"{where}: target {target} already mounted as {mounted[target]}",
            )
        mounted.setdefault(target, where)


def _files(model: dict[str, Any]) -> Iterator[Problem]:
    for kind, keys in (("secrets", ("file", "environment")),
                       ("configs", ("file", "environment", "content"))):  # fmt: skip
        for name, one in model[kind].items():
            given = [key for key in keys if one.get(key) is not None]
            if len(given) > 1:
                yield (
                    (kind, name),
                    f"{kind}.{name}: {'|'.join(keys)} attributes are mutually exclusive",
                )
            if not given and not one.get("external") and not one.get("driver"):
                yield (kind, name), f"{kind}.{name}: one of {'|'.join(keys)} must be set"
    for name, one in model["volumes"].items():
        more = [key for key in one if key not in ("name", "external") and key[:2] != "x-"]
        if one.get("external") and more:
            yield (
                ("volumes", name),
                f'volumes.{name}: conflicting parameters "external" and "{more[0]}" specified',
            )


def _circle(services: dict[str, Any]) -> list[str]:
    """Names along a circle of services that wait for each other; nothing where there is none."""
    done: set[str] = set()
    for start in sorted(services):
        path: list[str] = []
        stack = [(start, iter(sorted(dependencies(services[start]))))] if start not in done else []
        path += [start] if stack else []
        while stack:
            name, others = stack[-1]
            following = next((one for one in others if one in services and one not in done), None)
            if following is None:
                done.add(name)
                stack.pop()
                path.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            else:
                path.append(following)
                stack.append((following, iter(sorted(dependencies(services[following])))))
    return []
