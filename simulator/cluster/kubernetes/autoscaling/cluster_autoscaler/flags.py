"""Flags of cluster-autoscaler by their names there: ``scale-down-unneeded-time=5m``.

Source: cluster-autoscaler, config/flags/flags.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import Settings
from simulator.errors import InputError, unknown
from simulator.units import parse_duration


def changed(settings: Settings, said: Iterable[str]) -> Settings:
    """The settings with flags; InputError for one that there is not, or that has no such value."""
    values: dict[str, Any] = {}
    for one in said:
        name, equals, text = one.removeprefix("--").partition("=")
        if name not in FLAGS:
            raise unknown("flag of cluster-autoscaler", name, tuple(FLAGS))
        field, read = FLAGS[name]
        try:
            values[field] = read(text if equals else "true")
        except InputError as error:
            raise InputError(
                f"{name}: {error.problem}", found=text, expected=error.expected
            ) from None
    return replace(settings, **values)


def _switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise InputError("bad switch", expected="true or false")
    return text == "true"


def _part(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise InputError("bad part", expected="0 to 1")
    return value


def _count(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 8):
        raise InputError("bad number", expected="a whole number")
    return int(text)


def _percent(text: str) -> float:
    return _part(str(_count(text) / 100))


FLAGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "expendable-pods-priority-cutoff": ("expendable_below", _count),
    "max-graceful-termination-sec": ("graceful_s", lambda text: float(abs(_count(text)))),
    "max-node-provision-time": ("provision_s", parse_duration),
    "max-total-unready-percentage": ("most_unready", _percent),
    "ok-total-unready-count": ("unready_is_fine", lambda text: abs(_count(text))),
    "scale-down-delay-after-add": ("after_add_s", parse_duration),
    "scale-down-delay-after-delete": ("after_delete_s", parse_duration),
    "scale-down-delay-after-failure": ("after_failure_s", parse_duration),
    "scale-down-enabled": ("scale_down", _switch),
    "scale-down-unneeded-time": ("unneeded_s", parse_duration),
    "scale-down-unready-enabled": ("scale_down_unready", _switch),
    "scale-down-unready-time": ("unready_s", parse_duration),
    "scale-down-utilization-threshold": ("threshold", _part),
    "ignore-daemonsets-utilization": ("without_daemons", _switch),
    "skip-nodes-with-custom-controller-pods": ("keep_custom", _switch),
    "skip-nodes-with-local-storage": ("keep_local", _switch),
    "skip-nodes-with-system-pods": ("keep_system", _switch),
}
"""Which field each one is, and how it is read."""
