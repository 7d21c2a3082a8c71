"""A session over the real world and folders to build, for stories about images."""

from __future__ import annotations

from pathlib import Path

from simulator.shell import Session
from simulator.world import World

PYTHON = """\
FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]
"""
GO = """\
FROM --platform=$BUILDPLATFORM golang:1.22-alpine AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY . .
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/server .

FROM alpine:3.20
COPY --from=build /out/server /server
ENTRYPOINT ["/server"]
"""


class Shop:
    """Typed lines with their output as text, and folders of real files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = Session(World(1), folder=folder)
        self("host add a --cores 4")

    def __call__(self, line: str) -> str:
        """What a line prints; it must succeed."""
        result = self.session.execute(line)
        assert result.error is None, f"{line}: {result.error}"
        return result.text

    def refuses(self, line: str) -> str:
        """The error of a line; it must fail."""
        result = self.session.execute(line)
        assert result.error is not None, line
        return result.error

    def prints_and_fails(self, line: str) -> tuple[str, str]:
        """What a line prints before it fails, and its error."""
        result = self.session.execute(line)
        assert result.error is not None, line
        return result.text, result.error

    def write(self, path: str, text: str) -> None:
        """A real file."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def python(self, name: str = "py", dockerfile: str = PYTHON) -> None:
        """A small Python service."""
        self.write(f"{name}/Dockerfile", dockerfile)
        self.write(f"{name}/requirements.txt", "flask\n")
        self.write(f"{name}/app.py", "import web\nprint('hello')\n")

    def go(self, name: str = "go", dockerfile: str = GO) -> None:
        """A small Go service."""
        self.write(f"{name}/Dockerfile", dockerfile)
        self.write(f"{name}/go.mod", "module server\n")
        self.write(f"{name}/main.go", "package main\n")

    @property
    def now(self) -> float:
        """Simulated seconds."""
        return self.session.world.now

    def took(self, line: str) -> float:
        """Simulated seconds that a line takes."""
        before = self.now
        self(line)
        return self.now - before
