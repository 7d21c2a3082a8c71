"""A cluster copied at any instant goes on as it would have, and who looks changes nothing."""

import pytest
from test_cold_and_warm import wandering
from ward import Ward

from simulator.engine.checkpoint import Checkpoint
from simulator.world.history import SHARED

LINE = "cluster create ward --nodes 3"


def go_on(world):
    world.advance(world.now + 200)
    return world.journal.digest


@pytest.mark.parametrize("seed", range(20, 24))
def test_a_copied_cluster_goes_on_as_the_first_one_does(seed):
    ward = Ward(LINE)
    wandering(ward, seed, steps=9)
    world = ward.world
    copy = Checkpoint.of(world, world.sim, SHARED).restore()
    assert go_on(copy) == go_on(world)


class Curious(Ward):
    """Looks at everything all the time."""

    def advance(self, seconds):
        end = self.world.now + seconds
        while self.world.now < end - 0.4:
            super().advance(0.37)
            self.world.settle()
            self.run("kubectl get pods -o wide")
            self.run("kubectl get events")
        super().advance(end - self.world.now)


@pytest.mark.parametrize("seed", range(30, 33))
def test_who_looks_all_the_time_changes_nothing(seed):
    quiet, curious = Ward(LINE), Curious(LINE)
    for ward in (quiet, curious):
        wandering(ward, seed, steps=9)
    assert quiet.digest == curious.digest


class Nosy(Ward):
    """Looks into containers all the time, which makes them more than rows."""

    def advance(self, seconds):
        end = self.world.now + seconds
        while self.world.now < end - 1.4:
            super().advance(1.37)
            for one in self.pods():
                self.cluster.kubelets.container(one, "app")
        super().advance(end - self.world.now)


@pytest.mark.parametrize("seed", range(40, 44))
def test_who_looks_inside_changes_nothing(seed):
    quiet, nosy = Ward(LINE), Nosy(LINE)
    for ward in (quiet, nosy):
        wandering(ward, seed, steps=9)
    assert quiet.digest == nosy.digest
