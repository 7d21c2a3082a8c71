"""Victims: who has to go, and that what is remembered of nodes is what trying them anew says."""

import pytest

from simulator.cluster.kubernetes.objects.pod import PodStatus
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.scheduler.budgets import Budget, Stated
from simulator.cluster.kubernetes.scheduler.preemption import Preemption
from simulator.report.bench.chance import Chance
from simulator.report.bench.scheduled import HOSTNAME, REQUIRED, Bench, spec_of, term

SMALL = Resources(4000, 8 << 30, 0, (), 110)


def told(search):
    victims = search.victims
    if victims is None:
        return search.message
    return victims.node, [one.name for one in victims.pods], victims.loss


class Anew(Preemption):
    """Remembers nothing, and asks every filter each time."""

    def search(self, pod, diagnosis):
        self.runs.budgets_changed()
        return super().search(pod, diagnosis)


def slowly(preemption):
    begin = preemption.runs.begin

    def and_forget(pod, ready):
        tried = begin(pod, ready)
        preemption.runs._fast = False
        return tried

    preemption.runs.begin = and_forget


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_what_is_remembered_of_nodes_is_what_trying_them_anew_says(seed):
    found = 0
    for one in range(seed, seed + 6):
        chance = Chance(5000 + one)
        budgets = Stated(Budget("default", LabelSelector({"app": "web"}), 1))
        kept, anew = (kind(chance.bench.cycle, budgets) for kind in (Preemption, Anew))
        slowly(anew)
        for _ in range(40):
            chance.shake()
            pod = chance.pod()
            decision = chance.bench.cycle.schedule(pod)
            if decision.node:
                chance.bench.state.add(pod, decision.node)
                chance.placed.append((pod, decision.node))
                continue
            before = [list(row.pods) for row in chance.bench.state.columns.order]
            one, other = kept.search(pod, decision.diagnosis), anew.search(pod, decision.diagnosis)
            assert told(one) == told(other)
            assert before == [list(row.pods) for row in chance.bench.state.columns.order]
            found += one.victims is not None
            if one.victims is not None and chance.draw.random() < 0.5:
                for victim in one.victims.pods:
                    chance.bench.state.remove(victim, one.victims.node)
                chance.placed = [each for each in chance.placed if each[0] not in one.victims.pods]
    assert found


def running(bench, cpu, node, started, **more):
    status = PodStatus(phase="Running", started_at=started)
    pod = bench.pod(spec_of(cpu), more.pop("labels", None), status=status, **more)
    bench.state.add(pod, node)
    return pod


def search(bench, pod, *budgets):
    diagnosis = bench.cycle.schedule(pod).diagnosis
    return Preemption(bench.cycle, Stated(*budgets)).search(pod, diagnosis)


def test_the_least_important_and_the_latest_go_first():
    bench = Bench()
    bench.node("n0", SMALL)
    running(bench, "1", "n0", 5.0, priority=1, name="old")
    running(bench, "1", "n0", 9.0, priority=1, name="young")
    running(bench, "2", "n0", 1.0, priority=5, name="more")
    victims = search(bench, bench.pod(spec_of("1"), priority=9)).victims
    assert [one.name for one in victims.pods] == ["young"]


def test_a_node_where_no_budget_breaks_is_rather_taken():
    bench = Bench()
    for number, app in enumerate(("guarded", "free")):
        bench.node(f"n{number}", SMALL)
        running(bench, "4", f"n{number}", 1.0, priority=number, labels={"app": app})
    pod = bench.pod(spec_of("3"), priority=9)
    assert search(bench, pod).victims.node == "n0"
    guard = Budget("default", LabelSelector({"app": "guarded"}), 0)
    assert search(bench, pod, guard).victims.node == "n1"


def test_pods_that_anti_affinity_keeps_away_are_victims_too():
    bench = Bench()
    bench.node("n0", SMALL)
    running(bench, "1", "n0", 1.0, labels={"app": "web"}, name="web")
    running(bench, "1", "n0", 1.0, labels={"app": "other"}, name="other")
    anti = {"podAntiAffinity": {REQUIRED: [term(HOSTNAME, app="web")]}}
    victims = search(bench, bench.pod(spec_of("1", affinity=anti), priority=9)).victims
    assert [one.name for one in victims.pods] == ["web"]


def test_whoever_waits_for_victims_to_end_takes_no_more_of_them():
    bench = Bench()
    bench.node("n0", SMALL)
    going = bench.pod(spec_of("3"), deleting=1.0)
    bench.state.add(going, "n0")
    pod = bench.pod(spec_of("3"), priority=9)
    bench.state.columns.refresh()
    bench.cycle.nominate(pod, "n0")
    found = search(bench, pod)
    assert (found.victims, found.keeps, found.message) == (
        None, True, "preemption: not eligible due to a terminating pod on the nominated node.",
    )  # fmt: skip
