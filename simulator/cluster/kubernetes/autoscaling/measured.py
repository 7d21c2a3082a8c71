"""Metrics of requests of pods and objects, as the pipeline serves them to autoscalers."""

from __future__ import annotations

from simulator.cluster.kubernetes.autoscaling.labelled import Labelled
from simulator.cluster.kubernetes.autoscaling.metrics import Metrics
from simulator.cluster.kubernetes.autoscaling.requests import RATE, Behind, Count, meaning
from simulator.cluster.kubernetes.objects.autoscaling import TargetRef
from simulator.cluster.kubernetes.objects.networking import Ingress
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.routes import Routes


class Measured:
    """What pods and objects were asked, between two readings of the pipeline."""

    def __init__(self, store: Store, labelled: Labelled, metrics: Metrics, routes: Routes) -> None:
        self.store = store
        self.metrics = metrics
        self.routes = routes
        self.behind = Behind(store, labelled)
        metrics.wanted = self.behind.uids
        metrics.arrived = self._arrived

    def _arrived(self) -> dict[str, Count]:
        found = self.behind.ingresses()
        return {one.meta.uid: Count(self.routes.arrived_at(one)) for one in found}

    def of_pod(self, pod: Pod, name: str) -> float | None:
        """A metric of a pod by name; None: it is not known, or of no request."""
        word = meaning(name)
        since = pod.status.started_at
        found = self.metrics.requests(pod.meta.uid, pod.meta.created if since is None else since)
        return None if found is None or not word else found[0].value(word, found[1])

    def of_object(self, ref: TargetRef, namespace: str, name: str) -> float | None:
        """A metric of an object: of all pods behind it, or of all that came to an Ingress."""
        word = meaning(name)
        if ref.kind == Ingress.KIND:
            ingress = self.store.get(Ingress, namespace, ref.name)
            if ingress is None or word != RATE:
                return None
            came = self.metrics.requests(ingress.meta.uid, ingress.meta.created)
            return None if came is None else came[0].value(word, came[1])
        total, window_s, any_known = Count(), 1.0, False
        for pod in self.behind.of(ref, namespace) or () if word else ():
            found = self.metrics.requests(pod.meta.uid, pod.meta.created)
            if found is not None:
                any_known, window_s = True, found[1]
                total = total.plus(found[0])
        return total.value(word, window_s) if any_known else None
