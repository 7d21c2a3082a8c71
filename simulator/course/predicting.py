"""Predict, run, reveal: the part of a lesson that a learner cannot get wrong by watching."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from simulator.course.canon import computed_truth
from simulator.course.judging import Truth, in_words, is_right, read_answer, truth
from simulator.course.model import Predict, Run, Why
from simulator.course.playback import Playback
from simulator.course.run_state import RunState
from simulator.errors import InputError, Refused, unknown
from simulator.ports import Outcome

P = TypeVar("P", Predict, Run)


@dataclass(slots=True)
class Prediction:
    """What was predicted, and whether it was before the run."""

    answer: str
    before_run: bool


@dataclass(frozen=True, slots=True)
class Reveal:
    """A prediction beside what happened."""

    predict: Predict
    predicted: str | None
    """In words; None when nobody predicted."""
    outcome: Truth
    correct: bool
    explanation: str
    """Empty while ``why`` waits for an answer."""
    why: Why | None = None
    """What is to be answered before the explanation is shown."""


class Predicting(RunState):
    """Predictions and the run blocks that answer them."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.predictions: dict[str, Prediction] = {}
        self._truths: dict[str, Truth] = {}
        self._explained: dict[str, str] = {}
        self._seen: set[str] = set()
        self.reasons: dict[str, str] = {}
        """What was said to be why, after wrong predictions."""
        super().__init__(*args, **named)

    def predict(self, name: str, answer: str) -> Prediction:
        """Note a prediction; InputError when the answer is none, Refused to change it later."""
        block = self._find(Predict, name, "prediction")
        given = read_answer(block, answer)
        before = block.answer.run not in self._seen
        if name in self.predictions and not before:
            raise Refused("the run has been seen: this prediction stays as it was")
        self.note(f":predict {name} {given}")
        self.predictions[name] = Prediction(given, before)
        return self.predictions[name]

    def missing_predictions(self, run: str) -> list[Predict]:
        """The predictions still to be made before a run block may run."""
        asked = [p for p in self.lesson.all(Predict) if p.answer.run == run]
        return [p for p in asked if p.id not in self.predictions]

    def start_block(self, name: str, *, override: bool = False) -> Playback:
        """Begin a run block, to be played piece by piece; Refused while a prediction is missing.

        ``override`` runs it all the same; that is written down.
        """
        block = self._find(Run, name, "run block")
        missing = self.missing_predictions(name)
        if missing and not override and name not in self._seen:
            raise Refused(f"predict first: {missing[0].ask}")
        self.begin_block(name, bool(missing) and override)
        return Playback(self, block)

    def run_block(self, name: str, *, override: bool = False) -> list[tuple[str, Outcome]]:
        """Carry out a run block to its end; its lines with their outcomes."""
        return self.start_block(name, override=override).finish()

    def begin_block(self, name: str, override: bool = False) -> None:
        """Note that a run block begins (``Playback`` and replay call this)."""
        block = self._find(Run, name, "run block")
        self.note(f":run {name}{' override' if override else ''}")
        if block.fresh:
            self.renew()
        self._seen.add(name)
        self.marks[name] = (self.world.now, None)
        self._due = [line.text for line in block.lines]

    def end_block(self, name: str) -> None:
        """Note that a run block has ended (``Playback`` and replay call this).

        What its predictions are held against is measured now: the world goes on.
        """
        self.note(f":ran {name}")
        began, _ = self.marks.get(name, (self.world.now, None))
        self.marks[name] = (began, self.world.now)
        self._due = []
        self.lock()
        sight = self.sight()
        for block in [p for p in self.lesson.all(Predict) if p.answer.run == name]:
            self._truths.pop(block.id, None)
            self._explained[block.id] = sight.text(block.explain) if block.explain else ""
            with suppress(InputError):  # what cannot be measured here, the lesson's own path tells
                self._truths[block.id] = truth(block, sight)

    def reveal(self, name: str) -> Reveal | None:
        """A prediction beside the outcome; None until its run block has ended."""
        block = self._find(Predict, name, "prediction")
        if name not in self._explained:
            return None
        outcome = self._truth(block)
        given = self.predictions.get(name)
        words = in_words(block, given.answer) if given else None
        right = given is not None and is_right(block, given.answer, outcome)
        asked = given is not None and not right and name not in self.reasons
        why = block.why if asked else None
        return Reveal(block, words, outcome, right, "" if why else self._explained[name], why)

    def because(self, name: str, text: str) -> str:
        """Say why a prediction was wrong: what to say to that, and the explanation.

        No points depend on it. InputError for what is no answer; Refused where nothing is asked.
        """
        revealed = self.reveal(name)
        why = revealed.why if revealed else None
        if why is None:
            raise Refused("there is nothing to explain")
        given = _reason(why, text)
        self.note(f":why {name} {given}")
        self.reasons[name] = given
        said = "" if not why.right else "Yes. " if given == str(why.right) else "Not that. "
        return said + self._explained[name]

    def asked_why(self) -> Predict | None:
        """The first prediction of this page that is to be followed by a reason."""
        for part in self.step.parts:
            if isinstance(part, Predict) and part.id in self._explained:
                revealed = self.reveal(part.id)
                if revealed is not None and revealed.why is not None:
                    return part
        return None

    def predicted_in_time(self, name: str) -> bool:
        """Whether something was predicted, right or wrong, before its run was seen."""
        made = self.predictions.get(name)
        return made is not None and made.before_run

    def _truth(self, block: Predict) -> Truth:
        found = self._truths.get(block.id)
        if found is None:
            found, sight = computed_truth(self.lesson, block, self.seed, self.factory)
            self._truths[block.id] = found
            self._explained[block.id] = sight.text(block.explain) if block.explain else ""
        return found

    def _find(self, kind: type[P], name: str, what: str) -> P:
        blocks = {block.id: block for block in self.lesson.all(kind)}
        if name not in blocks:
            raise unknown(what, name, blocks)
        return blocks[name]


MAX_REASON = 500


def _reason(why: Why, text: str) -> str:
    """What was typed as the reason: the number of an option, or a sentence."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_REASON]
    if not words:
        raise InputError("why?", expected="a sentence" if not why.options else "an option")
    if not why.options:
        return words
    lowered = [option.lower() for option in why.options]
    if words.lower() in lowered:
        return str(lowered.index(words.lower()) + 1)
    if not (words.isascii() and words.isdigit() and 1 <= int(words[:3]) <= len(lowered)):
        raise InputError("no such reason", found=words, expected=f"1 to {len(lowered)}")
    return words
