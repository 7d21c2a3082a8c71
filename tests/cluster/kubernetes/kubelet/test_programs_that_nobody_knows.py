"""What pods do whose image nobody knows, until somebody says it in an annotation."""

import pytest
from ward import Ward, container, pod, service

PORT = {"ports": [{"containerPort": 80}]}


@pytest.mark.parametrize(
    ("containers", "served"),
    [
        ([container()], 50),
        ([container("first"), container("second")], 50),
        ([container("first"), container("second", **PORT)], 50),
        ([container(**PORT)], 50),
    ],
)
def test_somebody_in_a_pod_of_unknown_images_answers_its_service(containers, served):
    ward = Ward()
    ward.apply(pod("web", *containers, workload=""), service())
    ward.advance(30)
    ward.run("traffic web constant 10/s")
    ward.advance(5)
    assert ward.served("web") == pytest.approx(served, abs=1)


def test_of_several_containers_the_one_that_names_a_port_answers():
    ward = Ward()
    ward.apply(pod("web", container("first"), container("second", **PORT), workload=""))
    ward.advance(30)
    assert [ward.run_of(container=name).work.serves for name in ("first", "second")] == [
        False,
        True,
    ]


def test_what_an_annotation_says_goes_before_what_is_assumed():
    ward = Ward()
    ward.apply(pod("web", workload="idle memory=10MiB"), service())
    ward.advance(30)
    ward.run("traffic web constant 10/s")
    ward.advance(5)
    assert ward.served("web") == 0
