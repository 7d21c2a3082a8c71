"""Networks and published ports in scenarios: there before the script, refused at their place."""

from __future__ import annotations

import pytest

from simulator.errors import DrydockError
from simulator.scenario.building import build
from simulator.scenario.loading import load

HEAD = "format: 1\nhosts:\n  - {name: a}\n  - {name: b}\nimages:\n  - {pull: alpine}\n"
SERVER = 'image: alpine, workload: "server cpu=1ms"'


def built(tmp_path, text):
    path = tmp_path / "s.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return build(load(path)).world


def test_containers_are_on_the_networks_that_a_scenario_has(tmp_path):
    world = built(
        tmp_path,
        "networks:\n  - shop\n  - {name: lab, on: [b], subnet: 172.30.0.0/24, internal: true}\n"
        f"containers:\n  - {{{SERVER}, service: web, replicas: 2, on: a, networks: [shop]}}\n"
        f"  - {{{SERVER}, name: l, on: b, networks: [lab]}}\n"
        f"  - {{{SERVER}, name: h, on: b, networks: [host]}}\n",
    )
    nodes = world.fleet.nodes
    assert [list(nodes[name].networks.all)[3:] for name in "ab"] == [["shop"], ["shop", "lab"]]
    one = world.container("web-1")
    around = nodes["a"].surroundings(one)
    assert around.lookup("web") == ("172.18.0.2", "172.18.0.3")
    assert nodes["b"].wired(world.container("l")).endpoints[0].address == "172.30.0.2"
    assert nodes["b"].spec(world.container("h")).network_mode == "host"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"containers:\n  - {{{SERVER}, networks: [nope]}}\n", "s.yaml:8:5: failed to set up"),
        (f'containers:\n  - {{{SERVER}, ports: ["80:80"]}}\n'
         f'  - {{{SERVER}, name: x, ports: ["80:80"]}}\n', "s.yaml:9:5: failed to set up"),
        (f'containers:\n  - {{{SERVER}, ports: ["80:80:80:80"]}}\n', "s.yaml:8:5: invalid IP"),
        ("networks:\n  - {name: x, on: [c]}\n", "s.yaml:8:20: unknown machine"),
        ("networks:\n  - x\n  - x\n", "s.yaml:9:5: network with name x already exists"),
        ("networks:\n  - {name: x, subnet: 1.2.3.4/8}\n", "it should be 1.0.0.0/8"),
        ("networks:\n  - host\n", "predefined host network"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_place(tmp_path, text, said):
    with pytest.raises(DrydockError) as error:
        built(tmp_path, text)
    assert said in str(error.value)
