"""What pods cost, in calls: for each as much with twice as many, and nothing while quiet."""

from calls import calls
from ward import Ward, container, deployment, http, service

SERVER = "server cpu=1ms workers=4 sigterm=handled"


def cluster(pods, *, probed=False, traffic=False, nodes=20):
    ward = Ward(f"cluster create ward --nodes {nodes}")
    web(ward, pods, probed=probed)
    if traffic:
        ward.advance(30)
        ward.run("traffic web constant 40/s")
        ward.advance(30)
    return ward


def web(ward, pods, *, probed=False):
    probes = {"readinessProbe": http(), "livenessProbe": http()} if probed else {}
    app = container(ports=[{"containerPort": 80}], **probes)
    ward.apply(deployment("web", pods, app, workload=SERVER), service())


def of_starting(pods, *, probed=False):
    ward = Ward("cluster create ward --nodes 20")

    def started():
        web(ward, pods, probed=probed)
        # Without the checkpoints that a world takes on its way.
        ward.world.sim.advance(30)

    return calls(started)


def of_a_minute(pods, **how):
    ward = cluster(pods, **how)
    ward.advance(30)
    return calls(lambda: ward.advance(60))


def test_twice_the_pods_cost_twice_as_much_until_they_are_ready():
    assert of_starting(800) <= 2.3 * of_starting(400)


def test_probes_of_pods_that_start_at_once_cost_little():
    assert of_starting(200, probed=True) <= 1.25 * of_starting(200)


def test_quiet_pods_cost_nothing_with_probes_or_without():
    few, many = of_a_minute(100, probed=True), of_a_minute(200, probed=True)
    assert many <= few + 50
    assert many <= of_a_minute(200) + 50


def test_probes_under_light_traffic_cost_a_fraction_of_the_traffic():
    plain = of_a_minute(100, traffic=True)
    probed = of_a_minute(100, traffic=True, probed=True)
    # A hundred pods have 1,200 probes in a minute; asking each is some hundred calls.
    assert probed - plain <= 30 * 1200


def test_what_happens_to_one_pod_costs_the_same_beside_twice_as_many():
    def of_one(pods):
        ward = cluster(pods)
        ward.advance(30)
        name = ward.pods()[0].name

        def replaced():
            ward.delete(name)
            ward.advance(10)

        return calls(replaced)

    assert of_one(400) <= 1.3 * of_one(200)
