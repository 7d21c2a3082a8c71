"""Probes: who is asked, when, and what an answer that does not come does."""

import pytest
from ward import SERVER, Ward, container, deployment, http, pod, service

PORTS = [{"containerPort": 80}]
SLOW = "server cpu=20ms dist=constant workers=1 queue=100000 sigterm=handled"


def under_load(rate, *, asked, workload=SLOW, probes=None, pods=3, seconds=240):
    """Requests to pods with probes; ``asked``: every probe is asked, whatever it will answer."""
    ward = Ward()
    ward.cluster.kubelets.probing.looks.all_asked = asked
    probes = probes or {"readinessProbe": http(), "livenessProbe": http(periodSeconds=7)}
    ward.apply(deployment("web", pods, container(ports=PORTS, **probes), workload=workload))
    ward.apply(service())
    ward.advance(30)
    ward.run(f"traffic web {rate}")
    ward.advance(seconds)
    return ward


def history(ward):
    events = [(one.reason, one.name, one.message, one.count) for one in ward.cluster.recorder]
    return [str(entry) for entry in ward.world.journal], events, ward.served("web")


@pytest.mark.parametrize(
    "rate", ["constant 60/s", "poisson 130/s", "poisson 160/s", "constant 200/s"]
)
def test_probes_that_need_not_be_asked_would_have_changed_nothing(rate):
    assert history(under_load(rate, asked=True)) == history(under_load(rate, asked=False))


def test_an_overloaded_server_fails_its_liveness_probe_and_is_started_anew():
    ward = under_load("constant 200/s", asked=False)
    address = ward.pods()[0].status.ip
    said = (
        f'Liveness probe failed: Get "http://{address}:80/healthz": context deadline exceeded '
        "(Client.Timeout exceeded while awaiting headers)"
    )
    assert said in ward.events("Unhealthy")
    assert "Container app failed liveness probe, will be restarted" in ward.events("Killing")
    assert all(one.status.containers[0].restarts >= 1 for one in ward.pods())


def test_a_patient_probe_does_not_make_overload_worse():
    patient = {"livenessProbe": http(timeoutSeconds=30, failureThreshold=30)}
    ward = under_load("constant 160/s", asked=False, probes=patient)
    assert [one.status.containers[0].restarts for one in ward.pods()] == [0, 0, 0]


def test_a_connection_is_made_by_the_kernel_whatever_the_program_is_at():
    knock = {"livenessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 5}}
    ward = under_load("constant 200/s", asked=False, probes=knock)
    assert [one.status.containers[0].restarts for one in ward.pods()] == [0, 0, 0]


def test_no_connection_is_made_where_the_line_is_full():
    knock = {"readinessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 2}}
    full = "server cpu=20ms dist=constant workers=1 queue=20 sigterm=handled"
    ward = under_load("constant 400/s", asked=False, probes=knock, workload=full)
    address = ward.pods()[0].status.ip
    assert f"Readiness probe failed: dial tcp {address}:80: i/o timeout" in ward.events("Unhealthy")


def test_a_server_that_is_not_ready_gets_no_requests_until_its_line_is_short():
    probes = {"readinessProbe": http(periodSeconds=5, failureThreshold=1)}
    ward = under_load("constant 170/s", asked=False, probes=probes)
    assert any("Readiness probe failed" in one for one in ward.events("Unhealthy"))
    assert [one.status.containers[0].restarts for one in ward.pods()] == [0, 0, 0]
    assert {type(entry.event).__name__ for entry in ward.world.journal} >= {"PodUnready"}


def test_a_slow_start_is_told_at_every_probe_until_it_is_over():
    ward = Ward()
    app = container(ports=PORTS, readinessProbe=http(periodSeconds=2))
    ward.apply(pod("web", app, workload=SERVER + " startup=9s"))
    ward.advance(60)
    one = ward.status()
    assert ward.pod().status.ready_since == pytest.approx(one.running_since + 10)
    refused = f"dial tcp {ward.pod().status.ip}:80: connect: connection refused"
    told = ward.events("Unhealthy")
    assert len(told) == 5
    assert all(one.startswith("Readiness probe failed") and one.endswith(refused) for one in told)


def test_a_server_is_killed_that_starts_more_slowly_than_its_liveness_probe_waits():
    ward = Ward()
    app = container(ports=PORTS, livenessProbe=http(periodSeconds=5, failureThreshold=2))
    ward.apply(pod("web", app, workload=SERVER + " startup=20s"))
    ward.until(lambda: ward.status().restarts >= 2)
    assert ward.pod().status.ready_since is not None
    assert len(ward.events("Killing")) >= 2


def test_a_startup_probe_holds_the_others_back():
    ward = Ward()
    startup = http(periodSeconds=5, failureThreshold=10)
    app = container(
        ports=PORTS, startupProbe=startup, livenessProbe=http(periodSeconds=1, failureThreshold=1)
    )
    ward.apply(pod("web", app, workload=SERVER + " startup=22s"))
    ward.advance(60)
    one = ward.status()
    assert (one.restarts, one.started, one.ready) == (0, True, True)
    assert ward.pod().status.ready_since == pytest.approx(one.running_since + 25)
    assert {text.split()[0] for text in ward.events("Unhealthy")} == {"Startup"}


@pytest.mark.parametrize("port", [81, "nosuch"])
def test_a_probe_of_a_port_that_nobody_listens_on_fails(port):
    ward = Ward()
    app = container(ports=PORTS, readinessProbe=http(port=port, periodSeconds=1))
    ward.apply(pod("web", app))
    ward.advance(30)
    assert not ward.pod().status.ready
    assert ward.pod().status.phase == "Running"
    assert ward.events("Unhealthy")


def test_readiness_can_ask_for_several_successes():
    ward = Ward()
    app = container(ports=PORTS, readinessProbe=http(periodSeconds=4, successThreshold=3))
    ward.apply(pod("web", app))
    ward.advance(30)
    assert ward.pod().status.ready_since == pytest.approx(ward.status().running_since + 8)


def test_probes_by_name_of_port_and_of_other_kinds():
    ward = Ward()
    ports = [{"containerPort": 8080, "name": "http"}]
    kinds = {"tcp": {"tcpSocket": {"port": "http"}}, "rpc": {"grpc": {"port": 8080}}}
    for name, probe in {"get": http(port="http"), **kinds}.items():
        ward.apply(pod(name, container(ports=ports, readinessProbe=probe)))
    ward.advance(30)
    assert [one.status.ready for one in ward.pods()] == [True, True, True]


def test_a_server_that_hangs_is_found_by_its_probes():
    ward = Ward()
    app = container(
        ports=PORTS, livenessProbe=http(periodSeconds=5, failureThreshold=2),
        readinessProbe=http(periodSeconds=5, failureThreshold=1),
    )  # fmt: skip
    ward.apply(pod("web", app), service())
    ward.advance(20)
    ward.run("traffic web constant 10/s")
    ward.advance(10)
    ward.cluster.kubelets.container(ward.pod(), "app").stand_still(True)
    hung = ward.world.now
    ward.until(lambda: not ward.pod().status.ready)
    assert ward.world.now - hung <= 5 + 1 + 1
    ward.until(lambda: ward.status().restarts == 1)
    assert ward.world.now - hung <= 5 + 5 + 1 + 30 + 2
