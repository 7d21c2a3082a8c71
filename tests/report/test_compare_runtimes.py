"""One scenario under several runtimes, the density table, and the commands that print them."""

import json

import pytest
from shipped import SHIPPED

from simulator.cli import main
from simulator.errors import InputError
from simulator.report.sweep.comparing import Asked, Comparison, to_text
from simulator.scenario import load
from simulator.shell.density import density_lines
from simulator.trials.playing import Run
from simulator.trials.runtimes import under

SCENARIO = """\
format: 1
title: Small
seed: 3
until: 30s
hosts: [{name: a, cores: 4, memory: 2g}]
images: [{pull: "alpine"}]
services: [{name: web}]
containers:
  - {image: alpine, name: web, service: web, on: a,
     workload: "server cpu=900us syscalls=55 packets=18"}
traffic:
  web: {kind: poisson, rate: 100/s}
script:
  - "@5s docker -H a run -d --name two --workload idle alpine"
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def compared(file, *runtimes, **others):
    asked = Asked(files=((file, ()),), runtimes=",".join(runtimes) or None, seeds="1", on="here",
                  **others)  # fmt: skip
    return Comparison(asked).run()


def by_runtime(found, measure):
    return {p.settings["design"]: p.estimates[measure].mean for p in found.points}


def test_every_runtime_meets_the_same_arrivals(file):
    found = compared(file, "runc", "gvisor", "gvisor-kvm", "gvisor-ptrace", "firecracker")
    assert len(set(by_runtime(found, "web requests").values())) == 1
    means = by_runtime(found, "web mean")
    assert means["runc"] < means["firecracker"] < means["gvisor-ptrace"]
    assert means["runc"] < means["gvisor-kvm"] < means["gvisor"] < means["gvisor-ptrace"]
    starts = by_runtime(found, "start")
    assert starts["firecracker"] < starts["runc"] < starts["gvisor"]


def machines_under(file, runtime):
    run = Run(under(load(file), runtime))
    run.go()
    return set(run.session.world.machines)


def test_containers_of_the_script_change_their_runtime_too(file):
    assert machines_under(file, "kata") == {"a", "web.vm", "two.vm"}


def test_a_line_that_names_its_runtime_keeps_it(file):
    text = SCENARIO.replace("run -d", "run -d --runtime runsc")
    file.write_text(text, encoding="utf-8")
    assert machines_under(file, "kata") == {"a", "web.vm"}


def test_a_runtime_without_room_says_so_in_its_column(file):
    file.write_text(SCENARIO.replace("memory: 2g", "memory: 300m"), encoding="utf-8")
    found = compared(file, "runc", "qemu")
    assert found.points[0].failed == 0
    assert "larger than a" in found.points[1].notes[0]
    assert any("no data" in line for line in to_text(found))


@pytest.mark.parametrize("text", ["", "runc,nope", "vm-shared-kernel"])
def test_bad_lists_of_runtimes_are_refused(file, text):
    with pytest.raises(InputError):
        Comparison(Asked(files=((file, ()),), runtimes=text))


def test_the_density_table_says_what_bound_first():
    lines = density_lines(
        "server cpu=5ms memory=73.2MiB", SHIPPED, cores=32, memory_bytes=128 << 30
    )
    counts = {line.split()[0]: line.split()[1:3] for line in lines[2:]}
    assert counts["qemu"] == ["440", "memory"]
    assert counts["kata-qemu"] == ["520", "memory"]
    assert counts["kata-clh"] == ["597", "memory"]
    with_pods = density_lines("idle", SHIPPED, cores=32, memory_bytes=128 << 30, pods_max=110)
    assert "pods per node" in with_pods[3]


def test_a_guest_too_small_says_so_in_its_row():
    lines = density_lines(
        "idle memory=400MiB", SHIPPED, cores=4, memory_bytes=8 << 30, guest_bytes=256 << 20
    )
    assert any("too small" in line for line in lines)


def test_the_commands_print_and_exit_as_they_should(file, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    here = ["--on", "here", "--seeds", "2"]
    assert main(["compare", str(file), "--runtime", "runc,gvisor", *here]) == 0
    assert "  to runc" in capsys.readouterr().out
    assert main(["compare", str(file), "--runtime", "runc", "--json", *here]) == 0
    assert json.loads(capsys.readouterr().out)["points"][0]["settings"] == {"design": "runc"}
    assert main(["compare", str(file), "--runtime", "rncu"]) == 2
    assert "unknown runtime" in capsys.readouterr().err
    assert main(["density", "server cpu=5ms", "--memory", "64g"]) == 0
    assert main(["density", "server cpu=5ms", "--memory", "x"]) == 2
    assert "--memory" in capsys.readouterr().err
    assert main(["isolation", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 25
