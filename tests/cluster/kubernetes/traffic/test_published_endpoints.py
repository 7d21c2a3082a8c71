"""Endpoints and EndpointSlices: what kubectl shows of who stands behind a Service."""

from pathlib import Path

import pytest

from simulator.shell import Session
from simulator.world import World


@pytest.fixture
def say():
    session = Session(World(), folder=Path())

    def told(*lines):
        found = []
        for line in lines:
            result = session.execute(line)
            assert result.error is None, (line, result.error)
            found = result.lines
        return "\n".join(found)

    told("cluster create c --nodes 2", "kubectl create deployment web --image nginx --replicas 2",
         "kubectl expose deploy/web --port 80 --target-port 8080", "advance 30s")  # fmt: skip
    return told


def test_ready_pods_are_listed_with_the_port_behind_the_service(say):
    addresses = say("kubectl get pods -o jsonpath={.items[*].status.podIP}").split()
    shown = say("kubectl get endpoints web --no-headers").split()[1].split(",")
    assert sorted(shown) == sorted(f"{one}:8080" for one in addresses)
    sliced = say("kubectl get endpointslices --no-headers").split()
    assert sorted(sliced[3].split(",")) == sorted(addresses)


def test_of_many_three_are_shown_and_the_rest_is_counted(say):
    say("kubectl scale deploy/web --replicas 9", "advance 30s")
    assert "+ 6 more..." in say("kubectl get ep web")


def test_a_service_without_pods_has_none_and_one_without_selector_has_no_object(say):
    say("kubectl scale deploy/web --replicas 0", "advance 60s")
    assert say("kubectl get ep web --no-headers").split()[1] == "<none>"


def test_who_looks_adds_nothing_to_the_store(say):
    before = say("kubectl get all -o yaml")
    say("kubectl get ep,endpointslices -A -o yaml")
    assert say("kubectl get all -o yaml") == before
