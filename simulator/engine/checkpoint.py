"""Copies of a whole model, kept in memory: what can be had again without running anything.

A copy is taken by pickle, which follows every reference once and keeps what was shared shared.
What never changes (images, settings, journal entries) is not copied: a checkpoint holds it by
reference, in a table beside the bytes. What cannot be copied is the frame of a running process; a
model can be copied at an instant at which none is under way. A checkpoint never leaves the memory
of its process: pickle carries out what it reads, so it must not read what others wrote.
"""

from __future__ import annotations

import copyreg
import gc
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from io import BytesIO
from operator import methodcaller
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import simpy

from simulator.engine.environment import Environment
from simulator.engine.simulation import Simulation
from simulator.engine.values import is_value
from simulator.errors import Refused

Model = TypeVar("Model")

MODEL_VERSION = "14"
"""Raised with every change of what is kept of a model: an older checkpoint is refused."""


def can_copy(sim: Simulation) -> bool:
    """Whether nothing is under way now that only a frame knows."""
    return sim.under_way == 0 and sim.calendar.alone and sim.env.peek() > sim.env.now


class Checkpoint(Generic[Model]):
    """A model as it was at one instant. Make one with ``of``; ``restore`` as often as wanted."""

    def __init__(self, time: float, data: bytes, shared: list[Any], version: str) -> None:
        self.time = time
        self.version = version
        self._data = data
        self._shared = shared

    @classmethod
    def of(
        cls,
        model: Model,
        sim: Simulation,
        shared: Iterable[type] = (),
        version: str = MODEL_VERSION,
    ) -> Checkpoint[Model]:
        """Copy ``model``, which runs on ``sim``; objects of ``shared`` types are not copied.

        Refused while a process is under way: ask ``can_copy`` first.
        """
        if not can_copy(sim):
            raise Refused("a model can be copied only when no process is under way in it")
        table, buffer = _Table(), BytesIO()
        reducers = _Reducers(table, shared)
        pickler = pickle.Pickler(buffer, protocol=5)
        pickler.dispatch_table = reducers
        try:
            with _uncollected():
                _write(pickler, reducers, (model, sim))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise Refused(f"this model cannot be copied: {error}") from error
        return cls(sim.now, buffer.getvalue(), table.objects, version)

    @property
    def size_bytes(self) -> int:
        """Bytes of the copy itself, without what it shares."""
        return len(self._data)

    @property
    def shared_arrays(self) -> dict[int, int]:
        """Bytes of the arrays that it shares, by what they are: what it may keep alive alone."""
        return {id(one): one.nbytes for one in self._shared if isinstance(one, np.ndarray)}

    def restore(self, version: str = MODEL_VERSION) -> Model:
        """A model of its own, as it was. Refused for a checkpoint of another version."""
        if version != self.version:
            raise Refused(
                f"this checkpoint is of version {self.version} of the model, not of {version}"
            )
        model: Model
        unpickler = _Unpickler(self._data, self._shared)
        with _uncollected():
            model, sim = unpickler.load()
            while met := unpickler.load():
                for one, state in met:
                    _fill(one, state)
        sim.calendar.rearm()
        return model


def _write(pickler: pickle.Pickler, reducers: _Reducers, everything: Any) -> None:
    """Write objects without their contents first; those follow, in turn.

    So no chain of references, however long, becomes a chain of calls.
    """
    pickler.dump(everything)
    while reducers.met:
        met, reducers.met = reducers.met, []
        pickler.dump([(one, object.__getstate__(one)) for one in met])
    pickler.dump([])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of garbage: so many objects made at once only make it search."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Table:
    """What a checkpoint shares with the model that it was taken of."""

    def __init__(self) -> None:
        self.objects: list[Any] = []

    def share(self, obj: Any) -> tuple[Callable[[int], Any], tuple[int]]:
        """Called once for each object: pickle remembers those that it has met."""
        self.objects.append(obj)
        return _shared, (len(self.objects) - 1,)


