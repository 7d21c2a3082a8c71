"""NetworkPolicies and streams of requests: what upstream would drop times out, and says why."""

import pytest
from calls import calls
from shop import SERVICE, Shop

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wall}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress: RULES
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: main}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""
LOOP = '-- sh -c "while sleep 0.1; do wget -T 1 -q -O- http://web; done"'


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    shop.web(2)
    shop.apply(SERVICE)
    shop.apply(INGRESS)
    shop.say("advance 40s")
    return shop


def wall(shop, rules):
    shop.apply(POLICY.replace("RULES", rules))


def share(shop, name="web", seconds=20):
    """Of the requests that got an outcome in a while, how many were answered."""
    tally = shop.session.world.director.found(name).tally
    before = tally.outcomes()
    shop.say(f"advance {seconds}s")
    after = tally.outcomes()
    ok, late = (after[word] - before[word] for word in ("ok", "timeout"))
    return ok / (ok + late)


def traffic(shop, name="web"):
    shop.say(f"traffic {name} constant 20 --timeout 1s", "advance 5s")


@pytest.mark.parametrize(
    ("rules", "passes"),
    [
        ("[]", 0),
        ("[{}]", 1),
        ("[{from: [{podSelector: {}}]}]", 0),
        ("[{from: [{namespaceSelector: {}}]}]", 0),
        ("[{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", 1),
        ("[{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [198.51.100.0/24]}}]}]", 0),
        ("[{ports: [{port: 80}]}]", 1),
        ("[{ports: [{port: 8080}]}]", 0),
        ("[{ports: [{port: 80, protocol: UDP}]}]", 0),
    ],
)
def test_what_comes_from_outside_passes_by_rules_of_addresses_and_ports(shop, rules, passes):
    traffic(shop)
    wall(shop, rules)
    shop.say("advance 2s")
    assert share(shop) == passes


def test_requests_by_ingress_come_from_its_controllers_namespace(shop):
    traffic(shop, "shop.example")
    wall(shop, "[]")
    shop.say("advance 2s")
    assert share(shop, "shop.example") == 0
    label = "kubernetes.io/metadata.name: ingress-nginx"
    wall(shop, f"[{{from: [{{namespaceSelector: {{matchLabels: {{{label}}}}}}}]}}]")
    shop.say("advance 2s")
    assert share(shop, "shop.example") == 1
    shop.say("traffic shop.example off")
    traffic(shop)
    assert share(shop) == 0


def test_a_wall_that_falls_lets_everybody_in(shop):
    traffic(shop)
    wall(shop, "[]")
    shop.say("advance 2s", "kubectl delete networkpolicy wall", "advance 2s")
    assert share(shop) == 1


def test_pods_that_come_later_stand_behind_the_same_wall(shop):
    traffic(shop)
    wall(shop, "[]")
    shop.say("kubectl rollout restart deploy web", "advance 60s")
    assert share(shop) == 0


def test_a_load_generator_is_let_through_by_its_labels_only(shop):
    wall(shop, "[{from: [{podSelector: {matchLabels: {role: friend}}}]}]")
    shop.say(f"kubectl run g --image=busybox {LOOP}", "advance 20s")
    assert share(shop) == 0
    shop.say("kubectl label pod g role=friend", "advance 2s")
    assert share(shop) == 1


def test_a_generator_that_may_not_leave_reaches_nobody(shop):
    shop.say(f"kubectl run g --image=busybox --labels app=g {LOOP}", "advance 20s")
    assert share(shop) == 1
    policy = POLICY.replace("app: web", "app: g").replace("Ingress]", "Egress]")
    shop.apply(policy.replace("  ingress: RULES\n", ""))
    shop.say("advance 2s")
    assert share(shop) == 0


def test_why_of_a_service_names_the_policy_and_whom_it_stops(shop):
    assert "NetworkPolicy" not in shop.say("why service/web")
    shop.say(f"kubectl run g --image=busybox {LOOP}", "advance 20s")
    wall(shop, "[]")
    said = shop.say("why service/web")
    assert "requests from outside are dropped before all pods, and time out" in said
    assert "no rule of NetworkPolicy wall lets them in" in said
    assert "what pod g asks is dropped before all pods" in said


def test_without_policies_nothing_is_asked_of_them(shop, tmp_path):
    barriers = shop.session.world.orchestras.get("c").network.proxies.barriers
    traffic(shop)
    flow = barriers.flows.flows["web"]
    assert calls(lambda: [barriers.judge(flow, key) for key in flow.joined]) <= 6
