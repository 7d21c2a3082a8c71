"""A session in a world with a swarm: n1, its manager, and workers."""

from __future__ import annotations

from simulator.shell import Session
from simulator.world import World
from simulator.world.cluster_commands import NodeGroup
from simulator.world.swarm_commands import MakeSwarm


class Shop:
    """Types lines; ``folder`` has the files that are given as text by name."""

    def __init__(self, folder, files=None, nodes=3, managers=1, seed=1):
        world = World(seed)
        if nodes:
            group = NodeGroup(count=nodes, prefix="n", cores=8)
            world.apply(MakeSwarm(groups=(group,), managers=managers))
        self.folder = folder
        self.session = Session(world, folder=folder)
        for name, text in (files or {}).items():
            self.write(name, text)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    @property
    def world(self):
        return self.session.world

    @property
    def swarm(self):
        return next(iter(self.world.orchestras.swarms.values()))

    def __call__(self, line):
        """The lines that a line prints; it must be carried out."""
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return list(result.lines)

    def refused(self, line):
        """Why a line is refused."""
        result = self.session.execute(line)
        assert result.error is not None, (line, result.lines)
        return result.error

    def both(self, line):
        """What a line prints before it is refused, and why."""
        result = self.session.execute(line)
        assert result.error is not None, (line, result.lines)
        return list(result.lines), result.error
