"""What of stack files has no effect: what the tool drops without a word, and what is not modelled.

Source of what is dropped: docker/cli, ``cli/compose/convert/service.go``, which never looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.cluster.swarm.stacks.reading import StackFile
from simulator.node.log_words import ELSEWHERE

ORDER = (
    "depends_on is not looked at: services of a stack are begun together, and those that cannot do "
    "without another one end and are started again until it is there"
)
_DROPPED = {
    "tmpfs": "docker stack drops it without a word; volumes of type tmpfs are kept",
}
_DROPPED_ON_NETWORKS = ("ipv4_address", "ipv6_address")
_NOT_MODELLED = ("credential_spec", "dns_search", "isolation", "sysctls")


def notes(file: StackFile) -> Iterator[tuple[str, str]]:
    """A remark for each key that has no effect, with what it is known by."""
    if any(one.get("depends_on") for one in file.services.values()):
        yield "stack depends_on", ORDER
    for name, service in file.services.items():
        for key, why in _dropped(service):
            yield f"stack {key}", f"note: services.{name}.{key} has no effect: {why}"
        for key in _unmodelled(service):
            yield f"stack {key}", f"note: services.{name}.{key} is not modelled: it has no effect"


def _dropped(service: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, why in _DROPPED.items():
        if service.get(key):
            yield key, why
    for network, wish in (service.get("networks") or {}).items():
        for key in _DROPPED_ON_NETWORKS:
            if (wish or {}).get(key):
                yield f"networks.{network}.{key}", "tasks get their addresses of the swarm"


def _unmodelled(service: dict[str, Any]) -> Iterator[str]:
    driver = (service.get("logging") or {}).get("driver")
    if driver in ELSEWHERE:
        yield f"logging.driver {driver}"
    yield from (key for key in _NOT_MODELLED if service.get(key))
    yield from (f"ulimits.{key}" for key in service.get("ulimits") or () if key != "nofile")
