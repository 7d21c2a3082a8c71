"""Pods and templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError
from simulator.cluster.kubernetes.api.validation.words import (
    LABEL,
    LABEL_TEXT,
    duplicate,
    forbidden,
    invalid,
    not_negative,
    port_errors,
    required,
    shown,
    unsupported,
)
from simulator.cluster.kubernetes.objects.resources import resources_of
from simulator.errors import InputError

PULLS = ("Always", "IfNotPresent", "Never")
HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
QUANTITY_TEXT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


def spec_errors(
    spec: Mapping[str, Any],
    path: str,
    policies: tuple[str, ...] = ("Always", "OnFailure", "Never"),
    claims: tuple[str, ...] = (),
) -> Iterator[FieldError]:
    """The ``spec`` of a pod; ``claims``: volumes that it will have besides its own."""
    containers = spec.get("containers") or ()
    if not containers:
        yield required(f"{path}.containers")
    volumes = _names(spec.get("volumes") or ())
    yield from _repeated(volumes, f"{path}.volumes")
    seen: dict[str, None] = {}
    for word, listed in (("initContainers", spec.get("initContainers") or ()),
                         ("containers", containers)):  # fmt: skip
        for number, one in enumerate(listed):
            where = f"{path}.{word}[{number}]"
            known = [*volumes, *claims]
            yield from _container(one, where, known, init=word == "initContainers")
            if one.get("name") in seen:
                yield duplicate(f"{where}.name", one.get("name"))
            seen[one.get("name", "")] = None
    policy = spec.get("restartPolicy")
    if policy not in policies:
        yield unsupported(f"{path}.restartPolicy", policy, policies)
    grace = spec.get("terminationGracePeriodSeconds")
    yield from not_negative(grace, f"{path}.terminationGracePeriodSeconds")
    deadline = spec.get("activeDeadlineSeconds")
    if isinstance(deadline, int) and deadline < 1:
        text = "must be between 1 and 2147483647, inclusive"
        yield invalid(f"{path}.activeDeadlineSeconds", deadline, text)
    yield from _placing(spec, path)


def _names(listed: Any) -> list[str]:
    return [str(one.get("name", "")) for one in listed if isinstance(one, dict)]


def _repeated(names: list[str], path: str) -> Iterator[FieldError]:
    for number, name in enumerate(names):
        if not name:
            yield required(f"{path}[{number}].name")
        elif not LABEL.fullmatch(name) or len(name) > 63:
            yield invalid(f"{path}[{number}].name", name, LABEL_TEXT)
        elif name in names[:number]:
            yield duplicate(f"{path}[{number}].name", name)


def _container(
    one: Mapping[str, Any], path: str, volumes: list[str], *, init: bool
) -> Iterator[FieldError]:
    name = one.get("name")
    if not name:
        yield required(f"{path}.name")
    elif not LABEL.fullmatch(str(name)) or len(str(name)) > 63:
        yield invalid(f"{path}.name", name, LABEL_TEXT)
    if not one.get("image"):
        yield required(f"{path}.image")
    pull = one.get("imagePullPolicy")
    if pull not in PULLS:
        yield unsupported(f"{path}.imagePullPolicy", pull, PULLS)
    yield from _ports(one.get("ports") or (), f"{path}.ports")
    yield from _env(one.get("env") or (), f"{path}.env")
    yield from resource_errors(one.get("resources") or {}, f"{path}.resources")
    sidecar = init and one.get("restartPolicy") == "Always"
    for word in ("livenessProbe", "readinessProbe", "startupProbe"):
        if one.get(word) is None:
            continue
        if init and not sidecar:
            text = "must not be set for init containers without restartPolicy=Always"
            yield forbidden(f"{path}.{word}", text)
        yield from _probe(one[word], f"{path}.{word}", once=word != "readinessProbe")
    for number, mount in enumerate(one.get("volumeMounts") or ()):
        where = f"{path}.volumeMounts[{number}]"
        if mount.get("name") not in volumes:
            yield FieldError(f"{where}.name", f"Not found: {shown(mount.get('name'))}")
        if not mount.get("mountPath"):
            yield required(f"{where}.mountPath")


def _ports(ports: Any, path: str) -> Iterator[FieldError]:
    names: list[str] = []
    for number, one in enumerate(ports):
        where = f"{path}[{number}]"
        yield from port_errors(one.get("containerPort"), f"{where}.containerPort")
        if one.get("hostPort"):
            yield from port_errors(one["hostPort"], f"{where}.hostPort")
        if one.get("protocol") not in ("TCP", "UDP", "SCTP"):
            yield unsupported(f"{where}.protocol", one.get("protocol"), ("SCTP", "TCP", "UDP"))
        name = one.get("name")
        if name:
            if len(name) > 15:
                yield invalid(f"{where}.name", name, "must be no more than 15 characters")
            if name in names:
                yield duplicate(f"{where}.name", name)
            names.append(name)


def _env(env: Any, path: str) -> Iterator[FieldError]:
    for number, one in enumerate(env):
        if not one.get("name"):
            yield required(f"{path}[{number}].name")
        if one.get("value") and one.get("valueFrom"):
            text = "may not be specified when `value` is not empty"
            yield invalid(f"{path}[{number}].valueFrom", "", text)


def resource_errors(resources: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    """Requests and limits: quantities, and no request above its limit."""
    wrong = False
    for word in ("limits", "requests"):
        for name, amount in (resources.get(word) or {}).items():
            try:
                found = resources_of({name: amount}).amount(name)
            except InputError:
                yield invalid(f"{path}.{word}[{name}]", amount, QUANTITY_TEXT)
                wrong = True
                continue
            if found < 0:
                text = "must be greater than or equal to 0"
                yield invalid(f"{path}.{word}[{name}]", str(amount), text)
    limits = resources.get("limits") or {}
    for name, amount in (resources.get("requests") or {}).items() if not wrong else ():
        if name not in limits:
            continue
        asked, capped = (resources_of({name: each}).amount(name) for each in (amount, limits[name]))
        if asked > capped:
            text = f"must be less than or equal to {name} limit of {limits[name]}"
            yield invalid(f"{path}.requests", str(amount), text)


def _probe(probe: Mapping[str, Any], path: str, *, once: bool) -> Iterator[FieldError]:
    handlers = [word for word in HANDLERS if probe.get(word) is not None]
    if not handlers:
        yield required(path, "must specify a handler type")
    for word in handlers[1:]:
        yield forbidden(f"{path}.{word}", "may not specify more than 1 handler type")
    for word in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
                 "failureThreshold"):  # fmt: skip
        yield from not_negative(probe.get(word), f"{path}.{word}")
    if once and probe.get("successThreshold", 1) != 1:
        yield invalid(f"{path}.successThreshold", probe["successThreshold"], "must be 1")


def _placing(spec: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    for number, one in enumerate(spec.get("topologySpreadConstraints") or ()):
        where = f"{path}.topologySpreadConstraints[{number}]"
        if not isinstance(one.get("maxSkew"), int) or one["maxSkew"] <= 0:
            yield invalid(f"{where}.maxSkew", one.get("maxSkew"), "must be greater than zero")
        if not one.get("topologyKey"):
            yield required(f"{where}.topologyKey", "can not be empty")
        when = one.get("whenUnsatisfiable")
        if when not in ("DoNotSchedule", "ScheduleAnyway"):
            known = ("DoNotSchedule", "ScheduleAnyway")
            yield unsupported(f"{where}.whenUnsatisfiable", when, known)
    for number, one in enumerate(spec.get("tolerations") or ()):
        operator = one.get("operator") or "Equal"
        where = f"{path}.tolerations[{number}]"
        if operator not in ("Equal", "Exists"):
            yield unsupported(f"{where}.operator", operator, ("Equal", "Exists"))
        if operator == "Exists" and one.get("value"):
            text = "value must be empty when `operator` is 'Exists'"
            yield invalid(f"{where}.operator", one["value"], text)
