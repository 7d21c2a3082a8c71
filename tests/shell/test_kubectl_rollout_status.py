"""How far a rollout is, by the kind and the strategy of what is rolled out."""

from __future__ import annotations

import pytest
from image_shop import Shop

SET = """\
apiVersion: apps/v1
kind: KIND
metadata: {name: db}
spec:
  SPEC
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "nginx:1.27"}]}
"""


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 2")
    return shop


def applied(shop: Shop, tmp_path, kind: str, spec: str) -> None:
    (tmp_path / "db.yaml").write_text(SET.replace("KIND", kind).replace("SPEC", spec))
    shop("kubectl apply -f db.yaml; advance 1m")


def test_only_what_is_above_the_partition_is_waited_for(shop, tmp_path):
    spec = "{replicas: 4, serviceName: db, updateStrategy: {rollingUpdate: {partition: 2}}"
    applied(shop, tmp_path, "StatefulSet", spec[1:].replace(", ", "\n  "))
    shop("kubectl set image sts/db db=nginx:1.28")
    assert shop("kubectl rollout status sts/db").split("\n")[-1] == (
        "partitioned roll out complete: 2 new pods have been updated..."
    )
    images = shop("kubectl get pods -o jsonpath='{.items[*].spec.containers[0].image}'")
    assert images == "nginx:1.27 nginx:1.27 nginx:1.28 nginx:1.28"


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_what_people_delete_by_hand_has_no_progress(shop, tmp_path, kind):
    applied(shop, tmp_path, kind, "updateStrategy: {type: OnDelete}")
    assert shop.refuses(f"kubectl rollout status {kind}/db") == (
        "error: rollout status is only available for RollingUpdate strategy type"
    )


def test_an_autoscaler_says_which_container_nobody_measures(shop):
    shop("kubectl create deployment web --image=nginx; advance 10s")
    shop("kubectl set resources deploy/web --requests=cpu=100m; advance 1m")
    shop("kubectl autoscale deploy/web --max=3")
    metric = (
        '{"type":"ContainerResource","containerResource":{"name":"cpu","container":"nosuch",'
        '"target":{"type":"Utilization","averageUtilization":50}}}'
    )
    path = '[{"op":"replace","path":"/spec/metrics/0","value":%s}]' % metric  # noqa: UP031
    shop(f"kubectl patch hpa web --type json -p '{path}'; advance 1m")
    assert (
        "failed to get cpu utilization: unable to get metrics for resource cpu: failed to get "
        "container metrics: container nosuch not present in metrics for pod default/web-"
    ) in shop("kubectl describe hpa web")
