"""Pages of kernels and images: what is in them, and what a look at them costs."""

from __future__ import annotations

from calls import calls
from fleet import fleet

from simulator import look
from simulator.look.pages import Place
from simulator.shell import Session
from simulator.world import World

DOCKERFILE = """FROM python:3.12-slim AS base
COPY a.txt /app/
FROM base AS test
RUN pip install pytest
FROM base
COPY --from=test /app /copy
RUN rm -rf /app/a.txt
ENV A=1
"""


def played(folder=None, *lines):
    session = Session(World(seed=1), folder=folder)
    for line in ("host add a --cores 4 --memory 8g", *lines):
        assert session.execute(line).error is None
    return session


def page(session, kind, within="", count=100, **more):
    return session.reader.page(Place(kind, within, **more), 0, count)


def test_shares_of_cgroups_are_what_each_gets_when_all_want_all():
    session = played(
        None,
        "cgroup create shop --cpu-weight 300",
        "docker run -d --name big --cgroup-parent shop nginx",
        "docker run -d --name small --cpus 0.5 nginx",
        "docker run -d --name other nginx",
    )
    rows = {one.name: one for one in page(session, "cgroups", "a").rows}
    assert rows["/"].share == 4.0
    assert rows["small"].share == 0.5  # its quota; what is left is divided by weight
    assert rows["shop"].share == 3.5 * 300 / 400
    assert rows["big"].share == rows["shop"].share
    assert rows["other"].share == 3.5 * 100 / 400


def test_a_cgroup_tells_its_memory_by_kind_and_how_often_it_was_throttled():
    session = played(
        None,
        "docker run -d --name web --network-alias web --cpus 0.2 -m 256m "
        "--workload 'server cpu=20ms' nginx",
        "traffic web 60/s",
        "advance 20s",
    )
    web = next(one for one in page(session, "cgroups", "a").rows if one.name == "web")
    assert web.throttled > 0.9 * web.periods > 0
    assert web.anon > 0
    assert web.file > 0
    assert web.memory == web.anon + web.file + web.kernel + web.shmem
    assert web.memory_limit == 256 << 20


def test_a_container_shows_its_processes_by_both_numbers_and_who_falls_with_it():
    session = played(
        None, "docker run -d --name one nginx", "docker run -d --name two --network host nginx"
    )
    one, two = session.reader.containers("one")[0], session.reader.containers("two")[0]
    rows = dict(zip(found := page(session, "container", one.id).keys,
                    page(session, "container", one.id).rows, strict=True))  # fmt: skip
    assert found[0] == "process/0"
    assert (rows["process/0"].inside, rows["process/0"].outside) == (1, one.pid)
    assert rows["namespace/net"].own
    assert rows["namespace/kernel"].others == ("two",)
    assert [one.falls for one in rows.values() if hasattr(one, "cause")] == [
        ("one",), ("one", "two"), ("one", "two"),
    ]  # fmt: skip
    beside = page(session, "container", two.id)
    net = beside.rows[list(beside.keys).index("namespace/net")]
    assert not net.own


def test_a_guest_falls_with_its_host_and_not_the_other_way():
    session = played(
        None, "vm create v", "advance 30s", "docker run -d --name low nginx",
        "docker -H v run -d --name high nginx",
    )  # fmt: skip
    falls = {one.machine: one.falls for one in page(session, "kernels").rows}
    assert falls == {"a": 2, "v": 1}


def test_layers_know_the_steps_that_made_them_and_what_they_waste(tmp_path):
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "a.txt").write_text("x" * 1000)
    session = played(tmp_path, "docker build -t app .")
    key = next(one for one in page(session, "images", "a").keys if one.endswith(" app:latest"))
    found = page(session, "layers", key)
    assert found.keys[0] == "build/"
    made = [one.step.name.text for one in found.rows[1:] if one.step is not None]
    assert made == [
        "COPY a.txt /app/", "COPY --from=test /app /copy", "RUN rm -rf /app/a.txt"
    ]  # fmt: skip
    assert [one.wasted_bytes for one in found.rows[1:] if one.wasted_bytes] == [1000]
    assert found.rows[-1].removed == 1
    last = f"{key}|{len(found.rows) - 1}"
    assert [one.kind for one in page(session, "files", last).rows] == ["removed"]


def test_folders_of_a_layer_open_and_a_filter_goes_through_all(tmp_path):
    session = played(None, "docker pull python:3.12-slim")
    (key,) = page(session, "images", "a").keys
    shut = page(session, "files", f"{key}|1")
    opened = page(session, "files", f"{key}|1", opened=frozenset({"usr"}))
    assert all(one.count("/") == 1 for one in shut.keys)
    assert len(opened.keys) > len(shut.keys)
    assert (
        sum(one.size_bytes for one in shut.rows) == page(session, "layers", key).rows[0].size_bytes
    )
    assert all("apt" in one for one in page(session, "files", f"{key}|1", filter="apt").keys)


def test_the_graph_of_a_build_has_each_step_with_what_it_waits_for(tmp_path):
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "a.txt").write_text("x")
    session = played(tmp_path, "docker build -t app .", "docker build -t app .")
    key = next(one for one in page(session, "images", "a").keys if one.endswith(" app:latest"))
    steps = [one for _, one in page(session, "build", key).rows]
    stages = [one.name.stage for one in steps]
    copied = next(one for one in steps if one.name.text.startswith("COPY --from"))
    assert {stages[at] for at in copied.waits_for} == {"test", "2"}
    assert all(one.reason.hit for one in steps)


def look_at(reader, kind, within=""):
    return lambda: reader.page(Place(kind, within), 3, 20)


def test_a_page_of_twice_as_many_machines_costs_what_its_rows_cost():
    costs = []
    for hosts in (40, 80):
        world = fleet(hosts, 1)
        reader = look.Reader(world)
        cost = [calls(look_at(reader, kind)) for kind in ("kernels", "stores")]
        again = [calls(look_at(reader, kind)) for kind in ("kernels", "stores")]
        costs.append((cost, again))
    assert costs[0][1] == costs[1][1]
    for small, large in zip(costs[0][0], costs[1][0], strict=True):
        assert large <= 1.5 * small
