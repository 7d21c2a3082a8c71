"""A person with a compose.yaml at a machine that has room for what is in it."""

from __future__ import annotations

from simulator.shell import Session
from simulator.world import World


class Desk:
    """A session in a folder called ``shop``."""

    def __init__(self, folder, text=""):
        self.folder = folder / "shop"
        self.folder.mkdir()
        if text:
            self.write(text)
        self.session = Session(World(), folder=self.folder)
        assert self.session.execute("host add h --cores 64 -m 256g").error is None

    def write(self, text, name="compose.yaml"):
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text)

    def run(self, line):
        return self.session.execute(line)

    def compose(self, line):
        return self.session.execute(f"docker compose {line}")

    def say(self, line):
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return result.text

    def refused(self, line):
        """The error of a command of Compose, without the place in front."""
        error = self.compose(line).error
        assert error is not None, line
        return error

    def states(self):
        """What each container is doing, by its name without the project's."""
        lines = self.say("docker ps -a --format '{{.Names}} {{.State}}'").splitlines()
        return dict(sorted(line.removeprefix("shop-").split() for line in lines))

    def ids(self):
        """Which container each name is, by its name without the project's."""
        lines = self.say("docker ps -a --no-trunc --format '{{.Names}} {{.ID}}'").splitlines()
        return dict(sorted(line.removeprefix("shop-").split() for line in lines))