def _shared(index: int) -> Any:
    raise AssertionError("stands for the table of the checkpoint that is read")


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How objects are written, by their type; what is decided of a type is kept."""

    def __init__(self, table: _Table, shared: Iterable[type]) -> None:
        super().__init__(_REDUCERS | dict.fromkeys(shared, table.share))
        self[np.ndarray] = self._array
        self._share = table.share
        self.met: list[Any] = []

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if issubclass(kind, type):
            raise KeyError(kind)  # a class: pickle knows it by its name
        own = kind.__module__.startswith(_OWN)
        if own and is_value(kind):
            self[kind] = self._share
        elif own and _is_plain(kind):
            self[kind] = self._meet
        else:
            self[kind] = _AS_EVER
        return self[kind]

    def _array(self, array: npt.NDArray[Any]) -> Any:
        """Numbers that nobody can write any more are shared: full chunks of samples."""
        if array.flags.writeable or array.base is not None:
            return _AS_EVER(array)
        return self._share(array)

    def _meet(self, obj: Any) -> tuple[Callable[..., Any], tuple[type]]:
        self.met.append(obj)
        return object.__new__, (type(obj),)


_AS_EVER = methodcaller("__reduce_ex__", pickle.HIGHEST_PROTOCOL)
_SPECIAL = ("__eq__", "__hash__", "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__")


def _is_plain(kind: type) -> bool:
    """Whether an object of a type is known by what it is, and is no more than its attributes."""
    if issubclass(kind, BaseException | type | Enum):
        return False
    return not any(name in vars(base) for base in kind.__mro__[:-1] for name in _SPECIAL)


def _fill(obj: Any, state: Any) -> None:
    plain, slots = state if isinstance(state, tuple) else (state, None)
    if plain:
        obj.__dict__.update(plain)
    for name, value in (slots or {}).items():
        object.__setattr__(obj, name, value)


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, shared: list[Any]) -> None:
        super().__init__(BytesIO(data))
        self._shared = shared

    def find_class(self, module: str, name: str) -> Any:
        if name == _shared.__name__ and module == __name__:
            return self._shared.__getitem__
        return super().find_class(module, name)


# --- what pickle cannot copy by itself, or only slowly --------------------------------------------


def _environment(env: simpy.Environment) -> tuple[Any, ...]:
    return Environment, (env.now,)


def _resource(resource: simpy.Resource) -> tuple[Any, ...]:
    if resource.users or resource.queue:
        raise Refused("a model can be copied only when nobody holds or waits for a resource")
    return simpy.Resource, (resource._env, resource.capacity)


def _event(event: simpy.Event) -> tuple[Any, ...]:
    value = event._value if event.triggered else None
    return _made_event, (event.env, event.triggered, event.processed, value)


def _made_event(env: simpy.Environment, triggered: bool, processed: bool, value: Any) -> Any:
    event = simpy.Event(env)
    if triggered:
        event._ok, event._value = True, value
    if processed:
        event.callbacks = None  # type: ignore[assignment]
    return event


def _generator(generator: np.random.Generator) -> tuple[Any, ...]:
    state: Any = generator.bit_generator.state
    inner = state["state"]
    return _made_generator, (inner["state"], inner["inc"], state["has_uint32"], state["uinteger"])


def _made_generator(state: int, inc: int, has_uint32: int, uinteger: int) -> np.random.Generator:
    bits = np.random.PCG64(_NO_SEED)
    bits.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": inc},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
    return np.random.Generator(bits)


_OWN = __name__.partition(".")[0]
_NO_SEED = np.random.SeedSequence(0)
_REDUCERS: dict[type, Callable[[Any], Any]] = {
    **copyreg.dispatch_table,
    Environment: _environment,
    simpy.Resource: _resource,
    simpy.Event: _event,
    np.random.Generator: _generator,
}
