"""A Compose file as a scenario: a swarm of some nodes on which it is deployed as a stack.

How many nodes, and of what size, are its parameters: ``--set parameters.nodes=5``. What is sent to
its services begins when they had half a minute to start.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from simulator.files import is_file
from simulator.yaml_nodes import is_scalar

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""What a Compose file in a folder is called."""
DEPLOYED_S = 30.0
"""From the deployment to the first request."""
STACK = "app"


def file_in(folder: Path) -> Path | None:
    """The Compose file of a folder."""
    return next((folder / name for name in NAMES if is_file(folder / name)), None)


def is_stack(root: Any) -> bool:
    """Whether a file is one of Compose: services by name, and no ``format`` of a scenario."""
    pairs = {str(key.value): value for key, value in root.value if is_scalar(key)}
    return "format" not in pairs and "services" in pairs and pairs["services"].id == "mapping"


def as_scenario(file: str, title: str) -> str:
    """The text of a scenario that deploys a file."""
    create = "swarm create --nodes ${nodes} --cores ${cores} --memory ${memory}"
    deploy = f"docker stack deploy -c {shlex.quote(file)} {STACK}"
    return "\n".join(
        (
            "format: 1",
            f"title: {json.dumps(title)}",
            "parameters: {nodes: '3', cores: '4', memory: 16GiB}",
            f"script: [{{at: 0s, do: {json.dumps(f'{create} && {deploy}')}}}]",
            "",
        )
    )
