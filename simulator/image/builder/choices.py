"""Which branches of a script's conditions are taken, where its files decide that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.image.builder.shell import Command

if TYPE_CHECKING:
    from simulator.image.builder.session import Session

_FILE_TESTS = ("-f", "-e", "-d", "-s", "-x", "-r", "-L")


class Choices:
    """The ifs of a script: branch taken, branches ruled out, and those left open."""

    def __init__(self) -> None:
        self._taken: dict[int, int] = {}
        self._false: set[tuple[int, int]] = set()

    def reaches(self, command: Command) -> bool:
        """False when a condition before is known to lead elsewhere."""
        for number, branch, testing in command.branches:
            taken = self._taken.get(number)
            if taken is not None and (taken != branch or testing):
                return False
            if (number, branch) in self._false and not testing:
                return False
        return True

    def certain(self, command: Command) -> bool:
        """True when every condition around the command is decided in its favour."""
        return bool(command.branches) and all(
            self._taken.get(number) == branch
            or (branch > 0 and all((number, other) in self._false for other in range(branch)))
            for number, branch, _ in command.branches
        )

    def learn(self, command: Command, session: Session) -> None:
        """Take note of a condition's outcome."""
        if not command.branches or not command.branches[-1][2]:
            return
        number, branch, _ = command.branches[-1]
        outcome = test_outcome(command, session)
        if outcome is True:
            self._taken[number] = branch
        elif outcome is False:
            self._false.add((number, branch))


def test_outcome(command: Command, session: Session) -> bool | None:
    """The outcome of ``[ -f PATH ]`` and its kin; None when the model cannot tell."""
    words = [word for word in command.words[1:] if word not in ("]", "]]")]
    negated = words[:1] == ["!"]
    words = words[1:] if negated else words
    if command.program not in ("[", "[[", "test") or len(words) != 2 or "$" in words[1]:
        return None
    if words[0] in ("-n", "-z"):
        return (words[0] == "-n") != negated if words[1] else None
    if words[0] not in _FILE_TESTS or session.effect.opaque or not session.known:
        return None
    path = session.absolute(words[1])
    held = session.size_of(path) is not None or session.below.is_folder(path)
    if not held and session.below.inside_coarse(path):
        return None
    return held != negated
