"""A few lines of Python: prints, small sums, what the machine tells. Parsed, never carried out.

What is beyond that raises ``Beyond``: a program of its own, which its workload describes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

MAX_SOURCE = 4000
MAX_TEXT = 20_000
MAX_NUMBER = 10**30
_MODULES = frozenset(
    {"os", "sys", "time", "socket", "platform", "multiprocessing", "math", "json", "datetime"}
)


class Beyond(Exception):
    """More than a few lines that are understood."""


@dataclass(slots=True)
class Told:
    """What a few lines print and do: exit code, seconds of sleep after it, whether it burns."""

    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    code: int = 0
    sleep_s: float = 0.0
    burns: bool = False
    holds_bytes: int = 0
    """The largest thing that it keeps, where that is worth counting."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What Python can ask of its machine."""

    cores: int
    allowed: int
    hostname: str
    release: str
    version: str
    architecture: str
    uid: int
    pid: int
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class Large:
    """Something of which only the size in memory is known."""

    size: int


class _Exits(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


def tell(source: str, facts: Facts) -> Told:
    """What a few lines do; Beyond where they are more than is understood."""
    if len(source) > MAX_SOURCE:
        raise Beyond
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        told = Told(code=1)
        told.err.append(f'  File "<string>", line {error.lineno or 1}\nSyntaxError: invalid syntax')
        return told
    except (ValueError, RecursionError, MemoryError):
        raise Beyond from None
    reader = _Reader(facts)
    try:
        reader.body(tree.body)
    except _Exits as exits:
        reader.told.code = exits.code
    except (RecursionError, OverflowError, TypeError, ValueError, KeyError, IndexError):
        raise Beyond from None
    return reader.told


class _Reader:
    """Reads statements one after the other."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.told = Told()
        self.names: dict[str, object] = {}
        self.depth = 0

    def body(self, statements: list[ast.stmt]) -> None:
        """All of them."""
        for one in statements:
            if self.told.sleep_s or self.told.burns:
                raise Beyond
            self._statement(one)

    def _statement(self, one: ast.stmt) -> None:
        if isinstance(one, ast.Import):
            if not all(alias.name.partition(".")[0] in _MODULES for alias in one.names):
                raise Beyond
            for alias in one.names:
                self.names[alias.asname or alias.name] = ("module", alias.name)
        elif isinstance(one, ast.Pass):
            return
        elif isinstance(one, ast.Assign) and len(one.targets) == 1:
            target = one.targets[0]
            if not isinstance(target, ast.Name):
                raise Beyond
            self.names[target.id] = self.value(one.value)
        elif isinstance(one, ast.Expr):
            self._expression(one.value)
        elif isinstance(one, ast.While) and _forever(one):
            self.told.burns = True
        elif isinstance(one, ast.For) and isinstance(one.target, ast.Name):
            self._for(one, one.target.id)
        else:
            raise Beyond

    def _for(self, one: ast.For, name: str) -> None:
        values = self.value(one.iter)
        if not isinstance(values, list | range) or len(values) > 1000 or one.orelse:
            raise Beyond
        for value in values:
            self.names[name] = value
            self.body(one.body)

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            return
        if not isinstance(node, ast.Call):
            raise Beyond
        name = ast.unparse(node.func)
        if name == "print":
            self._print(node)
        elif name in ("time.sleep", "sleep") and len(node.args) == 1:
            seconds = self.value(node.args[0])
            if not isinstance(seconds, int | float):
                raise Beyond
            self.told.sleep_s = float(seconds)
        elif name in ("exit", "quit", "sys.exit", "os._exit"):
            code = self.value(node.args[0]) if node.args else 0
            if isinstance(code, str):
                self.told.err.append(code)
                code = 1
            raise _Exits((int(code) & 255) if isinstance(code, int) else 0)
        else:
            raise Beyond

    def _print(self, node: ast.Call) -> None:
        end, separator, error = "\n", " ", False
        for keyword in node.keywords:
            if keyword.arg == "flush":
                continue
            if keyword.arg == "file":
                error = ast.unparse(keyword.value) == "sys.stderr"
                continue
            value = self.value(keyword.value)
            if keyword.arg == "end":
                end = str(value)
            elif keyword.arg == "sep":
                separator = str(value)
            else:
                raise Beyond
        text = separator.join(_shown(self.value(one)) for one in node.args) + end
        (self.told.err if error else self.told.out).append(text)
        if sum(map(len, self.told.out)) > MAX_TEXT:
            raise Beyond

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> object:
        """What an expression is."""
        self.depth += 1
        if self.depth > 60:
            raise Beyond
        try:
            return self._value(node)
        finally:
            self.depth -= 1

    def _value(self, node: ast.expr) -> object:
        if isinstance(node, ast.Constant) and isinstance(
            node.value, str | int | float | bool | None
        ):
            return node.value
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        if isinstance(node, ast.List | ast.Tuple):
            return [self.value(one) for one in node.elts]
        if isinstance(node, ast.JoinedStr):
            return "".join(self._piece(one) for one in node.values)
        if isinstance(node, ast.BinOp):
            return self._binary(
                type(node.op).__name__, self.value(node.left), self.value(node.right)
            )
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.value(node.operand)
            if isinstance(inner, int | float):
                return -inner
        if isinstance(node, ast.Attribute | ast.Subscript):
            return self._fact(node)
        if isinstance(node, ast.Call):
            return self._called(node)
        raise Beyond

    def _piece(self, node: ast.expr) -> str:
        if isinstance(node, ast.FormattedValue):
            if node.format_spec is not None or node.conversion not in (-1, 115):
                raise Beyond
            return _shown(self.value(node.value))
        return str(self.value(node))

    def _binary(self, name: str, left: object, right: object) -> object:
        if isinstance(left, str) and isinstance(right, str) and name == "Add":
            return left + right
        if isinstance(left, str) and isinstance(right, int) and name == "Mult":
            if len(left) * right > MAX_TEXT:
                return self._large(len(left) * right)
            return left * right
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise Beyond
        if max(abs(left), abs(right)) > MAX_NUMBER or (name == "Pow" and abs(right) > 200):
            raise Beyond
        if name in ("Div", "FloorDiv", "Mod") and not right:
            self.told.err.append(
                "Traceback (most recent call last):\n"
                '  File "<string>", line 1, in <module>\nZeroDivisionError: division by zero'
            )
            raise _Exits(1)
        rules: dict[str, Callable[[], object]] = {
            "Add": lambda: left + right, "Sub": lambda: left - right, "Mult": lambda: left * right,
            "Div": lambda: left / right, "FloorDiv": lambda: left // right,
            "Mod": lambda: left % right, "Pow": lambda: left**right,
        }  # fmt: skip
        if name not in rules:
            raise Beyond
        return rules[name]()

    def _large(self, size: int) -> Large:
        """A text too large to be made: only its size is known."""
        if size > MAX_NUMBER:
            raise Beyond
        self.told.holds_bytes += size
        return Large(size)

    def _fact(self, node: ast.expr) -> object:
        facts = self.facts
        text = ast.unparse(node)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            key = self.value(node.slice)
            if key not in facts.env:
                self.told.err.append(
                    "Traceback (most recent call last):\n"
                    f'  File "<string>", line 1, in <module>\nKeyError: {key!r}'
                )
                raise _Exits(1)
            return facts.env[str(key)]
        known: dict[str, object] = {
            "sys.version": f"{facts.version} (main)",
            "sys.platform": "linux", "os.name": "posix", "sys.executable": "/usr/local/bin/python",
            "sys.maxsize": (1 << 63) - 1, "math.pi": 3.141592653589793, "math.inf": inf,
        }  # fmt: skip
        if text in known:
            return known[text]
        raise Beyond

    def _called(self, node: ast.Call) -> object:
        facts, name = self.facts, ast.unparse(node.func)
        if node.keywords:
            raise Beyond
        if name == "len" and len(node.args) == 1:
            if ast.unparse(node.args[0]) == "os.sched_getaffinity(0)":
                return facts.allowed
            inner = self.value(node.args[0])
            if isinstance(inner, str | list | range):
                return len(inner)
            if isinstance(inner, Large):
                return inner.size
            raise Beyond
        args = [self.value(one) for one in node.args]
        if name in ("bytearray", "bytes") and len(args) == 1 and isinstance(args[0], int):
            return self._large(args[0])
        if name in ("os.getenv", "os.environ.get") and args:
            return facts.env.get(str(args[0]), args[1] if len(args) > 1 else None)
        if name == "range":
            whole = [one for one in args if isinstance(one, int)]
            if len(whole) != len(args) or not 0 < len(args) <= 3:
                raise Beyond
            return range(*whole)
        if name in ("str", "int", "float", "repr", "sum", "max", "min") and len(args) == 1:
            return _builtin(name, args[0])
        known: dict[str, object] = {
            "os.cpu_count": facts.cores, "multiprocessing.cpu_count": facts.cores,
            "os.process_cpu_count": facts.allowed, "socket.gethostname": facts.hostname,
            "platform.node": facts.hostname, "platform.release": facts.release,
            "platform.machine": facts.architecture, "platform.system": "Linux",
            "platform.python_version": facts.version, "os.getpid": facts.pid,
            "os.getuid": facts.uid, "os.geteuid": facts.uid,
        }  # fmt: skip
        if name in known and not args:
            return known[name]
        raise Beyond


def _builtin(name: str, value: object) -> object:
    if name in ("str", "repr"):
        return _shown(value) if name == "str" else repr(value)
    if name in ("sum", "max", "min"):
        if isinstance(value, list | range) and all(isinstance(one, int | float) for one in value):
            return {"sum": sum, "max": max, "min": min}[name](value)  # type: ignore[operator]
        raise Beyond
    if isinstance(value, str | int | float) and len(str(value)) < 30:
        return int(value) if name == "int" else float(value)
    raise Beyond


def _forever(node: ast.While) -> bool:
    endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
    return endless and all(isinstance(one, ast.Pass) for one in node.body)


def _shown(value: object) -> str:
    if isinstance(value, str | int | float | bool | list | range) or value is None:
        return str(value)
    raise Beyond
