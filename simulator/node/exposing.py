"""The ports of a container: what it says it has, publishes and listens on."""

from __future__ import annotations

from simulator.machine.container import Container
from simulator.node.publishing import Publication, parse_exposed, parse_publication
from simulator.node.spec import ContainerSpec


def exposed(spec: ContainerSpec, container: Container) -> tuple[str, ...]:
    """All ports that a container says it has, as ``80/tcp``: its image's, and those asked for."""
    published = (one for text in spec.ports for one in parse_publication(text))
    asked = (one for text in spec.expose for one in parse_exposed(text))
    image = container.image.config.exposed_ports
    return tuple(
        dict.fromkeys((*image, *asked, *(f"{one.port}/{one.protocol}" for one in published)))
    )


def publications(spec: ContainerSpec, container: Container) -> list[Publication]:
    """What a container publishes: what was asked for, and with -P all else that it exposes."""
    found = [one for text in spec.ports for one in parse_publication(text)]
    if spec.publish_all:
        asked = {(one.port, one.protocol) for one in found}
        for text in exposed(spec, container):
            port, _, protocol = text.partition("/")
            if (int(port), protocol) not in asked:
                found.append(Publication(int(port), protocol))
    return found


def listened(spec: ContainerSpec, container: Container) -> tuple[tuple[str, int], ...]:
    """Protocols and ports that a server is known to listen on; nothing: nobody said which.

    Those that its image exposes; where it exposes none, those that are published of it.
    """
    if container.settings.workload.kind != "server":
        return ()
    texts: tuple[str, ...] = container.image.config.exposed_ports
    if not texts and spec.network_mode not in ("host", "none"):
        texts = exposed(spec, container)
    pairs = (text.partition("/") for text in texts)
    return tuple((protocol, int(port)) for port, _, protocol in pairs)
