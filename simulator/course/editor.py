"""A file of a lesson in the editor of whoever sits at a terminal: ``$VISUAL`` or ``$EDITOR``."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from simulator.course.edit_lines import MAX_FILE_BYTES, text_line
from simulator.errors import Refused
from simulator.files import read_text


def editor() -> list[str]:
    """The words that start it; empty where none is named."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        return shlex.split(named)
    except ValueError:
        return []


def edited_line(name: str, text: str) -> str:
    """Let somebody edit a text; the line that makes it what it is then."""
    command = editor()
    with tempfile.TemporaryDirectory(prefix="drydock-edit-") as folder:
        path = Path(folder) / Path(name).name
        path.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*command, str(path)], check=False)
        except OSError as error:
            raise Refused(f"{command[0]} cannot be started: {error.strerror}") from None
        if done.returncode:
            raise Refused(f"{command[0]} ended with {done.returncode}: {name} is as it was")
        new = read_text(path, limit_bytes=MAX_FILE_BYTES, what="edited file")
    return text_line(name, new.replace("\r\n", "\n"))
