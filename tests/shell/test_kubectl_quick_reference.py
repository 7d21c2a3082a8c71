"""Lines of kubectl's quick reference, as people copy them."""

from __future__ import annotations

import pytest

from simulator.shell import Session
from simulator.world import World

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
"""


@pytest.fixture
def session(tmp_path) -> Session:
    (tmp_path / "web.yaml").write_text(WEB)
    made = Session(World(1), folder=tmp_path)
    for line in ("cluster create shop --nodes 2", "kubectl apply -f web.yaml", "advance 30s"):
        assert made.execute(line).error is None
    return made


def said(session: Session, line: str) -> list[str]:
    result = session.execute(line)
    assert result.error is None, result.error
    return list(result.lines)


def test_kinds_are_listed_by_group_namespace_and_verb(session):
    assert said(session, "kubectl api-resources --api-group=apps -o name") == [
        "controllerrevisions.apps", "daemonsets.apps", "deployments.apps", "replicasets.apps",
        "statefulsets.apps",
    ]  # fmt: skip
    inside = said(session, "kubectl api-resources --namespaced=true -o name")
    outside = said(session, "kubectl api-resources --namespaced=false -o name")
    assert ("pods" in inside, "nodes" in inside) == (True, False)
    assert ("pods" in outside, "nodes" in outside) == (False, True)
    wide = said(session, "kubectl api-resources --verbs=list,get -o wide")
    assert "create,delete,deletecollection,get,list,patch,update,watch" in wide[1]
    assert len(said(session, "kubectl api-resources --verbs=list,fly")) == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--template={{.status.readyReplicas}}", ["3"]),
        ("-o go-template='{{.nothing}}'", ["<no value>"]),
        ("-o go-template='{{printf \"%s-%d\" .metadata.name .spec.replicas}}'", ["web-3"]),
        (
            '-o go-template=\'{{range .status.conditions}}{{if eq .type "Available"}}{{.status}}'
            '{{else if eq .type "x"}}x{{else}}other{{end}} {{end}}\'',
            ["True other "],
        ),
        (
            "-o go-template='{{$n := .metadata.name}}{{range .spec.template.spec.containers}}"
            "{{$n}}/{{.name}}{{end}}'",
            ["web/web"],
        ),
    ],
)
def test_templates_of_go_are_filled_in(session, line, expected):
    assert said(session, f"kubectl get deploy web {line}") == expected


def test_a_secret_is_decoded_by_a_template(session):
    said(session, "kubectl create secret generic key --from-literal=a-b=swordfish")
    template = "'{{range $k,$v := .data}}{{$k}}={{$v|base64decode}}{{end}}'"
    assert said(session, f"kubectl get secret key -o go-template={template}") == ["a-b=swordfish"]
    wrong = session.execute("kubectl get deploy web -o go-template='{{.metadata.name|fly}}'")
    assert "error parsing template" in (wrong.error or "")


def test_columns_may_stand_in_a_file(session, tmp_path):
    (tmp_path / "columns.txt").write_text("NAME WANTED\n.metadata.name .spec.replicas\n")
    line = "kubectl get deploy -o custom-columns-file=columns.txt"
    assert said(session, line) == ["NAME   WANTED", "web    3"]


def test_the_scale_of_a_workload_is_an_object_of_its_own(session):
    scale = "kubectl get deploy web --subresource=scale"
    assert said(session, scale)[1].split()[:3] == ["web", "3", "3"]
    patch = "kubectl patch deploy web --subresource=scale --type=merge -p "
    assert said(session, patch + '\'{"spec":{"replicas":2}}\'') == ["scale.autoscaling/web patched"]
    assert said(session, f"{scale} -o jsonpath='{{.spec.replicas}}'") == ["2"]
    bad = session.execute(patch + '\'{"spec":{"replicas":-1}}\'')
    assert "must be greater than or equal to 0" in (bad.error or "")
    status = session.execute("kubectl patch deploy web --subresource=status -p '{}'")
    assert "not modelled" in (status.error or "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("scale --replicas=5 -f web.yaml", "deployment.apps/web scaled"),
        ("label -f web.yaml tier=front", "deployment.apps/web labeled"),
        ("set image -f web.yaml web=nginx:1.28", "deployment.apps/web image updated"),
        ("set sa -f web.yaml default", "deployment.apps/web serviceaccount updated"),
        ("autoscale -f web.yaml --max=4", "horizontalpodautoscaler.autoscaling/web autoscaled"),
        ("expose -f web.yaml --port=80", "service/web exposed"),
        ("rollout restart -f web.yaml", "deployment.apps/web restarted"),
    ],
)
def test_what_is_meant_may_stand_in_a_file(session, line, expected):
    assert said(session, f"kubectl {line}") == [expected]


def test_a_rollout_is_watched_by_a_switch(session):
    assert said(session, "kubectl rollout status -w deployment/web") == [
        'deployment "web" successfully rolled out'
    ]


def test_how_much_kubectl_tells_is_taken_anywhere(session):
    plain = said(session, "kubectl get pods")
    assert said(session, "kubectl get pods -v=3") == plain
    assert said(session, "kubectl --v=1 get pods") == plain
    assert "not modelled" in said(session, "kubectl get pods -v 8")[0]


def test_nothing_that_is_selected_is_deleted_without_an_error(session):
    assert said(session, "kubectl delete pods,services -l name=nobody") == ["No resources found"]
