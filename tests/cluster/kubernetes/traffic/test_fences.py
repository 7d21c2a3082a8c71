"""NetworkPolicies: what is let through, and what times out."""

import pytest

from simulator.shell import Session
from simulator.world import World

PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: NAME}}
spec: {containers: [{name: c, image: IMAGE, ports: [{containerPort: 80, name: http}]}]}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec:
  podSelector: {matchLabels: {app: SELECTED}}
  RULES
"""


class Shop:
    def __init__(self, folder):
        self.folder = folder
        self.session = Session(World(), folder=folder)
        for line in ("cluster create c --nodes 2", "kubectl create namespace far",
                     "kubectl label namespace far team=far"):  # fmt: skip
            assert self.session.execute(line).error is None
        for name, image in (("web", "nginx"), ("friend", "busybox"), ("other", "busybox")):
            self.apply(PODS.replace("NAME", name).replace("IMAGE", image))
        self.apply(PODS.replace("NAME", "friend").replace("IMAGE", "busybox"), "-n far")
        self.session.execute("kubectl expose pod web --port 80")
        self.session.execute("advance 40s")

    def apply(self, text, flags=""):
        text = text.replace("image: busybox,", "image: busybox, command: [sleep, '9999'],")
        (self.folder / "one.yaml").write_text(text)
        result = self.session.execute(f"kubectl apply {flags} -f one.yaml")
        assert result.error is None, result.error

    def asks(self, who, space="default", what="http://web.default"):
        result = self.session.execute(f"kubectl exec -n {space} {who} -- wget -T 2 -qO- {what}")
        if "Welcome to nginx" in result.text:
            return "answer"
        said = result.text + (result.error or "")
        return "timeout" if "timed out" in said else said


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


FRIENDS = "ingress: [{from: [{podSelector: {matchLabels: {app: friend}}}]}]"
FAR = (
    "ingress: [{from: [{namespaceSelector: {matchLabels: {team: far}}, "
    "podSelector: {matchLabels: {app: friend}}}]}]"
)


@pytest.mark.parametrize(
    ("selected", "rules", "friend", "other", "far"),
    [
        ("nobody", "policyTypes: [Ingress]", "answer", "answer", "answer"),
        ("web", "policyTypes: [Ingress]", "timeout", "timeout", "timeout"),
        ("web", "ingress: [{}]", "answer", "answer", "answer"),
        ("web", FRIENDS, "answer", "timeout", "timeout"),
        ("web", FAR, "timeout", "timeout", "answer"),
        ("web", "ingress: [{ports: [{port: 80}]}]", "answer", "answer", "answer"),
        ("web", "ingress: [{ports: [{port: http}]}]", "answer", "answer", "answer"),
        ("web", "ingress: [{ports: [{port: 70, endPort: 90}]}]", "answer", "answer", "answer"),
        ("web", "ingress: [{ports: [{port: 81}]}]", "timeout", "timeout", "timeout"),
        ("web", "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]", "answer", "answer", "answer"),
        ("web", "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.244.0.0/16]}}]}]",
         "timeout", "timeout", "timeout"),
        ("friend", "policyTypes: [Egress]", "timeout", "answer", "answer"),
        ("friend", "egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]",
         "answer", "answer", "answer"),
    ],
)  # fmt: skip
def test_who_gets_an_answer_is_what_the_policies_let_through(
    shop, selected, rules, friend, other, far
):
    shop.apply(POLICY.replace("SELECTED", selected).replace("RULES", rules))
    assert [shop.asks("friend"), shop.asks("other"), shop.asks("friend", "far")] == [
        friend,
        other,
        far,
    ]


def test_several_policies_let_through_what_any_of_them_does(shop):
    shop.apply(POLICY.replace("SELECTED", "web").replace("RULES", "policyTypes: [Ingress]"))
    second = POLICY.replace("name: p", "name: q").replace("SELECTED", "web")
    shop.apply(second.replace("RULES", FRIENDS))
    assert [shop.asks("friend"), shop.asks("other")] == ["answer", "timeout"]
