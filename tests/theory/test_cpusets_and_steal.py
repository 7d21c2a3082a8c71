"""CPU by sets of cores, inner cgroups, and virtual CPUs of which there are too many."""

import pytest
from harbour import harbour, have_image, run
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import InputError, Refused
from simulator.machine.interference import steal
from simulator.machine.weights import weight_from_shares
from simulator.world.commands import (
    CreateCgroup,
    CreateVm,
    RemoveCgroup,
    RemoveContainer,
    RunContainer,
)

GIB = 1 << 30


def cores(world, *names, span=20.0):
    """Cores that each container gets, once all of them run."""
    world.advance(world.now + 5.0)
    world.settle()
    before = {name: world.container(name).cpu_seconds for name in names}
    world.advance(world.now + span)
    world.settle()
    return [(world.container(name).cpu_seconds - before[name]) / span for name in names]


def test_two_containers_on_one_core_share_it_while_others_run_elsewhere():
    world = harbour(cores=4)
    for name in ("a", "b"):
        run(world, name, "hog threads=2", cpuset=(0,))
    run(world, "free", "hog threads=2")
    assert cores(world, "a", "b", "free") == pytest.approx([0.5, 0.5, 2.0])


def test_overlapping_sets_get_no_more_than_all_their_cores():
    world = harbour(cores=8)
    run(world, "a", "hog threads=4", cpuset=(0, 1))
    run(world, "b", "hog threads=4", cpuset=(1, 2))
    run(world, "c", "hog threads=4", cpuset=(2, 3))
    run(world, "d", "hog threads=1", cpuset=(5,))
    shares = cores(world, "a", "b", "c", "d")
    assert sum(shares[:3]) == pytest.approx(4.0)
    assert shares[3] == pytest.approx(1.0)


def test_a_set_goes_back_to_its_own_size_when_the_other_goes():

    world = harbour(cores=4)
    run(world, "a", "hog threads=2", cpuset=(0, 1))
    run(world, "b", "hog threads=2", cpuset=(1, 0))
    assert cores(world, "a", "b") == pytest.approx([1.0, 1.0])
    world.apply(RemoveContainer(name="b", force=True))
    assert cores(world, "a") == pytest.approx([2.0])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sets(st.integers(0, 5), max_size=4), st.integers(1, 5)),
        min_size=1,
        max_size=5,
    )
)
def test_no_arrangement_of_sets_uses_more_than_there_is(tenants):
    world = harbour(cores=6)
    for number, (cpuset, threads) in enumerate(tenants):
        run(world, f"t{number}", f"hog threads={threads}", cpuset=tuple(sorted(cpuset)))
    shares = cores(world, *[f"t{number}" for number in range(len(tenants))], span=5.0)
    assert sum(shares) <= 6.0 + 1e-9
    for share, (cpuset, threads) in zip(shares, tenants, strict=True):
        assert share <= min(threads, len(cpuset) or 6) + 1e-9


def test_weights_count_among_siblings_of_an_inner_cgroup():
    world = harbour(cores=4)
    world.apply(CreateCgroup(name="blue", cpu_weight=100))
    world.apply(CreateCgroup(name="red", cpu_weight=300))
    run(world, "b1", "hog threads=4", cgroup_parent="blue")
    run(world, "b2", "hog threads=4", cgroup_parent="blue")
    run(world, "r1", "hog threads=4", cgroup_parent="red")
    assert cores(world, "b1", "b2", "r1") == pytest.approx([0.5, 0.5, 3.0])


def test_an_inner_cgroups_ceiling_and_memory_hold_for_all_in_it():
    world = harbour(cores=8)
    world.apply(CreateCgroup(name="outer", cpus=2.0, memory_bytes=1 * GIB))
    world.apply(CreateCgroup(name="inner", parent="outer"))
    run(world, "a", "hog threads=4", cgroup_parent="inner")
    run(world, "b", "hog threads=4", cgroup_parent="outer")
    assert cores(world, "a", "b") == pytest.approx([1.0, 1.0])
    run(world, "eater", "leak rate=200MiB/s", cgroup_parent="inner")
    run(world, "big", "idle memory=3GiB")
    world.advance(world.now + 30.0)
    assert world.container("eater").oom_killed
    assert world.container("big").state == "running"


def test_inner_cgroups_are_refused_where_they_make_no_sense():
    world = harbour(cores=4)
    world.apply(CreateCgroup(name="a"))
    for bad in (
        CreateCgroup(name="a"),
        CreateCgroup(name="b", parent="b"),
        CreateCgroup(name="b", parent="nowhere"),
        CreateCgroup(name="b", cpu_weight=0),
        CreateCgroup(name="b", cpus=99.0),
        RemoveCgroup(name="nothing"),
    ):
        with pytest.raises((Refused, InputError)):
            world.apply(bad)
    assert list(world.machine("h").kernel.slices) == ["a"]
    run(world, "one", "idle", cgroup_parent="a")
    with pytest.raises(Refused, match="not empty"):
        world.apply(RemoveCgroup(name="a"))
    with pytest.raises(Refused, match="kernel of its own"):
        world.apply(RunContainer(image="alpine", cgroup_parent="a", runtime="kata"))


def test_busy_vcpus_beyond_the_cores_wait_as_the_closed_form_says():
    world = harbour(cores=4, memory_bytes=32 * GIB)
    for name in ("one", "two", "three"):
        world.apply(CreateVm(name=name, vcpus=4, memory_bytes=1 * GIB))
    world.advance(60.0)
    for name in ("one", "two", "three"):
        have_image(world, name)
        run(world, f"hog-{name}", "hog threads=4", machine=name)
    world.advance(70.0)
    world.advance(90.0)
    for name in ("one", "two", "three"):
        found = world.recorder.samples(f"vm/{name}/steal").last
        assert found == pytest.approx(steal(12, 4), rel=1e-6) == pytest.approx(2 / 3, rel=1e-6)


def test_a_guest_that_gets_what_it_wants_has_no_steal():
    world = harbour(cores=4, memory_bytes=32 * GIB)
    world.apply(CreateVm(name="one", vcpus=2, memory_bytes=1 * GIB))
    world.advance(60.0)
    have_image(world, "one")
    run(world, "hog", "hog threads=8", machine="one")
    world.advance(80.0)
    assert world.recorder.samples("vm/one/steal").last == 0.0


@pytest.mark.parametrize("mapping", ["linear", "runc-1.3.2"])
def test_shares_become_weights_as_the_hosts_runtime_makes_them(mapping):
    world = harbour(weight_mapping=mapping)
    one = run(world, "one", "idle", cpu_shares=512)
    assert one.limits.cpu_weight == weight_from_shares(512, mapping)


def test_an_unknown_mapping_is_refused():
    with pytest.raises(InputError, match="weight mapping"):
        harbour(weight_mapping="mine")
