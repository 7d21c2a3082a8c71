"""The language of checks: arithmetic, comparisons and named measures, and nothing else.

An expression is parsed by Python's own parser, then walked against a white list; it is never
compiled or handed to ``eval``. Numbers, texts and truth values are the only values. Limits:
500 characters, 30 levels, results below 1e300. Numbers may have units (``quantities.py``), and a
window of time stands where a measure takes two times (``windows.py``).
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.errors import DrydockError, InputError, Place, printable, unknown
from simulator.look.expressions.quantities import without_units
from simulator.look.expressions.vocabulary import MEASURES, VARIABLES, Signature
from simulator.look.expressions.windows import WINDOWS, bounds, check_window

MAX_CHARACTERS = 500
MAX_DEPTH = 30
MAX_NUMBER = 1e300
MAX_EXPONENT = 64

Value = float | int | bool | str
Measure = Callable[..., Value]

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Value, Value], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_UNARY = (ast.USub, ast.UAdd, ast.Not)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text, its tree and where it was written."""

    text: str
    tree: ast.expr
    place: Place | None = None

    def value(
        self, measures: Mapping[str, Measure], variables: Mapping[str, Value] | None = None
    ) -> Value:
        """The value over these measures; InputError when it cannot be measured (yet)."""
        try:
            return _Evaluation(measures, variables or {}).value(self.tree)
        except InputError as error:
            raise error.at(self.place) if self.place and not error.place else error from None
        except DrydockError as error:
            raise InputError(str(error), place=self.place) from None
        except (ArithmeticError, ValueError, TypeError) as error:
            raise InputError(
                f"cannot be computed ({printable(str(error))})", place=self.place, found=self.text
            ) from None

    def number(
        self, measures: Mapping[str, Measure], variables: Mapping[str, Value] | None = None
    ) -> float:
        """The value as a number."""
        value = self.value(measures, variables)
        if isinstance(value, str):
            raise InputError("not a number", place=self.place, found=value)
        return float(value)

    def names(self) -> set[str]:
        """The variables it reads and the measures it calls."""
        return {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}


