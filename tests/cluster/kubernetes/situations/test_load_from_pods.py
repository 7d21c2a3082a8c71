"""Programs in pods that ask again and again: they wait for answers, and cost the servers' CPU."""

import pytest
from calls import calls
from shop import SERVICE, Shop

GENERATOR = "kubectl run g --image=busybox:1.28 --restart=Never -- /bin/sh -c"
PAUSE_S = 0.010 + 2 * 0.001
"""What the loops below sleep, and what it takes to start two programs."""


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    shop.web(1)
    shop.apply(SERVICE)
    shop.say("advance 40s")
    return shop


def served(shop, seconds):
    stream = shop.session.world.director.services["web"]
    before = stream.tally.ok
    shop.say(f"advance {seconds}s")
    return stream.tally.ok - before


def test_the_walkthrough_of_the_documentation_is_as_it_tells(tmp_path):
    shop = Shop(tmp_path)
    shop.say(
        "kubectl create deployment php-apache --image=registry.k8s.io/hpa-example --port=80",
        "kubectl set resources deployment php-apache --requests=cpu=200m --limits=cpu=500m",
        "kubectl expose deployment php-apache --port=80",
        "kubectl autoscale deployment php-apache --cpu-percent=50 --min=1 --max=10",
        "advance 60s",
    )
    said = shop.say(
        "kubectl run -i --tty load-generator --rm --image=busybox:1.28 --restart=Never -- /bin/sh "
        '-c "while sleep 0.01; do wget -q -O- http://php-apache; done"'
    )
    assert "OK!" in said
    assert "kubectl delete pod load-generator" in said
    shop.say("advance 3m")
    under_load = int(shop.get("deploy php-apache", ".spec.replicas"))
    shop.say("kubectl delete pod load-generator", "advance 8m")
    after = int(shop.get("deploy php-apache", ".spec.replicas"))
    assert (under_load, after) == (7, 1)


def test_who_waits_for_answers_asks_once_a_pause_and_an_answer(shop):
    shop.say(f'{GENERATOR} "while sleep 0.01; do wget -q -O- http://web; done"', "advance 20s")
    # One client, one request of 1 ms at a time: a closed system with think time.
    assert served(shop, 60) == pytest.approx(60 / (PAUSE_S + 0.001), rel=0.03)


@pytest.mark.parametrize(
    "loop",
    [
        "while true; do curl -s -o /dev/null http://web/; sleep 0.1; done",
        "while :; do wget -qO- web >/dev/null 2>&1 || true; sleep 0.1; done",
        "for i in $(seq 1 9000); do wget -q -O- http://web/item?$i | head -1; sleep 0.1; done",
        "while [ 1 ]; do echo asking; wget -T 5 -q -O- http://web.default.svc; sleep 0.1; done",
    ],
)
def test_loops_in_many_words_are_the_same_load(shop, loop):
    shop.say(f"{GENERATOR.replace('busybox:1.28', 'curlimages/curl')} '{loop}'", "advance 20s")
    assert served(shop, 20) == pytest.approx(20 / 0.103, rel=0.05)


@pytest.mark.parametrize(
    "loop",
    [
        "until wget -q -O- http://web; do sleep 1; done; sleep 999",
        "while ! wget -q --spider http://web; do sleep 1; done; sleep 999",
        "wget -q -O- http://web; sleep 999",
    ],
)
def test_who_only_waits_for_a_server_is_no_load(shop, loop):
    shop.say(f"{GENERATOR} '{loop}'", "advance 30s")
    assert not shop.session.world.orchestras.get("c").network.loads(("default", "g"))


def test_a_loop_that_ends_is_gone_on_from(shop):
    loop = "for i in $(seq 1 50); do wget -q -O- http://web; done; echo done"
    shop.say(f"{GENERATOR} '{loop}'", "advance 30s")
    assert "done" in shop.say("kubectl logs g")
    assert shop.get("pod g", ".status.phase") == "Succeeded"
    assert shop.session.world.director.services["web"].tally.ok == 49  # the first by itself


def test_no_more_is_asked_once_the_pod_is_gone(shop):
    shop.say(f'{GENERATOR} "while sleep 0.01; do wget -q -O- http://web; done"', "advance 20s")
    shop.say("kubectl delete pod g --now", "advance 5s")
    assert served(shop, 10) == 0


def test_slow_servers_slow_their_callers_down(tmp_path):
    shop = Shop(tmp_path)
    shop.web(1)
    shop.apply(SERVICE)
    shop.say("kubectl set resources deploy web --limits cpu=10m", "advance 30s")
    shop.say(f'{GENERATOR} "while sleep 0.01; do wget -q -O- http://web; done"', "advance 20s")
    # A hundredth of a core does ten requests of 1 ms a second; in its pauses nobody uses it.
    assert served(shop, 60) == pytest.approx(570, rel=0.05)


def test_a_single_request_costs_its_server_once(shop):
    shop.say("kubectl run c --image=busybox -- sleep 9999", "advance 20s")
    cluster = shop.session.world.orchestras.get("c")
    shop.say("kubectl exec c -- wget -q -O- http://web", "advance 2s")
    pod = next(one for one in cluster.store.table("Pod") if one.name.startswith("web"))
    server = cluster.kubelets.server_of(pod, 80)
    assert server.station.taken == 1
    assert server.cpu_seconds == pytest.approx(0.001, rel=0.5)


def test_callers_can_be_copied_and_undone(shop):
    shop.say(f'{GENERATOR} "while sleep 0.01; do wget -q -O- http://web; done"', "advance 30s")
    shop.say("kubectl label pod g a=b", "advance 30s")
    first = shop.session.world.director.services["web"].tally.ok
    shop.say("undo", "kubectl label pod g a=b", "advance 30s")
    assert shop.session.world.director.services["web"].tally.ok == first


def test_what_a_request_of_a_loop_costs_does_not_grow(shop):
    shop.say(f'{GENERATOR} "while sleep 0.01; do wget -q -O- http://web; done"', "advance 30s")
    shop.say("advance 10s")  # what is imported late is imported now
    # Long enough that a copy of the world that is kept for 'undo' does not count.
    once = calls(lambda: shop.say("advance 40s"))
    twice = calls(lambda: shop.say("advance 80s"))
    assert twice <= 2.1 * once
    assert once / (40 / 0.013) < 120  # calls a request, of anybody
