"""What people type at kubectl every day besides applying and looking: logs, contexts, waiting."""

from __future__ import annotations

import pytest
from image_shop import Shop

TALKER = "kubectl run talker --image=busybox --restart=Never -- sh -c"


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 2")
    return shop


def now(shop: Shop) -> float:
    return shop.session.world.now


def test_logs_are_followed_until_the_container_ends(shop):
    shop(f"{TALKER} 'echo one; sleep 20; echo two; sleep 5'; advance 10s")
    assert shop("kubectl logs talker") == "one"
    assert shop("kubectl logs -f talker") == "one\ntwo"
    assert 20 < now(shop) < 40


def test_logs_of_what_never_ends_are_followed_for_a_minute(shop):
    shop(f"{TALKER} 'echo one; sleep 100000'; advance 10s")
    lines = shop("kubectl logs -f talker").split("\n")
    assert lines == ["one", "(no longer followed after 60s; the pod goes on)"]
    assert now(shop) == 70


def test_logs_of_many_pods_carry_their_names_and_only_what_is_recent(shop):
    shop("kubectl create deployment web --image=nginx --replicas=2; advance 30s")
    lines = shop("kubectl logs -l app=web --prefix").split("\n")
    assert [line.rpartition("] ")[2] for line in lines] == ["listening", "listening"]
    assert all(line.startswith("[pod/web-") for line in lines)
    assert shop("kubectl logs -l app=web --since=5s") == ""


def test_too_many_logs_are_not_followed_at_once(shop):
    shop("kubectl create deployment web --image=nginx --replicas=6; advance 30s")
    assert shop.refuses("kubectl logs -f -l app=web") == (
        "error: you are attempting to follow 6 log streams, but maximum allowed concurrency is 5, "
        "use --max-log-requests to increase the limit"
    )


def test_logs_of_an_image_that_is_not_there_say_that_it_cannot_be_pulled(shop):
    shop("kubectl run web --image=nginx:nosuch; advance 60s")
    assert shop.refuses("kubectl logs web").endswith(
        'container "web" in pod "web" is waiting to start: trying and failing to pull image'
    )


def test_a_deleted_context_is_not_spoken_to_until_it_is_set_again(shop):
    shop("kubectl config delete-context shop")
    assert "localhost:8080 was refused" in shop.refuses("kubectl get pods")
    assert shop.refuses("kubectl config use-context shop") == (
        'error: no context exists with the name: "shop"'
    )
    assert shop("kubectl config set-context shop") == 'Context "shop" created.'
    assert shop("kubectl config use-context shop; kubectl get pods").endswith(
        "No resources found in default namespace."
    )


def test_flags_may_stand_before_the_verb(shop):
    assert shop("kubectl -n kube-system get pods") == (
        "No resources found in kube-system namespace."
    )
    assert shop("k --namespace=kube-public get pods") == (
        "No resources found in kube-public namespace."
    )


def test_a_verb_without_a_meaning_here_is_refused_with_what_does_instead(shop):
    assert "'traffic SERVICE 10/s'" in shop.refuses("kubectl port-forward svc/web 8080:80")


def test_everything_is_allowed_and_said_to_be_so(shop):
    said = shop("kubectl auth can-i get pods").split("\n")
    assert "RBAC" in said[0]
    assert said[-1] == "yes"


def test_waiting_for_what_is_not_there_to_go_is_over_at_once(shop):
    assert shop("kubectl wait --for=delete pod/nosuch") == ""
    assert now(shop) == 0


def test_a_condition_that_nobody_knows_is_refused_before_any_time_passes(shop):
    shop("kubectl run web --image=nginx")
    assert shop.refuses("kubectl wait --for=nonsense pod/web") == (
        'error: unrecognized condition: "nonsense"'
    )
    assert now(shop) == 0


def test_each_object_is_waited_for_as_long_as_the_timeout_says(shop):
    shop("kubectl run a --image=nginx:nosuch; kubectl run b --image=nginx:nosuch")
    shop.refuses("kubectl wait --for=condition=Ready pod/a pod/b --timeout=10s")
    assert now(shop) == 20


def test_a_value_at_a_path_can_be_waited_for(shop):
    shop("kubectl run web --image=nginx")
    assert shop("kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web") == (
        "pod/web condition met"
    )


