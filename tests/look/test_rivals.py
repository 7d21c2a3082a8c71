"""Who takes what somebody else wants now, as the lists and ``why`` tell it."""

from harbour import harbour, have_image, run, send, serve

from simulator.look import rivals
from simulator.look.from_model import container_view, vm_view
from simulator.look.why import explain
from simulator.world.commands import CreateVm, KillContainer

GIB = 1 << 30


def crowded():
    """A guest whose server wants all of the host, and a neighbour that takes half."""
    world = harbour(cores=4, memory_bytes=16 * GIB)
    for name in ("v1", "v2"):
        world.apply(CreateVm(name=name, vcpus=4, memory_bytes=2 * GIB))
    world.advance(60.0)
    have_image(world, "v1")
    have_image(world, "v2")
    run(world, "calm", "hog threads=4", machine="v1")
    world.advance(300.0)
    run(world, "loud", "hog threads=4", machine="v2")
    world.advance(330.0)
    return world


def test_steal_is_of_the_last_second_and_not_of_all_time():
    world = crowded()
    v1 = world.machine("v1")
    assert vm_view(world, v1).steal_ratio == 0.5
    world.apply(KillContainer(name="loud"))
    world.advance(335.0)
    assert vm_view(world, v1).steal_ratio == 0.0


def test_why_names_the_neighbour_who_takes_the_cores_of_a_guest():
    world = crowded()
    found = rivals.of_cores(world, world.container("calm"))
    assert [(one.name, one.wanted, one.got) for one in found] == [("calm", 4, 2), ("v1", 4, 2)]
    assert found[1].rivals == (("v2", 2.0),)
    line = "v1 wants 4.00 cores of h now and gets 2.00 (misses 50%): beside it runs v2 (2.00 cores)"
    assert line in explain(world, "v1")
    assert line in explain(world, "calm")


def test_a_service_says_it_of_its_endpoints():
    world = harbour(cores=2)
    serve(world, "server cpu=10ms workers=2")
    send(world, "poisson 180/s")
    world.advance(60.0)
    assert not rivals.of_cores(world, world.container("web-0"))
    run(world, "loud", "hog threads=6", cpu_shares=4096)
    world.advance(90.0)
    found = rivals.of_cores(world, world.container("web-0"))
    assert [one.rivals[0][0] for one in found] == ["loud"]
    assert any("beside it runs loud" in line for line in explain(world, "web"))


def test_throttling_is_of_the_last_second_too():
    world = harbour(cores=2)
    one = run(world, "job", "batch cpu=3s threads=2", cpus=0.5)
    world.advance(5.0)
    assert container_view(world, one).throttled_share > 0.5
    assert any("throttled for" in line for line in explain(world, "job"))
    world.advance(30.0)
    assert container_view(world, one).throttled_share == 0.0


def test_who_shares_a_disk_presses_a_cache_or_fills_the_memory_is_named():
    world = harbour(memory_bytes=4 * GIB, swap_bytes=8 * GIB)
    run(world, "db", "batch cpu=1s ios=2000000 io_bytes=1GiB cache=1")
    run(world, "filler", "diskbomb")
    run(world, "eater", "idle memory=6GiB")
    run(world, "hot", "hog cache=1")
    world.advance(200.0)
    text = "\n".join(explain(world, "db"))
    assert "used now by filler too" in text
    assert "times slower, beside hot" in text
    assert "h is short of memory" in text
    assert "(eater 6" in text
    assert any(line.startswith("h is short of memory") for line in explain(world, "h"))
    swapped = explain(world, "eater")[4]
    assert "GiB in swap" in swapped
    assert any("swap 2" in line for line in explain(world, "h"))
    assert rivals.of_memory(world.machine("h")).rivals[0][0] == "eater"


def test_a_neighbour_that_uses_the_disk_now_and_then_is_named_all_the_time():
    world = harbour()
    serve(world, "server cpu=1ms ios=4 workers=4", service="often")
    run(world, "db", "batch cpu=60s io_bytes=20GiB")
    send(world, "poisson 40/s", service="often")
    world.advance(20.0)
    named = []
    for _ in range(10):
        world.advance(world.now + 0.83)
        named.append(rivals.on_device(world.container("db"), network=False))
    assert named == [("often-0",)] * 10
