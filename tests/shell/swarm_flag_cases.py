"""For every flag of swarm mode a pair of lines that differ in it alone, or why it changes nothing.

Lines are tried in a world with a swarm of three nodes, n1 its manager.
"""

from __future__ import annotations

import swarm_service_cases as services

from simulator.world import World
from simulator.world.cluster_commands import NodeGroup
from simulator.world.swarm_commands import MakeSwarm

STACK = """\
services:
  web: {image: nginx, ports: ["8080:80"], deploy: {replicas: 2}}
  db: {image: redis, labels: {team: blue}}
"""
HARMLESS: dict[tuple[str, str], str] = {}
PAIRS: dict[tuple[str, str], tuple[str, str]] = {}
LINES: dict[str, str] = {}
PROBES: dict[str, tuple[str, ...]] = {}
VALUES: dict[str, str] = {}
FILES = {
    "sw/app.conf": "listen = 80\n",
    "sw/pw.txt": "s3cret\n",
    "sw/stack.yml": STACK,
    "sw/over.yml": "services: {web: {deploy: {replicas: 5}}}\n",
    "sw/less.yml": "services: {web: {image: nginx}}\n",
    "sw/tag.yml": "services: {web: {image: 'nginx:${TAG:-1}'}}\n",
    "sw/slow.yml": "services: {web: {image: alpine, command: sleep 100}}\n",
}
GROUPS = (
    "docker swarm", "docker node", "docker service", "docker stack", "docker secret",
    "docker config",
)  # fmt: skip
"""Commands that are tried in this world."""
SETUP = (
    "docker secret create pw sw/pw.txt -l team=blue",
    "docker config create app sw/app.conf -l team=blue",
    "docker secret create spare sw/pw.txt",
    "docker config create spare sw/app.conf",
    "docker stack deploy -d -c sw/stack.yml shop",
    "docker stack deploy -d -c sw/slow.yml slow",
    "advance 30s",
)


def world() -> World:
    """A swarm on machines of its own."""
    made = World(1)
    made.apply(MakeSwarm(groups=(NodeGroup(count=3, prefix="n", cores=8),), managers=1))
    return made


# --- networks over all nodes ----------------------------------------------------------------------

PAIRS["docker network inspect", "--verbose"] = (
    "docker network inspect ingress", "docker network inspect --verbose ingress",
)  # fmt: skip
PAIRS["docker network create", "--attachable"] = (
    "docker network create -d overlay new", "docker network create -d overlay --attachable new",
)  # fmt: skip

# --- secrets and configs --------------------------------------------------------------------------

for _kind, _file in (("secret", "sw/pw.txt"), ("config", "sw/app.conf")):
    LINES |= {
        f"docker {_kind} create": f"docker {_kind} create {{}} new {_file}",
        f"docker {_kind} ls": f"docker {_kind} ls {{}}",
        f"docker {_kind} inspect": f"docker {_kind} inspect {{}} spare",
        f"docker {_kind} rm": f"docker {_kind} rm {{}} spare",
    }
    VALUES |= {
        f"docker {_kind} ls --filter": "name=spare",
        f"docker {_kind} ls --format": "'{{.Name}}'",
        f"docker {_kind} inspect --format": "'{{.ID}}'",
    }
    PROBES[f"docker {_kind} create"] = (f"docker {_kind} inspect new",)

# --- stacks ---------------------------------------------------------------------------------------

S = "docker stack deploy"
UPDATED = "docker service update -d --image alpine:3.19 slow_web"
HARMLESS |= {
    ("docker stack deploy", "--with-registry-auth"): "nodes log in to registries themselves",
    ("docker stack config", "--host"): "no daemon is asked",
}
LINES |= {
    "docker stack deploy": f"{S} -c sw/stack.yml {{}} shop",
    "docker stack config": "docker stack config -c sw/stack.yml {}",
    "docker stack rm": "docker stack rm {} slow",
    "docker stack ps": "docker stack ps {} shop",
    "docker stack services": "docker stack services {} shop",
}
VALUES |= {
    "docker stack ls --format": "'{{.Name}}'",
    "docker stack ps --format": "'{{.Name}}'",
    "docker stack ps --filter": "name=shop_web",
    "docker stack services --format": "'{{.Name}}'",
    "docker stack services --filter": "name=shop_web",
}
PAIRS |= {
    ("docker stack deploy", "--compose-file"): (
        f"{S} -d -c sw/stack.yml shop; advance 30s; docker -H all ps",
        f"{S} -d -c sw/stack.yml --compose-file sw/over.yml shop; advance 30s; docker -H all ps",
    ),
    ("docker stack deploy", "--quiet"): (
        f"{S} -d=false -c sw/slow.yml slow", f"{S} -d=false --quiet -c sw/slow.yml slow",
    ),
    ("docker stack deploy", "--resolve-image"): (
        f"{UPDATED}; {S} -d -c sw/slow.yml slow; docker service ls",
        f"{UPDATED}; {S} -d -c sw/slow.yml --resolve-image never slow; docker service ls",
    ),
    ("docker stack deploy", "--prune"): (
        f"{S} -d -c sw/less.yml shop", f"{S} -d -c sw/less.yml --prune shop",
    ),
    ("docker stack deploy", "--shell-variable"): (
        f"{S} -d -c sw/tag.yml new; docker service ls",
        f"{S} -d -c sw/tag.yml --shell-variable TAG=2 new; docker service ls",
    ),
    ("docker stack config", "--compose-file"): (
        "docker stack config -c sw/stack.yml",
        "docker stack config -c sw/stack.yml --compose-file sw/over.yml",
    ),
    ("docker stack config", "--skip-interpolation"): (
        "docker stack config -c sw/tag.yml",
        "docker stack config -c sw/tag.yml --skip-interpolation",
    ),
    ("docker stack config", "--shell-variable"): (
        "docker stack config -c sw/tag.yml",
        "docker stack config -c sw/tag.yml --shell-variable TAG=2",
    ),
    ("docker stack rm", "--detach"): (
        "docker stack rm slow; docker network ls", "docker stack rm --detach=false slow",
    ),
}  # fmt: skip

# --- members, nodes, services ---------------------------------------------------------------------

for _ours, _theirs in (
    (HARMLESS, services.HARMLESS), (PAIRS, services.PAIRS), (LINES, services.LINES),
    (PROBES, services.PROBES), (VALUES, services.VALUES), (FILES, services.FILES),
):  # fmt: skip
    _ours.update(_theirs)  # type: ignore[attr-defined]
SETUP = (*SETUP, *services.SETUP)