def parse_expression(
    text: str,
    place: Place | None = None,
    variables: tuple[str, ...] = (),
    measures: Mapping[str, Signature] = MEASURES,
) -> Expression:
    """Read an expression; ``variables`` are names known beside the usual ones."""
    source = " ".join(text.split())
    if not source or len(source) > MAX_CHARACTERS:
        problem = "empty expression" if not source else "expression too long"
        raise InputError(problem, place=place, expected=f"1 to {MAX_CHARACTERS} characters")
    refuse_curly(source, place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(without_units(source), mode="eval").body
    except InputError as error:
        raise error.at(place) if place else error from None
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "too deep"
        raise InputError(
            f"this is no expression: {reason}", place=place, found=source, expected=_wish(source)
        ) from None
    try:
        _Checked({*VARIABLES, *variables}, measures).check(tree, 0)
    except InputError as error:
        raise error.at(place) if place else error from None
    return Expression(source, tree, place)


def refuse_curly(text: str, place: Place | None) -> None:
    """InputError for quotes that a word processor has made round."""
    found = next((c for c in text if c in "\u2018\u2019\u201c\u201d\u201e"), None)
    if found is not None:
        raise InputError(
            "curly quotes are no quotes here", place=place, found=text, expected="' or \""
        )


def _wish(source: str) -> str | None:
    """What was probably meant by a text that Python cannot read."""
    if re.search(r"(?<![=!<>])=(?!=)", source):
        return "== to compare"
    if "&&" in source or "||" in source:
        return "'and' or 'or'"
    if source.count("(") != source.count(")"):
        return "as many ) as ("
    return None


class _Checked:
    """What an expression may name: variables and measures."""

    def __init__(self, variables: set[str], measures: Mapping[str, Signature]) -> None:
        self._variables = variables
        self._measures = measures

    def check(self, node: ast.AST, depth: int) -> None:
        """InputError for the first part of a tree that is none of the language's."""
        if depth > MAX_DEPTH:
            raise InputError("expression too deep", expected=f"at most {MAX_DEPTH} levels")
        match node:
            case ast.BoolOp(values=values):
                children: list[ast.expr] = list(values)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                children = [left, right]
            case ast.UnaryOp(op=op, operand=operand) if isinstance(op, _UNARY):
                children = [operand]
            case ast.Compare(left=left, ops=ops, comparators=others):
                _comparisons(ops)
                children = [left, *others]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                children = [test, body, orelse]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                self._call(name, args, keywords)
                children = [
                    *(inner for a in args for inner in _inner(a)),
                    *(k.value for k in keywords),
                ]
            case ast.Name(id=name):
                if name not in self._variables:
                    known = {*self._variables, *self._measures}
                    raise unknown("name in an expression", name, known)
                children = []
            case ast.Constant(value=value):
                _constant(value)
                children = []
            case _:
                raise InputError(
                    "not allowed in an expression",
                    found=ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__,
                    expected="numbers, texts, + - * / // % **, comparisons, and, or, not, measures",
                )
        for child in children:
            self.check(child, depth + 1)

    def _call(self, name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> None:
        if name in WINDOWS:
            raise InputError(
                "a window stands inside a measure",
                found=name,
                expected="mean('web.p95', recent(20 s))",
            )
        signature = self._measures.get(name)
        if signature is None:
            raise unknown("measure", name, {*self._measures, *WINDOWS})
        if any(isinstance(a, ast.Starred) for a in args) or any(k.arg is None for k in keywords):
            text = signature.text(name)
            raise InputError("not allowed in an expression", found="*", expected=text)
        named = [k.arg or "" for k in keywords]
        for word in named:
            if word not in signature.parameters:
                raise unknown(f"argument of {name}", word, signature.parameters)
        count = len(args) + self._windows(name, args)
        if not signature.accepts(count, named):
            raise InputError(
                f"wrong number of arguments for {name}",
                found=str(count + len(named)),
                expected=signature.text(name),
            )

    def _windows(self, name: str, args: list[ast.expr]) -> int:
        """How many windows are among the arguments; each must stand in the place of two times."""
        parameters = self._measures[name].parameters
        found = [index for index, arg in enumerate(args) if window_name(arg)]
        for index in found:
            if parameters[index : index + 2] != ("from_s", "to_s"):
                raise InputError(
                    "a window does not stand here", found=ast.unparse(args[index]),
                    expected=self._measures[name].text(name),
                )  # fmt: skip
        return len(found)


def _inner(argument: ast.expr) -> list[ast.expr]:
    """What is to be checked of an argument: of a window, what it is given."""
    match argument:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in WINDOWS:
            if keywords or any(isinstance(a, ast.Starred) for a in args):
                raise InputError("not allowed in a window", expected=WINDOWS[name][0])
            check_window(name, len(args))
            return args
    return [argument]


def _comparisons(ops: list[ast.cmpop]) -> None:
    for op in ops:
        if type(op) not in _COMPARISONS:
            raise InputError(
                "comparison not allowed", found=type(op).__name__, expected="< <= > >= == !="
            )


def window_name(node: ast.AST) -> str:
    """``during`` for a call of it; empty for what is no window."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in WINDOWS:
            return name
    return ""


def _constant(value: object) -> None:
    if isinstance(value, bool | str):
        return
    if isinstance(value, int | float) and abs(value) <= MAX_NUMBER:
        return
    raise InputError("constant not allowed", found=type(value).__name__, expected="a number, text")


class _Evaluation:
    """One walk over a checked tree."""

    def __init__(self, measures: Mapping[str, Measure], variables: Mapping[str, Value]) -> None:
        self._measures = measures
        self._variables = variables

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return value
            case ast.Name(id=name):
                return self._variable(name)
            case ast.BoolOp(op=op, values=values):
                wanted = isinstance(op, ast.Or)
                return any(map(self.value, values)) if wanted else all(map(self.value, values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(op=op, operand=operand):
                number = self._number(operand)
                return -number if isinstance(op, ast.USub) else number
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(op, self._number(left), self._number(right))
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison(left, ops, others)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                return self._called(name, args, keywords)
        raise InputError("not allowed in an expression", found=type(node).__name__)

    def _variable(self, name: str) -> Value:
        if name not in self._variables:
            raise unknown("name in an expression", name, self._variables)
        return self._variables[name]

    def _number(self, node: ast.expr) -> float:
        value = self.value(node)
        if isinstance(value, str):
            raise InputError("not a number", found=value)
        return float(value)

    def _arithmetic(self, op: ast.operator, left: float, right: float) -> float:
        if isinstance(op, ast.Pow) and abs(right) > MAX_EXPONENT:
            raise InputError("exponent too large", expected=f"at most {MAX_EXPONENT}")
        result = _ARITHMETIC[type(op)](left, right)
        if isinstance(result, complex) or (math.isfinite(left) and abs(result) > MAX_NUMBER):
            raise InputError("number too large", expected=f"at most {MAX_NUMBER:g}")
        return result

    def _comparison(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> bool:
        current = self.value(left)
        for op, other in zip(ops, others, strict=True):
            following = self.value(other)
            if isinstance(current, str) != isinstance(following, str):
                raise InputError("a text and a number cannot be compared")
            if not _COMPARISONS[type(op)](current, following):
                return False
            current = following
        return True

    def _called(self, name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> Value:
        measure = self._measures.get(name)
        if measure is None:
            raise unknown("measure", name, self._measures)
        named = {k.arg: self.value(k.value) for k in keywords if k.arg is not None}
        return measure(*[value for a in args for value in self._argument(a)], **named)

    def _argument(self, node: ast.expr) -> list[Value]:
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in WINDOWS:
                return list(bounds(name, [self.value(a) for a in args], self._clock))
        return [self.value(node)]

    def _clock(self, name: str, *arguments: Value) -> float:
        if not arguments:
            return float(self._variable(name))
        return float(self._measures[name](*arguments))
