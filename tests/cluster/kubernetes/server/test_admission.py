"""Who is asked before a write: namespaces, priorities, accounts, limit ranges, quotas."""

import pytest
from calls import calls

from simulator.cluster.kubernetes.api.errors import ApiError
from simulator.cluster.kubernetes.api.kinds import Kinds
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.registry import Builder
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.server.admission.chain import Admission
from simulator.cluster.kubernetes.server.requests import Requests
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import Store
from simulator.engine.simulation import Simulation


class Api:
    """An API server with its admission, and nothing behind it."""

    def __init__(self):
        self.sim, self.store = Simulation(1), Store()
        self.server = Server(self.sim, self.store, Recorder(self.sim.clock), Naming(1, "c"))
        templates = Templates()
        self.admission = Admission(self.server, templates)
        self.requests = Requests(self.server, Kinds(), Builder(templates))
        self.namespace("default")

    def namespace(self, name):
        self.server.create(Namespace(kind="Namespace", api_version="v1", meta=Meta(name)))

    def make(self, kind, name, space="default", version="v1", **body):
        data = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **body}
        return self.requests.create(data, space)

    def pod(self, name, space="default", resources=None, **spec):
        container = {"name": "app", "image": "nginx", "resources": resources or {}}
        return self.make("Pod", name, space, spec={"containers": [container], **spec})

    def quota(self, name="q", **spec):
        return self.make("ResourceQuota", name, spec=spec)

    def used(self, name="q"):
        self.sim.advance(self.sim.now + 1)
        return self.store.find("ResourceQuota", "default", name).status["used"]

    def limits(self, **item):
        return self.make("LimitRange", "l", spec={"limits": [item]})

    def high(self, name="high", value=1000, **more):
        version = "scheduling.k8s.io/v1"
        return self.make("PriorityClass", name, version=version, value=value, **more)

    def refused(self, *args, **named):
        with pytest.raises(ApiError) as found:
            self.pod(*args, **named)
        return str(found.value)


# --- namespaces and accounts ----------------------------------------------------------------------


def test_nothing_is_made_in_a_namespace_that_is_not_there():
    assert Api().refused("a", "nope") == 'namespaces "nope" not found'


def test_nothing_new_comes_into_a_namespace_that_is_on_its_way_out():
    api = Api()
    space = api.store.get(Namespace, "", "default")
    api.server.delete(space, propagation="Foreground")
    assert api.refused("a") == (
        'pods "a" is forbidden: unable to create new content in namespace default because it is '
        "being terminated"
    )


def test_a_pod_has_its_namespaces_account_unless_it_names_one_that_must_be_there():
    api = Api()
    assert api.pod("a").spec.service_account_name == "default"
    assert api.refused("b", serviceAccountName="ci") == (
        'pods "b" is forbidden: error looking up service account default/ci: '
        'serviceaccount "ci" not found'
    )
    api.make("ServiceAccount", "ci")
    assert api.pod("b", serviceAccountName="ci").spec.service_account_name == "ci"


def test_a_pod_leaves_a_lost_node_after_five_minutes_unless_it_says_when():
    def seconds(pod):
        return [one.toleration_seconds for one in pod.spec.tolerations]

    api, key = Api(), "node.kubernetes.io/not-ready"
    stated = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    assert seconds(api.pod("a")) == [300, 300]
    assert seconds(api.pod("b", tolerations=[stated])) == [5, 300]
    assert seconds(api.pod("c", tolerations=[{"operator": "Exists"}])) == [None]


# --- priorities -----------------------------------------------------------------------------------


def test_a_pods_priority_is_its_class_or_the_default_one_or_nought():
    api = Api()
    assert api.pod("a").priority == 0
    api.high()
    api.high("usual", 7, globalDefault=True, preemptionPolicy="Never")
    named, plain = api.pod("b", priorityClassName="high"), api.pod("c")
    assert (named.priority, plain.priority) == (1000, 7)
    assert plain.spec.preemption_policy == "Never"
    assert api.pod("d", priorityClassName="system-node-critical").priority == 2_000_001_000


def test_a_class_that_is_not_there_and_a_number_of_ones_own_are_refused():
    api = Api()
    assert api.refused("a", priorityClassName="vip") == (
        'pods "a" is forbidden: no PriorityClass with name vip was found'
    )
    assert "(9) must not be provided in pod spec" in api.refused("a", priority=9)
    with pytest.raises(ApiError, match="maximum allowed value of a user defined priority"):
        api.high(value=1_000_000_001)


# --- limit ranges ---------------------------------------------------------------------------------


def test_a_limit_range_fills_in_what_is_not_stated():
    api = Api()
    api.limits(type="Container", default={"memory": "200Mi"}, defaultRequest={"cpu": "100m"})
    pod = api.pod("a")
    said = pod.spec.containers[0].resources
    assert said.limits == {"memory": "200Mi"}
    assert said.requests == {"cpu": "100m", "memory": "200Mi"}
    assert pod.meta.annotations["kubernetes.io/limit-ranger"] == (
        "LimitRanger plugin set: cpu, memory request for container app; "
        "memory limit for container app"
    )


