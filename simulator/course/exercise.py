"""An exercise: a lesson played for marks, by one student, in a world of their own.

The seed is bound to the student: whoever hands in another's work hands in another's world. The
file that is handed in is written whenever progress is kept, so that it is there however the
lesson ends; going on later writes it anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from simulator.course.lesson_run import LessonRun
from simulator.course.model import Lesson
from simulator.course.progress import Keeper
from simulator.course.session import SessionFactory
from simulator.course.transcript import FORMATS
from simulator.errors import InputError, Place, Refused
from simulator.files import is_file, replace_file

MAX_STUDENT = 200
MAX_SALT = 200
SEEDS = 10**9
"""Seeds are short enough to be read out: two of 300 students share one in one course of 20,000."""


def student_id(text: str) -> str:
    """The one form of a student's id: an id number, a login, an e-mail address.

    >>> student_id("  Ada@Example.org ")
    'ada@example.org'
    """
    word = " ".join(text.split()).casefold()
    if not word or len(word) > MAX_STUDENT or not word.isprintable():
        raise InputError(
            "bad student", found=text, expected=f"an id or e-mail, 1 to {MAX_STUDENT} characters"
        )
    return word


def student_seed(student: str, lesson: str, salt: str = "") -> int:
    """The seed of a student's world in a lesson: from 1 to 1e9, the same on every machine.

    ``salt`` is the course's own word: with another, last year's worlds are not this year's.
    """
    if len(salt) > MAX_SALT or not (salt.isprintable() or not salt):
        raise InputError("bad salt", found=salt, expected=f"up to {MAX_SALT} characters")
    words = "\0".join((student_id(student), lesson, salt))
    digest = hashlib.blake2b(words.encode(), digest_size=8).digest()
    return 1 + int.from_bytes(digest, "big") % SEEDS


class Exercise:
    """One student's work on one lesson, kept as it grows; ``out`` is what will be handed in."""

    def __init__(
        self,
        lesson: Lesson,
        student: str,
        out: Path,
        *,
        salt: str = "",
        keeper: Keeper | None = None,
        session_factory: SessionFactory | None = None,
        again: bool = False,
        clock: Callable[[], str] | None = None,
    ) -> None:
        self.student = student_id(student)
        self.out = out
        self._clock = clock or (lambda: datetime.now(UTC).isoformat(timespec="seconds"))
        _writable(out)
        self.keeper = keeper or Keeper()
        seed = student_seed(self.student, lesson.id, salt)
        self.run = self.keeper.open(
            lesson, seed, session_factory, student=self.student, again=again
        )
        self.keeper.on_save = self.hand_in

    def hand_in(self, run: LessonRun) -> None:
        """Write what there is, whole and with its end mark, over what was written before."""
        text = run.transcript(finished=self._clock()).sealed()
        try:
            replace_file(self.out, text.encode())
        except OSError as error:
            raise Refused(f"{self.out}: cannot be written: {error.strerror}") from None


def _writable(path: Path) -> None:
    """Fail before the work, not after it; a file that is no transcript stays as it is."""
    if is_file(path):
        with path.open("rb") as file:
            head = file.read(100)
        if head.strip() and not any(known.encode() in head for known in FORMATS):
            raise Refused(f"{path}: this file is no transcript, and is not overwritten")
    elif path.exists():
        raise InputError("this is no file", place=Place(str(path)))
    if not path.parent.is_dir():
        raise InputError("no such folder", place=Place(str(path.parent)))
