"""Whoever looks, at whatever, whenever: nothing comes out otherwise."""

from __future__ import annotations

from collections.abc import Callable

from harbour import add_host, run, send, serve
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import SHIPPED

from simulator import look
from simulator.world import World
from simulator.world.commands import CreateVm, StopContainer

QUESTIONS: dict[str, Callable[[look.Reader], object]] = {
    "snapshot": lambda reader: reader.snapshot(events=5, series=("service/web/p95", "none")),
    "totals": lambda reader: reader.totals(),
    "outline": lambda reader: reader.outline(None, "run"),
    "rows": lambda reader: reader.rows(1, 4),
    "below": lambda reader: reader.rows(0, 9, "vm/guest"),
    "services": lambda reader: reader.services(),
    "busiest": lambda reader: reader.busiest("web", 2),
    "series": lambda reader: reader.series(("container/web-1/cpu", "host/h/memory")),
    "events": lambda reader: reader.events(3),
    "jobs": lambda reader: reader.jobs(),
    "by name": lambda reader: (reader.containers("web-1"), reader.containers("0")),
    "of a machine": lambda reader: (reader.containers_on("h"), reader.images_on("h")),
    "machines": lambda reader: (reader.machines(), reader.hosts(), reader.vms()),
    "names": lambda reader: (list(reader.container_notes()), reader.image_names()),
    "why a container": lambda reader: reader.explain("web-1"),
    "why a service": lambda reader: reader.explain("web"),
    "why a machine": lambda reader: reader.explain("h"),
    "measures": lambda reader: (
        look.Measures(reader.world).percentile("web", 95),
        look.Measures(reader.world).running(),
    ),
}
DONE_BY_S = 30.0


def busy_world() -> World:
    """A queue behind a quota, a leak, a job on the disk, a guest that boots, a stop under way."""
    world = World(7, SHIPPED)
    add_host(world, "h", cores=2)
    serve(world, "server cpu=20ms workers=2", replicas=2, cpus=0.5)
    run(world, "leak", "leak rate=2MiB", memory_bytes=40 << 20)
    run(world, "job", "batch cpu=2s ios=2000")
    world.apply(CreateVm(name="guest", machine="h"))
    send(world, "surge base=20/s peak=90/s at=6s ramp=2s hold=4s")
    return world


def end_of(world: World) -> tuple[object, ...]:
    """All that came of it: what happened, what was measured, and how everything is."""
    recorder = world.recorder
    series = {name: tuple(recorder.samples(name).values) for name in recorder.names()}
    return world.journal.digest, series, look.snapshot(world, events=0)


def played(looks: list[tuple[float, str]], *, seeing: bool) -> tuple[object, ...]:
    """What comes of the world when time stops for each look, and whether anybody does look."""
    world = busy_world()
    reader = look.Reader(world)
    for time, question in sorted([*looks, (12.0, "stop")]):
        world.advance(time)
        if question == "stop":
            world.apply(StopContainer(name="web-0"))
        elif seeing:
            QUESTIONS[question](reader)
    world.advance(DONE_BY_S)
    return end_of(world)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.0, DONE_BY_S).map(lambda t: round(t, 3)), st.sampled_from(
            sorted(QUESTIONS)
        )),
        max_size=25,
    )
)  # fmt: skip
def test_a_world_that_was_looked_at_comes_out_like_one_that_was_not(looks):
    assert played(looks, seeing=True) == played(looks, seeing=False)


def test_every_question_at_one_instant_leaves_no_trace():
    world = busy_world()
    world.advance(9.0)
    before = end_of(world), len(world.log), list(world.sim.env._queue)
    reader = look.Reader(world)
    for ask in QUESTIONS.values():
        ask(reader)
    assert (end_of(world), len(world.log), list(world.sim.env._queue)) == before
