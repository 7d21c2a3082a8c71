"""Autoscalers that go by requests: what is measured in pods, and what comes to an Ingress."""

import pytest
from shop import SERVICE, Shop

from simulator.cluster.kubernetes.autoscaling.requests import (
    INSIDE,
    MILLISECONDS,
    RATE,
    SECONDS,
    Count,
    meaning,
)

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: main}
spec:
  rules:
  - host: shop.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 20
  metrics: [METRIC]
"""
PODS = "{type: Pods, pods: {metric: {name: NAME}, target: {type: AverageValue, averageValue: AT}}}"
OBJECT = (
    "{type: Object, object: {metric: {name: requests-per-second}, "
    "describedObject: {kind: KIND, name: OF}, target: {type: AverageValue, averageValue: AT}}}"
)


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    shop.web(1)
    shop.apply(SERVICE)
    shop.apply(INGRESS)
    return shop


def scaled_by(shop, metric, to="web", rate="100"):
    shop.apply(AUTOSCALER.replace("METRIC", metric))
    shop.say(f"traffic {to} constant {rate}", "advance 3m")
    return shop.replicas()


def pods(name, at):
    return PODS.replace("NAME", name).replace("AT", at)


def of(kind, name, at):
    return OBJECT.replace("KIND", kind).replace("OF", name).replace("AT", at)


def test_so_many_pods_that_each_gets_its_share_of_the_requests_a_second(shop):
    assert scaled_by(shop, pods("http_requests_per_second", "20")) == 5


def test_so_many_pods_that_each_has_its_share_of_those_in_flight(shop):
    # 100 a second of 1 ms each: a tenth of a request is inside, on average (Little).
    assert scaled_by(shop, pods("requests_in_flight", "20m")) == 5


def test_a_latency_is_the_mean_of_all_requests_of_a_pod(shop):
    scaled_by(shop, pods("http_request_duration_milliseconds", "100"))
    assert shop.row("hpa web")[2] == "1008m/100"


def test_an_ingress_counts_what_comes_to_it(shop):
    assert scaled_by(shop, of("Ingress", "main", "25"), "shop.example") == 4


def test_what_comes_to_a_service_beside_an_ingress_is_not_the_ingresss(shop):
    assert scaled_by(shop, of("Ingress", "main", "25"), "web") == 1


def test_a_service_has_the_requests_of_all_pods_behind_it(shop):
    assert scaled_by(shop, of("Service", "web", "25"), "shop.example") == 4


def test_a_value_set_by_hand_stands_before_what_is_measured(shop):
    shop.say("cluster metric http_requests_per_second 60")
    assert scaled_by(shop, pods("http_requests_per_second", "20"), rate="1") == 20


def test_a_metric_that_nobody_serves_is_unknown_and_says_so(shop):
    assert scaled_by(shop, pods("packets-per-second", "20")) == 1
    assert shop.row("hpa web")[2] == "<unknown>/20"
    assert "no metrics returned from custom metrics API" in shop.words()


def test_one_metric_that_is_unknown_does_not_show_the_value_of_another(shop):
    metrics = f"{pods('packets-per-second', '20')}, {pods('rps', '200')}"
    scaled_by(shop, metrics)
    assert "<unknown>/20, 100/200" in shop.say("kubectl get hpa web")


def test_labels_of_a_series_are_named_as_not_modelled(shop):
    metric = pods("rps", "20").replace("name: rps", "name: rps, selector: {matchLabels: {a: b}}")
    said = shop.apply(AUTOSCALER.replace("METRIC", metric))
    assert "whatever their labels" in said


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("http_requests_per_second", RATE),
        ("requests-per-second", RATE),
        ("nginx_ingress_controller_requests_per_second", RATE),
        ("istio_requests_total", RATE),
        ("http_requests", RATE),
        ("http_server_requests_in_flight", INSIDE),
        ("concurrency", INSIDE),
        ("http_request_duration_seconds", SECONDS),
        ("response_time_ms", MILLISECONDS),
        ("queue_length", ""),
        ("failed_requests_per_second", ""),
        ("cpu_requests", ""),
        ("packets-per-second", ""),
    ],
)
def test_adapters_names_are_known_by_their_words(name, word):
    assert meaning(name) == word


def test_a_program_that_began_anew_counts_from_nothing():
    assert Count(3, 1.0).since(Count(50, 9.0)) == Count(3, 1.0)