@pytest.mark.parametrize(
    ("item", "resources", "text"),
    [
        ({"max": {"cpu": "1"}}, {"limits": {"cpu": "2"}},
         "maximum cpu usage per Container is 1, but limit is 2"),
        ({"min": {"cpu": "100m"}}, {"requests": {"cpu": "50m"}},
         "minimum cpu usage per Container is 100m, but request is 50m"),
        ({"maxLimitRequestRatio": {"cpu": "2"}},
         {"requests": {"cpu": "1"}, "limits": {"cpu": "4"}},
         "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000"),
    ],
)  # fmt: skip
def test_what_is_outside_a_range_is_refused(item, resources, text):
    api = Api()
    api.limits(type="Container", **item)
    assert api.refused("a", resources=resources) == f'pods "a" is forbidden: {text}'


def test_a_range_of_pods_counts_all_containers_and_defaults_none():
    api = Api()
    api.limits(type="Pod", max={"memory": "1Gi"})
    assert api.refused("a") == (
        'pods "a" is forbidden: maximum memory usage per Pod is 1Gi.  No limit is specified'
    )
    assert api.pod("b", resources={"limits": {"memory": "1Gi"}}).name == "b"


def test_bounds_of_a_range_in_the_wrong_order_are_refused():
    with pytest.raises(ApiError, match="min value 2 is greater than max value 1"):
        Api().limits(type="Container", min={"cpu": "2"}, max={"cpu": "1"})


# --- quotas ---------------------------------------------------------------------------------------


def test_a_quota_counts_pods_that_come_end_and_go():
    api = Api()
    api.quota(hard={"pods": "2", "requests.memory": "1Gi"})
    asked = {"requests": {"memory": "300Mi"}}
    pods = [api.pod(name, resources=asked) for name in "ab"]
    assert api.used() == {"pods": "2", "requests.memory": "600Mi"}
    assert api.refused("c", resources=asked) == (
        'pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'
    )
    api.server.delete(pods[0], grace_s=0)
    status = type(pods[1].status)(phase="Succeeded")
    api.server.update_status(pods[1], status)
    assert api.used() == {"pods": "0", "requests.memory": "0"}


def test_a_quota_names_all_of_which_there_is_not_enough():
    api = Api()
    api.quota(hard={"cpu": "1", "memory": "1Gi", "pods": "9"})
    asked = {"requests": {"cpu": "2", "memory": "2Gi"}}
    assert "requested: cpu=2,memory=2Gi, used: cpu=0,memory=0, limited: cpu=1,memory=1Gi" in (
        api.refused("a", resources=asked)
    )


def test_a_quota_of_an_amount_makes_stating_it_a_duty():
    api = Api()
    api.quota(hard={"limits.cpu": "1", "requests.memory": "1Gi"})
    assert api.refused("a") == (
        'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: app; '
        "requests.memory for: app"
    )


def test_a_quota_counts_what_was_there_before_it_and_objects_of_every_kind():
    api = Api()
    api.make("ConfigMap", "one", data={})
    hard = {"configmaps": "1", "count/deployments.apps": "0", "services.nodeports": "1"}
    api.quota(hard=hard)
    assert api.used()["configmaps"] == "1"
    with pytest.raises(ApiError, match="exceeded quota: q, requested: configmaps=1"):
        api.make("ConfigMap", "two", data={})
    ports = [{"name": name, "port": port} for name, port in (("a", 1), ("b", 2))]
    with pytest.raises(ApiError, match=r"requested: services.nodeports=2"):
        api.make("Service", "s", spec={"type": "NodePort", "ports": ports})


def test_a_quota_with_a_scope_counts_only_what_is_in_it():
    api = Api()
    api.high()
    expression = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
    api.quota(hard={"pods": "1"}, scopeSelector={"matchExpressions": [expression]})
    for name in "abc":
        api.pod(name)
    api.pod("d", priorityClassName="high")
    assert api.used() == {"pods": "1"}
    assert "exceeded quota: q" in api.refused("e", priorityClassName="high")


def test_a_quota_may_be_set_below_what_is_used():
    api = Api()
    api.pod("a")
    quota = api.quota(hard={"pods": "1"})
    kind = api.requests.kinds.named("ResourceQuota")
    change = {"spec": {"hard": {"pods": "0"}}}
    api.requests.patch(kind, "default", quota.name, "merge", change)
    assert api.used() == {"pods": "1"}
    assert "used: pods=1, limited: pods=0" in api.refused("b")


# --- cost -----------------------------------------------------------------------------------------


def test_what_a_pod_costs_does_not_grow_with_the_pods_of_its_namespace():
    def work(count):
        api = Api()
        api.quota(hard={"pods": "1000"})
        template = api.pod("first").template
        for number in range(count):
            meta = Meta(f"p{number}", "default")
            api.server.create(Pod(kind="Pod", api_version="v1", meta=meta, template=template))
        meta = Meta("last", "default")
        last = Pod(kind="Pod", api_version="v1", meta=meta, template=template)
        return calls(lambda: api.server.create(last))

    assert work(40) == work(80)


def test_a_quota_that_counts_quotas_is_told_of_itself_once():
    api = Api()
    api.quota(hard={"resourcequotas": "2"})
    assert api.used() == {"resourcequotas": "1"}
    api.quota("other", hard={"pods": "1"})
    assert api.used() == {"resourcequotas": "2"}
    with pytest.raises(ApiError, match="exceeded quota: q"):
        api.quota("third", hard={"pods": "1"})
