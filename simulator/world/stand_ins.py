"""Which images of a Compose file nobody here can have, and what stands in for them.

A name of the Docker Hub without an owner is one of its official images: what is not among these is
not there. Of these, of names with an owner, and of other public registries, the catalogue knows the
most used; that a file names another is no reason to think that there is none.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.cluster.compose.standing_in import standing_in
from simulator.cluster.supply import WRONG
from simulator.errors import DrydockError, InputError
from simulator.image.model import Image, Platform
from simulator.image.reference import Reference
from simulator.node.node import Node
from simulator.world.depot import Depot

PLAIN = "debian:bookworm-slim"
"""What stands in where no known image has the same name."""
_OFFICIAL = frozenset(
    """
    aerospike alt api-firewall arangodb azul-zulu backdrop bash bonita chronograf cirros
    clearlinux clefos clojure convertigo couchbase crate dart eggdrop emqx espocrm flink friendica
    gazebo geonetwork groovy haxe hitch hylang ibm-semeru-runtimes ibmjava irssi jruby kapacitor
    kong krakend lightstreamer liquibase mageia mediawiki mongo-express monica neurodebian nim
    notary odoo open-liberty orientdb photon php-zendserver plone postfixadmin pypy rakudo-star
    redmine rethinkdb rocket.chat ros sapmachine satosa silverpeas spiped storm swipl teamspeak
    tomee unit varnish websphere-liberty xwiki yourls znc
    """.split()  # noqa: SIM905
)
"""Official images that the catalogue lacks (docker-library/official-images, library/, 2026)."""
_RESERVED = ("local", "localhost", "localdomain", "test", "example", "invalid", "internal", "lan",
             "home", "corp", "arpa")  # fmt: skip
"""Top-level names that no public host has (RFC 2606, 6761, 6762, 8375; ICANN's private-use)."""
_EXAMPLES = ("example.com", "example.net", "example.org")


def stand_in(depot: Depot, node: Node, reference: Reference) -> str | None:
    """The image that stands in for one that nobody has; None for one that is to be had, or whose
    name says that it is nowhere."""
    return None if _offered(node, reference) else like(depot, reference)


def like(depot: Depot, reference: Reference) -> str | None:
    """The image that stands in for one that was not found; None where its name says that there is
    none."""
    unpinned = replace(reference, digest=None)
    if reference.digest and depot.catalogue.holds(unpinned):
        return unpinned.short()
    if not _may_be_somewhere(depot, reference) or WRONG.search(reference.tag_or_latest):
        return None
    familiar = [Reference.parse(name).familiar for name in depot.catalogue.names()]
    if any(_is_slip(reference.familiar, one) for one in familiar):
        return None
    last = reference.repository.rpartition("/")[2]
    own = next((one for one in (reference.familiar, last) if one in familiar), None)
    return PLAIN if own is None else f"{own}:latest"


def base(depot: Depot, reference: Reference, platform: Platform) -> Image | None:
    """As ``like``: the image itself, for one platform."""
    name = like(depot, reference)
    try:
        return (name and standing_in(depot.catalogue.resolve(name, platform), name)) or None
    except InputError:
        return None


def hint(depot: Depot, reference: Reference) -> str:
    """How to go on where a name that a person types is refused, as a registry does, and may be
    that of an image that only this world does not know; nothing where it is not."""
    known = depot.catalogue.holds(replace(reference, digest=None))
    other = None if known else like(depot, reference)
    if other is None:
        return ""
    return (
        f" ({reference.short()} is not in the catalogue: 'docker pull {other}' and 'docker tag "
        f"{other} {reference.familiar}:{reference.tag_or_latest}' let another image stand in)"
    )


def note(reference: Reference, like: str) -> str:
    """What is said of it."""
    return (
        f"note: image {reference.short()} is not in the catalogue: {like} stands in for it, as a "
        "server on the ports of its service that is healthy while it runs"
    )


def _is_slip(name: str, known: str) -> bool:
    """Whether a name is a known one with one letter wrong, missing, too many or at another place:
    the hand has slipped."""
    if abs(len(name) - len(known)) > 1 or name == known:
        return False
    same = next((at for at, pair in enumerate(zip(name, known, strict=False)) if len({*pair}) > 1),
                min(len(name), len(known)))  # fmt: skip
    rest, other = name[same:], known[same:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def _offered(node: Node, reference: Reference) -> bool:
    try:
        registry = node.registry(reference)
        registry.look_up(reference.tagged(), user=node.machine.images.users.get(registry.name))
    except DrydockError:
        return False
    return True


def _may_be_somewhere(depot: Depot, reference: Reference) -> bool:
    """Whether there may be such an image that this world does not know."""
    hub = depot.registries.hub
    if reference.registry == hub.name:
        owner, _, rest = reference.repository.partition("/")
        return rest in _OFFICIAL if owner == "library" else not hub.has_user(owner)
    return not depot.registries.has(reference) and _is_public(reference.registry)


def _is_public(host: str) -> bool:
    """Whether a host's name can be one of the public internet's."""
    labels = host.split(".")
    return (
        len(labels) > 1
        and ":" not in host
        and labels[-1].isalpha()
        and labels[-1] not in _RESERVED
        and ".".join(labels[-2:]) not in _EXAMPLES
    )
