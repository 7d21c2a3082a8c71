"""An API server with all controllers, and kubelets that only wait: pods get ready after a while."""

from msgspec.structs import replace

from simulator.cluster.kubernetes.api.kinds import Kinds
from simulator.cluster.kubernetes.controllers.control import Controllers
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Condition, Meta
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Ended, Pod
from simulator.cluster.kubernetes.objects.registry import CLASSES, Builder
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.server.requests import Requests
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import Store
from simulator.engine.simulation import Simulation
from simulator.report.bench.scheduled import HOSTNAME, node_of

SIZE = Resources(4000, 8 << 30, 0, (), 110)


class Control:
    """Pods go to nodes in turn, are ready ``start_s`` later, and gone ``stop_s`` after deletion."""

    def __init__(self, nodes=3, start_s=2.0, stop_s=1.0):
        self.sim, self.store = Simulation(1), Store()
        self.server = Server(self.sim, self.store, Recorder(self.sim.clock), Naming(1, "test"))
        self.templates = Templates()
        self.requests = Requests(self.server, Kinds(), Builder(self.templates))
        self.controllers = Controllers(self.server, self.templates, Profile())
        self.start_s, self.stop_s = start_s, stop_s
        self.bad = set()
        """Images of which no container ever starts."""
        self.runs = {}
        """Seconds that containers of an image run, and the code with which they end."""
        self.silent = set()
        self.placed = 0
        self.made = []
        self.store.watch(Pod, self.pod_changed)
        self.server.create(Namespace(kind="Namespace", api_version="v1", meta=Meta("default")))
        self.names = []
        for number in range(nodes):
            self.node(f"n{number}")

    def node(self, name, **labels):
        self.names.append(name)
        node = node_of(name, SIZE, {HOSTNAME: name, **labels})
        ready = Condition("Ready", "True", "KubeletReady")
        return self.server.create(replace(node, status=replace(node.status, conditions=(ready,))))

    # --- kubelet ----------------------------------------------------------------------------------

    def pod_changed(self, old, new):
        if old is None:
            self.made.append((self.sim.now, new.name))
            self.sim.at(self.sim.now, self.place, new)
        elif new is not None and new.deleting and not old.deleting and new.node not in self.silent:
            self.sim.at(self.sim.now + self.stop_s, self.server.gone, new)

    def place(self, pod):
        named = pod.spec.affinity.node_affinity
        if named is not None and named.required is not None:
            node = named.required.node_selector_terms[0].match_fields[0].values[0]
        else:
            names = [one for one in self.names if one not in self.silent]
            self.placed += 1
            node = names[self.placed % len(names)]
        self.server.bind(pod, node)
        if pod.spec.containers[0].image not in self.bad:
            self.sim.at(self.sim.now + self.start_s, self.up, pod)

    def now(self, pod):
        found = self.store.get(Pod, *pod.key)
        same = found is not None and found.meta.uid == pod.meta.uid and not found.deleting
        return found if same else None

    def up(self, pod):
        pod = self.now(pod)
        if pod is None:
            return
        image = pod.spec.containers[0].image
        one = ContainerStatus("app", image, running_since=self.sim.now, ready=True, started=True)
        self.status(pod, phase="Running", ready_since=self.sim.now, containers=(one,))
        if image in self.runs:
            seconds, code = self.runs[image]
            self.sim.at(self.sim.now + seconds, self.over, pod, code)

    def over(self, pod, code):
        pod = self.now(pod)
        if pod is None:
            return
        end = Ended(code, "Error" if code else "Completed", pod.status.ready_since, self.sim.now)
        one = replace(pod.status.containers[0], running_since=None, ready=False, ended=end)
        if code and pod.spec.restart_policy == "OnFailure":
            one = replace(one, restarts=one.restarts + 1, ended=None, last=end)
            self.status(pod, ready_since=None, containers=(one,))
            self.sim.at(self.sim.now + 10.0, self.again, pod)
        else:
            phase = "Failed" if code else "Succeeded"
            self.status(pod, phase=phase, ready_since=None, containers=(one,))

    def again(self, pod):
        pod = self.now(pod)
        if pod is not None:
            self.over(pod, self.runs[pod.spec.containers[0].image][1])

    def status(self, pod, **changes):
        self.server.update_status(pod, replace(pod.status, **changes))

    def cut(self, name):
        """A node is not heard of any more."""
        self.silent.add(name)
        self.controllers.nodes.fell_silent(name)

    # --- people -----------------------------------------------------------------------------------

    def apply(self, kind, name, spec, version="apps/v1", **meta):
        data = {"apiVersion": version, "kind": kind, "metadata": {"name": name, **meta}}
        return self.requests.apply({**data, "spec": spec}, "default")[0]

    def patch(self, kind, name, patch):
        return self.requests.patch(self.kind(kind), "default", name, "strategic", patch)

    def kind(self, word):
        return self.requests.kinds.find(word)

    def scale(self, kind, name, replicas):
        return self.requests.scale(self.kind(kind), "default", name, replicas)

    def delete(self, kind, name, propagation="Background"):
        namespace = "" if kind == "Namespace" else "default"
        self.requests.delete(self.kind(kind), namespace, name, None, propagation)

    def get(self, kind, name, namespace="default"):
        return self.store.get(CLASSES[kind], namespace, name)

    def pods(self, kind="Pod"):
        return sorted(one.name for one in self.store.within(CLASSES[kind], "default").values())

    def until(self, time):
        self.sim.advance(time)

    def events(self, reason):
        return [one.message for one in self.server.recorder if one.reason == reason]


def template(image="app:1", labels=None, **more):
    """The template of pods with one container."""
    spec = {"containers": [{"name": "app", "image": image}], **more}
    return {"metadata": {"labels": labels or {"app": "web"}}, "spec": spec}


def workload(image="app:1", **more):
    """A workload that selects ``app: web``."""
    return {"selector": {"matchLabels": {"app": "web"}}, "template": template(image), **more}


def budget(**spec):
    """A budget for ``app: web``."""
    return {"selector": {"matchLabels": {"app": "web"}}, **spec}
