"""What a stack costs grows with its services, and no faster."""

from __future__ import annotations

import pytest
from calls import calls, steps
from swarm_shop import Shop

LINE = "docker stack deploy -d -c s.yml s"


def stack(count):
    one = "  s{n}: {{image: nginx, deploy: {{replicas: 0}}, networks: [back], configs: [c{n}]}}\n"
    services = "".join(one.format(n=number) for number in range(count))
    configs = "".join(f"  c{number}: {{file: s.yml}}\n" for number in range(count))
    return f"services:\n{services}networks: {{back: {{}}}}\nconfigs:\n{configs}"


def cost(folder, count, before, line, count_by):
    shop = Shop(folder, {"s.yml": stack(count)})
    for one in before:
        shop(one)
    return count_by(lambda: shop(line))


@pytest.mark.parametrize(
    ("before", "line"),
    [((), LINE), ((LINE,), LINE), ((LINE,), "docker stack rm s"), ((LINE,), "docker stack ls")],
    ids=["deployed", "deployed again", "removed", "listed"],
)
@pytest.mark.parametrize(("count_by", "few"), [(calls, 20), (steps, 8)])
def test_twice_the_services_are_twice_the_work(tmp_path, before, line, count_by, few):
    cost(tmp_path, 2, before, line, calls)  # what is done once in a program is done
    less, more = (cost(tmp_path, count, before, line, count_by) for count in (few, 2 * few))
    assert more < 2.4 * less
