"""The admission of one cluster: who is asked, and in which order."""

from __future__ import annotations

from simulator.cluster.kubernetes.api.errors import ApiError, forbidden
from simulator.cluster.kubernetes.api.kinds import resource_of
from simulator.cluster.kubernetes.objects.meta import Custom, Meta, Object
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.server.admission.pods import (
    PodDefaults,
    check_class,
    system_classes,
)
from simulator.cluster.kubernetes.server.admission.quotas import Quotas
from simulator.cluster.kubernetes.server.server import ANY, Server


class Admission:
    """Namespaces first, then what is added to pods, quotas last."""

    def __init__(self, server: Server, templates: Templates) -> None:
        self._server = server
        self.pods = PodDefaults(server, templates)
        self.quotas = Quotas(server)
        server.admit(ANY, self.admit)
        server.store.watch(Namespace, self._namespace_changed)
        for one in system_classes():
            server.create(one)

    def admit(self, old: Object | None, new: Object) -> Object:
        """The object as it may be written."""
        if old is None:
            self._namespace(new)
            if isinstance(new, Pod):
                new = self.pods.complete(new)
            elif new.kind == "PersistentVolumeClaim":
                self.pods.check_claim(new)
            elif new.kind == "PriorityClass":
                refused = check_class(new)
                if refused is not None:
                    raise refused
        self.quotas.admit(old, new)
        return new

    def _namespace(self, one: Object) -> None:
        """What is new has to be in a namespace that is there, and stays."""
        name = one.meta.namespace
        if not name:
            return
        space = self._server.store.find("Namespace", "", name)
        if space is None:
            raise ApiError(404, "NotFound", f'namespaces "{name}" not found')
        if space.meta.deleting_since is not None:
            text = (
                f"unable to create new content in namespace {name} because it is being terminated"
            )
            raise forbidden(resource_of(one.kind), one.name, text)

    def _namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        """Each namespace has an account that its pods use when they name none."""
        if old is None and new is not None:
            meta = Meta("default", new.name)
            self._server.create(Custom(kind="ServiceAccount", api_version="v1", meta=meta))
