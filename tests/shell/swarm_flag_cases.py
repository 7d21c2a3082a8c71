"""For every flag of swarm mode a pair of lines that differ in it alone, or why it changes nothing.

Lines are tried in a world with a swarm of three nodes, n1 its manager.
"""

from __future__ import annotations

from simulator.world import World
from simulator.world.cluster_commands import NodeGroup
from simulator.world.swarm_commands import MakeSwarm

HARMLESS: dict[tuple[str, str], str] = {}
PAIRS: dict[tuple[str, str], tuple[str, str]] = {}
LINES: dict[str, str] = {}
PROBES: dict[str, tuple[str, ...]] = {}
VALUES: dict[str, str] = {}
FILES = {
    "sw/app.conf": "listen = 80\n",
    "sw/pw.txt": "s3cret\n",
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
