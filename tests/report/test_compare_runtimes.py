"""One scenario under several runtimes, the density table, and the commands that print them."""

import json

import pytest
from shipped import SHIPPED

from simulator.cli import main
from simulator.errors import InputError
from simulator.report.compare import compare, parse_runtimes, to_text, under
from simulator.scenario import load
from simulator.shell.density import density_lines

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


def test_every_runtime_meets_the_same_arrivals(file):
    kinds = ["runc", "gvisor", "gvisor-kvm", "gvisor-ptrace", "firecracker"]
    found = compare(load(file), kinds)
    arrived = {one.runtime: one.summary.services[0].arrived for one in found}
    assert len(set(arrived.values())) == 1
    means = {one.runtime: one.summary.services[0].latency.mean_s for one in found}
    assert means["runc"] < means["firecracker"] < means["gvisor-ptrace"]
    assert means["runc"] < means["gvisor-kvm"] < means["gvisor"] < means["gvisor-ptrace"]
    starts = {one.runtime: one.start_s for one in found}
    assert starts["firecracker"] < starts["runc"] < starts["gvisor"]


def test_containers_of_the_script_change_their_runtime_too(file):
    scenario = under(load(file), "kata")
    assert scenario.spec.script[0].do.startswith("docker -H a run --runtime kata -d")
    found = compare(load(file), ["kata"])
    assert {one.name for one in found[0].summary.machines} == {"a", "web.vm", "two.vm"}


def test_a_line_that_names_its_runtime_keeps_it(file):
    text = SCENARIO.replace("run -d", "run -d --runtime runsc")
    file.write_text(text, encoding="utf-8")
    assert "kata" not in under(load(file), "kata").spec.script[0].do


def test_a_runtime_without_room_says_so_in_its_row(file):
    file.write_text(SCENARIO.replace("memory: 2g", "memory: 300m"), encoding="utf-8")
    found = compare(load(file), ["runc", "qemu"])
    assert found[0].summary is not None
    assert "larger than a" in found[1].problem
    assert any("qemu" in line for line in to_text(found))


@pytest.mark.parametrize("text", ["", "runc,nope", ",".join(["runc"] * 40), "vm-shared-kernel"])
def test_bad_lists_of_runtimes_are_refused(text):
    with pytest.raises(InputError):
        parse_runtimes(text)


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


def test_the_commands_print_and_exit_as_they_should(file, capsys):
    assert main(["compare", str(file), "--runtime", "runc,gvisor"]) == 0
    assert "the same arrivals" in capsys.readouterr().out
    assert main(["compare", str(file), "--runtime", "runc", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["runtime"] == "runc"
    assert main(["compare", str(file), "--runtime", "rncu"]) == 2
    assert "unknown runtime" in capsys.readouterr().err
    assert main(["density", "server cpu=5ms", "--memory", "64g"]) == 0
    assert main(["density", "server cpu=5ms", "--memory", "x"]) == 2
    assert "--memory" in capsys.readouterr().err
    assert main(["isolation", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 25
