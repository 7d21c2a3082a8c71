"""``why``: what a cluster's loops decided, about pods, nodes, autoscalers, Services, rollouts."""

import pytest

from simulator.shell import Session
from simulator.world import World

SPREAD = """\
apiVersion: v1
kind: Pod
metadata: {name: picky}
spec:
  nodeSelector: {disk: ssd}
  containers: [{name: c, image: nginx, resources: {requests: {cpu: "9"}}}]
"""


class Talk:
    """A session in which every line must succeed."""

    def __init__(self, folder, *lines):
        (folder / "picky.yaml").write_text(SPREAD)
        self.session = Session(World(), folder=folder)
        self.say("cluster create small --nodes 2", *lines)

    def say(self, *lines):
        found = []
        for line in lines:
            result = self.session.execute(line)
            assert result.error is None, (line, result.error)
            found += result.lines
        return "\n".join(found)


def test_a_pod_that_fits_nowhere_hears_every_refusal_and_what_would_help(tmp_path):
    talk = Talk(tmp_path, "kubectl apply -f picky.yaml", "kubectl cordon node-1", "advance 5s")
    told = talk.say("why pod/picky")
    assert "0 of 2 nodes would take it" in told
    assert (
        "2 nodes: NodeResourcesFit: Insufficient cpu; would need 5080m CPU more free of 3920m CPU"
        in told
    )
    assert "2 nodes: NodeAffinity" in told
    assert "a label disk of ssd" in told
    assert "node-1: NodeUnschedulable: node(s) were unschedulable; would need kubectl uncordon" in (
        told
    )


def test_what_it_says_would_help_helps(tmp_path):
    talk = Talk(tmp_path, "kubectl apply -f picky.yaml", "kubectl label node node-1 disk=ssd")
    assert "would need a label disk of ssd" in talk.say("why pod/picky")
    talk.say("cluster grow 1 --cores 16 --label disk=ssd --prefix big-", "advance 10s")
    assert "pod picky (default): Running on big-1, 1/1 ready" in talk.say("why pod/picky")


def test_scores_add_up_to_totals_and_the_node_that_it_is_on_is_marked(tmp_path):
    talk = Talk(tmp_path, "kubectl run one --image nginx", "advance 10s")
    lines = talk.say("why pod/one").splitlines()
    head = next(line for line in lines if line.startswith("  NODE"))
    plugins = head.split()[2:]
    rows = [line for line in lines if line.startswith("  node-")]
    assert len(rows) == 2
    assert sum("(here)" in row for row in rows) == 1
    for row in rows:
        cells = row.replace("(here)", "").replace("*", "").split()
        pairs = list(zip(cells[2::2], cells[3::2], strict=True))
        assert len(pairs) == len(plugins)
        assert sum(int(score) * int(weight[1:]) for score, weight in pairs) == int(cells[1])


def test_an_autoscaler_tells_metric_ratio_wish_and_the_limit_that_held(tmp_path):
    talk = Talk(
        tmp_path,
        "kubectl create deployment web --image nginx --port 80",
        "kubectl set resources deploy/web --requests cpu=10m",
        "kubectl set env deploy/web A=1",
        "kubectl expose deploy/web --port 80",
        "kubectl autoscale deploy/web --min 1 --max 2 --cpu-percent 50",
        "advance 30s",
        "traffic web constant 200/s",
        "advance 3m",
    )
    told = talk.say("why hpa/web")
    assert "Deployment/web has 2, wants 2 (1 to 2)" in told
    assert "of what is requested, ratio" in told
    assert "held by maxReplicas" in told


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((), "no pod has these labels"),
        (("kubectl run web --image nginx --labels app=wob",), "nearest: pod web has app=wob"),
        (("kubectl run web --image nginx:9.9.9 --labels app=web",), "web gets nothing: "),
        (("kubectl run web --image nginx --labels app=web --port 80",), "nobody listens at 81"),
    ],
)
def test_a_service_tells_why_pods_get_nothing(tmp_path, lines, words):
    talk = Talk(tmp_path, *lines, "kubectl create service clusterip web --tcp 80:81", "advance 20s")
    assert words in talk.say("why service/web")


def test_a_rollout_names_the_pod_that_holds_it_up(tmp_path):
    talk = Talk(
        tmp_path,
        "kubectl create deployment web --image nginx --replicas 4",
        "advance 20s",
        "kubectl set image deploy/web nginx=nginx:9.9.9",
        "advance 20s",
    )
    told = talk.say("why rollout/web")
    assert told.splitlines()[0] == "\n".join(talk.say("why deploy/web").splitlines()[:1])
    assert "at most 5 pods, at least 3 available" in told
    assert "ImagePullBackOff" in told
    assert "3 old pods stay until new ones are available" in told
    talk.say("kubectl rollout undo deploy/web", "advance 20s")
    assert "waits for nothing: the rollout is through" in talk.say("why rollout/web")


def test_a_node_tells_what_is_taken_and_a_group_what_keeps_it(tmp_path):
    talk = Talk(tmp_path, "cluster autoscale --min 1 --max 2", "kubectl run one --image nginx",
                "kubectl taint node node-1 gpu=yes:NoSchedule", "advance 30s")  # fmt: skip
    told = talk.say("why node/node-1", "why node/node-2")
    assert "taint gpu=yes:NoSchedule: only pods that tolerate it come" in told
    assert "of group node, 1 to 2 nodes" in told
    assert "1 of 110 pods: 1 BestEffort" in told


def test_a_pod_that_no_group_helps_hears_the_reason_of_each(tmp_path):
    talk = Talk(tmp_path, "cluster autoscale --min 1 --max 4", "kubectl apply -f picky.yaml",
                "advance 30s")  # fmt: skip
    assert "cluster autoscaler: no group helps: " in talk.say("why pod/picky")


def test_who_asks_changes_nothing(tmp_path):
    talk = Talk(tmp_path, "kubectl create deployment web --image nginx --replicas 3",
                "kubectl expose deploy/web --port 80", "kubectl apply -f picky.yaml",
                "advance 5s")  # fmt: skip
    other = Talk(tmp_path, *talk_lines(talk))
    for _ in range(3):
        for what in ("pod/picky", "node/node-1", "svc/web", "rollout/web", "web", "node-1"):
            talk.say(f"why {what}")
        talk.say("advance 5s")
        other.say("advance 5s")
    assert talk.session.world.journal.digest == other.session.world.journal.digest
    shown = "kubectl get pods -o yaml"
    assert talk.say(shown) == other.say(shown)


def talk_lines(talk):
    return ("kubectl create deployment web --image nginx --replicas 3",
            "kubectl expose deploy/web --port 80", "kubectl apply -f picky.yaml",
            "advance 5s")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pod/pickly", "did you mean 'picky'?"),
        ("pods/none", 'pods "none" not found'),
        ("nosuch", "nothing is called 'nosuch'"),
        ("vase/x", "nothing is called 'vase/x'"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_name(tmp_path, name, words):
    talk = Talk(tmp_path, "kubectl apply -f picky.yaml")
    assert words in talk.session.execute(f"why {name}").error


def test_a_name_that_is_almost_one_of_the_hub_is_not_to_be_had(tmp_path):
    talk = Talk(tmp_path, "kubectl run a --image ngnix:1.25", "kubectl run b --image far/ngnix",
                "kubectl run c --image nginx", "advance 20s")  # fmt: skip
    assert "pull access denied" in talk.say("kubectl describe pod a")
    assert "Running" in talk.say("kubectl get pod b")
    assert "Running" in talk.say("kubectl get pod c")