def test_a_secret_written_as_text_is_kept_in_base_64(shop):
    shop.write("secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n"
               "stringData: {password: x}\n")  # fmt: skip
    shop("kubectl apply -f secret.yaml")
    assert shop("kubectl get secret db -o jsonpath='{.data}{.stringData}'") == '{"password":"eA=="}'
    assert shop("kubectl apply -f secret.yaml") == "secret/db unchanged"


def test_a_cluster_goes_with_its_machines_and_leaves_nothing_to_do(shop):
    shop("kubectl create deployment web --image=nginx --replicas=4")
    shop("kubectl autoscale deploy web --max 9 --cpu-percent 50; advance 60s")
    shop("cluster autoscale --max 5; traffic web 5/s; advance 30s; traffic web stop")
    shop("cluster rm shop; advance 1h")
    assert shop("host ls").count("node-") == 0
    assert "no cluster" in shop("cluster ls")
    assert shop("cluster create shop --nodes 1; kubectl get pods").endswith("namespace.")


def test_a_watch_costs_by_what_changes_and_not_by_what_there_is(shop, monkeypatch):
    from simulator.shell.kubectl import getting

    printed = []
    rows = getting._rows
    monkeypatch.setattr(
        getting, "_rows", lambda *a, **k: printed.append(len(a[3])) or rows(*a, **k)
    )
    shop("kubectl create deployment many --image=nginx --replicas=60; advance 60s")
    shop("kubectl run late --image=nginx; kubectl get pods -w")
    assert printed[0] == 61
    assert sum(printed[1:]) < 10


SETTINGS = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndata: {who: "it\'s"}\n'


def test_a_text_in_the_line_is_applied(shop):
    text = SETTINGS.replace("NAME", "one")
    assert shop(f"kubectl apply -f - <<EOF\n{text}EOF") == "configmap/one created"
    text = SETTINGS.replace("NAME", "two")
    assert shop(f"cat <<'END' | kubectl apply -f -\n{text}END\nkubectl get cm -o name") == (
        "configmap/two created\nconfigmap/one\nconfigmap/two"
    )


def test_what_one_command_prints_another_applies(shop):
    assert shop(
        "kubectl create deployment web --image=nginx --dry-run=client -o yaml | kubectl apply -f -"
    ) == "deployment.apps/web created"  # fmt: skip
    shop.write("one.yaml", SETTINGS.replace("NAME", "one"))
    assert shop("cat one.yaml | kubectl apply -f -") == "configmap/one created"


def test_a_command_that_is_skipped_hands_nothing_over(shop):
    shop.refuses("kubectl get cm nosuch && kubectl get cm -o yaml | kubectl apply -f -")
    assert "nothing to read" in shop.refuses("kubectl apply -f -")


def test_what_is_printed_goes_through_tools_that_choose_lines(shop):
    shop.write("one.yaml", SETTINGS.replace("NAME", "one"))
    shop.write("two.yaml", SETTINGS.replace("NAME", "two"))
    shop("kubectl apply -f one.yaml -f two.yaml")
    assert shop("kubectl get cm -o name | grep two") == "configmap/two"
    assert shop("kubectl get cm -o name | grep -c o | tr 2 3") == "3"
    assert shop("kubectl get cm | awk '{print $1}' | sort -r | head -1") == "two"
    changed = "kubectl get cm one -o yaml | sed 's/name: one/name: three/' | kubectl apply -f -"
    assert shop(changed) == "configmap/three created"
    assert shop("kubectl get cm two -o yaml | grep -A1 kind: | tail -1") == "metadata:"
    assert "unrecognized option" in shop.refuses("kubectl get cm | sort --nope")


def test_pipes_and_texts_go_nowhere_else(shop):
    assert "pipes into 'jq' are not modelled" in shop.refuses("kubectl get pods | jq .")
    assert "nothing to run after '|'" in shop.refuses("kubectl get pods |")
    assert "redirection from a file is not modelled" in shop.refuses("docker ps <<EOF\nx\nEOF")
    assert "has not ended" in shop.refuses("kubectl apply -f - <<EOF\nkind: Pod")
