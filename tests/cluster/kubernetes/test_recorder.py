"""Events of a cluster: the newest first, each of its own type, counted, the oldest forgotten."""

from simulator.cluster.kubernetes import recorder
from simulator.cluster.kubernetes.recorder import KEPT_S, Recorder


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def about(name, message="did it"):
    return ("Pod", "default", name, f"uid-{name}", "Did", message)


def story():
    clock = Clock()
    found = Recorder(clock)
    for number, type_ in enumerate(("Normal", "Warning", "Normal", "Warning")):
        clock.now = float(number)
        found.note(about(f"p{number}"), type_, "kubelet")
    return clock, found


def test_from_the_newest_on_events_come_as_they_do_from_the_oldest_on():
    clock, found = story()
    clock.now = 9.0
    found.note(about("p0"), "Normal", "kubelet")
    told = [(one.type, one.name, one.first, one.last, one.count) for one in found]
    assert told == [
        ("Warning", "p1", 1.0, 1.0, 1),
        ("Normal", "p2", 2.0, 2.0, 1),
        ("Warning", "p3", 3.0, 3.0, 1),
        ("Normal", "p0", 0.0, 9.0, 2),
    ]
    assert list(found.newest()) == list(found)[::-1]


def test_after_an_hour_an_event_is_a_new_one():
    clock, found = story()
    clock.now = KEPT_S + 1.5
    assert [one.name for one in found] == ["p2", "p3"]
    found.note(about("p0"), "Normal", "kubelet")
    (again,) = found.of("Pod", "default", "p0")
    assert (again.first, again.count, again.source) == (clock.now, 1, "kubelet")


def test_of_each_type_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(recorder, "MOST", 2)
    _, found = story()
    found.note(about("late"), "Normal")
    assert [one.name for one in found] == ["p1", "p2", "p3", "late"]
    assert found.count == 5
