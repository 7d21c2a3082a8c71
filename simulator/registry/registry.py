"""Registries: repositories, tags, manifests and blobs, and who may have them.

A registry stores a blob once and remembers which repositories may name it, as the distribution
project's does: a push uploads only what is missing, and a blob that another repository of the same
registry has is *mounted* instead. Texts of refusals are those of the real programs.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.clouds import Site
from simulator.engine import Link
from simulator.engine.backoff import TokenBucket
from simulator.engine.flows import FlowNetwork
from simulator.errors import Refused, nearest
from simulator.image.events import BlobsCollected
from simulator.image.manifests import images_of, manifest_digest
from simulator.image.model import Layer, Manifest
from simulator.image.reference import DEFAULT_REGISTRY, Reference
from simulator.registry.repository import (
    BROKEN,
    DENIED,
    MAX_TAGS,
    TOO_MANY,
    TOO_MANY_KNOWN,
    Collected,
    RateLimit,
    Repository,
    Transfer,
    Upstream,
    by_image,
    drop_untagged,
    no_such_tag,
)


class Registry:
    """One registry: its content, its users, its limits, and its two links.

    ``uplink_bytes_s`` is what it can send and receive, ``connection_bytes_s`` what one
    connection gets at most, ``request_s`` the time of one request for a manifest. A ``site`` makes
    pulls from elsewhere cost egress; a public hub has none and charges nobody.
    """

    def __init__(
        self,
        network: FlowNetwork,
        name: str = DEFAULT_REGISTRY,
        uplink_bytes_s: float = 125e6,
        *,
        site: Site | None = None,
        connection_bytes_s: float | None = None,
        request_s: float = 0.0,
        anonymous_limit: RateLimit | None = None,
        user_limit: RateLimit | None = None,
        upstream: Upstream | None = None,
    ) -> None:
        self.sim = network.sim
        self.name = name
        self.site = site
        self.connection_bytes_s = connection_bytes_s
        self.request_s = request_s
        self.anonymous_limit = anonymous_limit
        self.user_limit = user_limit
        self.upstream = upstream
        self.uplink: Link = network.link(f"registry/{name}/out", uplink_bytes_s)
        self.downlink: Link = network.link(f"registry/{name}/in", uplink_bytes_s)
        self.available = True
        self.members_only = False
        """Whether nothing may be pulled or pushed without logging in."""
        self.transfers: list[Transfer] = []
        """Pulls and pushes under way, oldest first."""
        self.repositories: dict[str, Repository] = {}
        self.blobs: dict[str, Layer] = {}
        self._users: dict[str, str] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self._served: dict[str, str] = {}

    def go_down(self) -> None:
        """An outage: what is under way breaks off, and connections are refused from now on."""
        self.available = False
        for transfer in list(self.transfers):
            transfer.cancel(BROKEN)

    def come_back(self) -> None:
        """The end of an outage; clients come back when their back-off lets them."""
        self.available = True

    def set_limits(self, anonymous: RateLimit | None, user: RateLimit | None) -> None:
        """Other rate limits; what was used of the old ones is forgotten."""
        self.anonymous_limit, self.user_limit = anonymous, user
        self._buckets.clear()

    # People and access

    def add_user(self, user: str, password: str) -> None:
        """Let ``user`` log in; a second time changes the password."""
        self._users[user] = password

    def has_user(self, user: str) -> bool:
        """Whether there is an account of this name."""
        return user in self._users

    def login(self, user: str, password: str) -> str:
        """Check a name and password, as `docker login` does; the user's name. Else Refused."""
        self._check_available()
        if self._users.get(user) != password:
            raise Refused(
                f'Get "https://{self.name}/v2/": unauthorized: incorrect username or password'
            )
        return user

    def restrict(
        self, repository: str, readers: Iterable[str], writers: Iterable[str] | None = None
    ) -> None:
        """Make a repository private: only ``readers`` may pull, only ``writers`` may push."""
        found = self._made(repository)
        found.readers = frozenset(readers)
        found.writers = found.readers if writers is None else frozenset(writers)

    def may_read(self, repository: str, user: str | None) -> bool:
        """Whether the repository exists and ``user`` may pull from it."""
        found = self.repositories.get(repository)
        if self.members_only and user is None:
            return False
        return found is not None and (not found.readers or user in found.readers)

    def may_write(self, repository: str, user: str | None) -> bool:
        """Whether ``user`` may push; nobody pushes to the official images of the public hub."""
        if self.name == DEFAULT_REGISTRY:
            owner = repository.partition("/")[0]
            return user is not None and owner == user
        if self.members_only and user is None:
            return False
        found = self.repositories.get(repository)
        return found is None or not found.writers or user in found.writers

    # Reading

    def resolve(
        self, reference: Reference, *, user: str | None = None, client: str = ""
    ) -> Manifest:
        """The image or manifest list that a reference names; counts as one pull of ``client``.

        Refused as the real registry refuses: not found or private, no such tag, rate limit.
        """
        self._check_available()
        self._check_rate(user, client)
        found = self.look_up(reference, user=user)
        if self._stored(reference, user) is None:
            self._serve(reference, found)
        return found

    def look_up(self, reference: Reference, *, user: str | None = None) -> Manifest:
        """As ``resolve``, without counting against the rate limit."""
        found = self._stored(reference, user) or self._from_upstream(reference)
        if found is not None:
            return found
        known = self.tags(reference.repository, user=user)
        known += self.upstream.tags(reference) if self.upstream else []
        if known:
            raise Refused(no_such_tag(reference, known))
        raise Refused(self._no_such_repository(reference))

    def tags(self, repository: str, *, user: str | None = None) -> list[str]:
        """Tags of a repository, sorted; those of a built-in catalogue are not listed."""
        return sorted(self.repositories[repository].tags) if self.may_read(repository, user) else []

    def has_blob(self, digest: str, repository: str | None = None) -> bool:
        """Whether the registry, or one repository of it, has a layer."""
        if repository is None:
            return digest in self.blobs
        found = self.repositories.get(repository)
        return found is not None and digest in found.blobs

    def mountable_from(self, digest: str, repository: str, user: str | None) -> str | None:
        """The first other repository that has a layer and that ``user`` may read."""
        for name, other in self.repositories.items():
            if name != repository and digest in other.blobs and self.may_read(name, user):
                return name
        return self._served.get(digest)

    @property
    def stored_bytes(self) -> int:
        """Compressed bytes of all blobs, each counted once."""
        return sum(layer.transfer_bytes for layer in self.blobs.values())

    # Writing

    def check_push(self, reference: Reference, user: str | None) -> None:
        """Refused when ``user`` may not push there."""
        self._check_available()
        if not self.may_write(reference.repository, user):
            raise Refused(DENIED)

    def add_blob(self, repository: str, layer: Layer) -> None:
        """Store a layer, or let one more repository name it."""
        self.blobs.setdefault(layer.digest, layer)
        self._made(repository).blobs[layer.digest] = None

    def put(self, reference: Reference, manifest: Manifest) -> str:
        """Point a tag at an image or list whose blobs are all here; the manifest's digest."""
        repository = self._made(reference.repository)
        for image in images_of(manifest):
            for layer in image.layers:
                if layer.digest not in repository.blobs:
                    raise Refused(
                        f"manifest blob unknown: blob unknown to registry: {layer.digest}"
                    )
        digest = manifest_digest(manifest)
        if len(repository.tags) >= MAX_TAGS:
            raise Refused(f"repository {repository.name} has {MAX_TAGS:,} tags already")
        repository.manifests[digest] = manifest
        if reference.digest is None:
            repository.tags[reference.tag_or_latest] = digest
        return digest

    def publish(self, reference: Reference, manifest: Manifest) -> str:
        """Put an image with all its layers there at once, as the start of a scenario does."""
        for image in images_of(manifest):
            for layer in image.layers:
                self.add_blob(reference.repository, layer)
        self._made(reference.repository)
        return self.put(reference, manifest)

    def delete_tag(self, reference: Reference) -> None:
        """Forget a tag; its manifest stays, reachable by digest, until it is collected."""
        repository = self.repositories.get(reference.repository)
        if repository is None or reference.tag_or_latest not in repository.tags:
            raise Refused(no_such_tag(reference, list(repository.tags if repository else ())))
        del repository.tags[reference.tag_or_latest]

    def collect_garbage(self, *, delete_untagged: bool = False) -> Collected:
        """Mark and sweep, as `registry garbage-collect`: delete blobs that no manifest names.

        Manifests without a tag keep their blobs unless ``delete_untagged``.
        """
        dropped: list[str] = []
        kept: dict[str, None] = {}
        for repository in self.repositories.values():
            if delete_untagged:
                dropped += drop_untagged(repository)
            repository.blobs = {
                layer.digest: None
                for manifest in repository.manifests.values()
                for image in images_of(manifest)
                for layer in image.layers
            }
            kept |= repository.blobs
        gone = [layer for digest, layer in self.blobs.items() if digest not in kept]
        for layer in gone:
            del self.blobs[layer.digest]
        freed = sum(layer.transfer_bytes for layer in gone)
        if gone:
            self.sim.emit(BlobsCollected(self.name, len(gone), freed))
        return Collected(tuple(layer.digest for layer in gone), tuple(dropped), freed)

    # Inside

    def _made(self, repository: str) -> Repository:
        found = self.repositories.get(repository)
        if found is None:
            found = self.repositories[repository] = Repository(repository)
        return found

    def _stored(self, reference: Reference, user: str | None) -> Manifest | None:
        if not self.may_read(reference.repository, user):
            return None
        found = self.repositories[reference.repository]
        wanted = reference.digest or found.tags.get(reference.tag_or_latest, "")
        by_digest = found.manifests.get(wanted)
        return by_digest or by_image(found.manifests.values(), wanted)

    def _from_upstream(self, reference: Reference) -> Manifest | None:
        return self.upstream.find(reference) if self.upstream else None

    def _serve(self, reference: Reference, found: Manifest) -> None:
        """Remember what a pull took of the catalogue: a push may mount it. Looking is no pull."""
        for image in images_of(found):
            for layer in image.layers:
                self._served.setdefault(layer.digest, reference.repository)

    def _check_available(self) -> None:
        if not self.available:
            raise Refused(f'Get "https://{self.name}/v2/": dial tcp: connect: connection refused')

    def _check_rate(self, user: str | None, client: str) -> None:
        limit = self.anonymous_limit if user is None else self.user_limit
        if limit is None:
            return
        key = f"address {client}" if user is None else f"user {user}"
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = limit.bucket()
        if not bucket.take(self.sim.now):
            raise Refused(TOO_MANY if user is None else TOO_MANY_KNOWN.format(user=user))

    def _no_such_repository(self, reference: Reference) -> str:
        text = (
            f"pull access denied for {reference.familiar}, repository does not exist or may "
            f"require 'docker login': {DENIED}"
        )
        public = [
            Reference(self.name, name).familiar
            for name, found in self.repositories.items()
            if not found.readers and not self.members_only
        ]
        close = nearest(
            reference.familiar, public + (self.upstream.names() if self.upstream else [])
        )
        return text if close is None else f"{text}; did you mean '{close}'?"
