"""Traffic in words: the typed command language and the same as a mapping of a scenario.

    100            poisson 100/s      constant 100        renewal 100 cv=3
    30 @0 160 @60 30 @300             steps, times from the start of the traffic
    ramp from=30 to=160 at=60s over=30s
    surge base=30 peak=160 at=60s ramp=30s hold=2m decay=60s
    diurnal mean=100 amplitude=0.5 period=24h peak-at=14h days=1,1,1,1,1,0.7,0.7
    burst rate=100 idc=16 scale=10s share=20%
    preset worldcup-1998-semifinal peak=400 speed=10
    file access.log speed=2

Every kind takes after= (delay), for= (length) and times= (multiple); all that have a rate also take
arrivals=even|poisson, cv=, or idc= with scale= and share=.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from simulator.errors import InputError, unknown
from simulator.traffic.options import Options, many, one_of
from simulator.traffic.presets import preset, preset_names
from simulator.traffic.profiles import (
    AnySpacing,
    Bursting,
    Diurnal,
    Even,
    Level,
    Poisson,
    Ramp,
    Renewal,
    Steps,
    Surge,
)
from simulator.traffic.sources import (
    AnyTraffic,
    PresetTraffic,
    ShapedTraffic,
    TraceTraffic,
    TrafficSpec,
)
from simulator.traffic.traces import read_trace
from simulator.units import parse_duration, parse_number, parse_percent, parse_rate

__all__ = [
    "KINDS",
    "AnyTraffic",
    "TrafficSpec",
    "parse_traffic",
    "preset_names",
    "traffic_from_mapping",
]

MAX_WORDS = 2_000
_RATE_START = re.compile(r"[-+]?\.?\d", re.ASCII)


Find = Callable[[str], Path]
"""Where a file is that words name; InputError where it may not be read."""


def parse_traffic(words: Sequence[str], *, find: Find | None = None) -> AnyTraffic:
    """The traffic that typed words describe (those after the service's name).

    A file is read now, into the result; without ``find`` none may be named. Raises InputError and
    nothing else.
    """
    kind, plain, options = _told_apart(words)
    return _built(kind, plain, options, find)


def names_a_file(words: Sequence[str]) -> bool:
    """Whether the traffic is that of a file, which has to be found before it is read."""
    return _told_apart(words)[0] == "file"


def _told_apart(words: Sequence[str]) -> tuple[str, list[str], Options]:
    """The kind, the plain words after it, and the options."""
    if not words:
        raise InputError("traffic missing", expected="a rate such as 100/s, or " + ", ".join(KINDS))
    if len(words) > MAX_WORDS:
        raise InputError("too many words", found=len(words), expected=f"at most {MAX_WORDS:,}")
    plain = [word for word in words if "=" not in word or word.startswith("@")]
    options = Options(word for word in words if word not in plain)
    kind = plain.pop(0) if plain and not _RATE_START.match(plain[0]) else ""
    return kind.lower(), plain, options


def traffic_from_mapping(data: Mapping[str, Any], *, find: Find | None = None) -> AnyTraffic:
    """The same from a mapping: ``{kind: surge, base: 30, peak: 160, at: 60s}``.

    Rates of steps are pairs or a mapping of times: ``{steps: [[0, 30], [60, 160]]}``.
    """
    rest = dict(data)
    kind = str(rest.pop("kind", "steps" if "steps" in rest else ""))
    plain = _steps_words(rest.pop("steps")) if "steps" in rest else []
    for name in ("path", "name") if kind in ("file", "preset") else ():
        if name in rest:
            plain.append(_text(name, rest.pop(name)))
    return _built(kind.lower(), plain, Options(f"{k}={_text(k, v)}" for k, v in rest.items()), find)


def _text(name: str, value: object) -> str:
    """A scalar of a mapping as it would be typed."""
    if isinstance(value, list | tuple) and len(value) <= MAX_WORDS:
        return ",".join(_text(name, item) for item in value if not isinstance(item, list))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"bad value of '{name}'", found=value, expected="a number or a word")
    return str(value)


def _steps_words(steps: object) -> list[str]:
    """Steps of a mapping as typed words."""
    if isinstance(steps, str):
        return steps.split()
    pairs = list(steps.items()) if isinstance(steps, Mapping) else steps
    words: list[str] = []
    for pair in pairs if isinstance(pairs, list) and len(pairs) <= MAX_WORDS else [None]:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise InputError("bad steps", found=pair, expected="pairs of time and rate")
        words += [_text("steps", pair[1]), "@" + _text("steps", pair[0])]
    return words


_Build = Callable[[list[str], Options], AnyTraffic]


def _built(kind: str, plain: list[str], options: Options, find: Find | None) -> AnyTraffic:
    """Traffic of a kind, every word used and every number checked."""
    if kind == "file":
        spec: AnyTraffic = _file(plain, options, find)
    else:
        build = _BUILDERS.get(kind)
        if build is None:
            raise _unknown_kind(kind)
        spec = build(plain, options)
    options.finish()
    if plain:
        raise InputError("word not understood", found=plain[0], expected="name=value")
    spec.check()
    return spec


def _unknown_kind(kind: str) -> InputError:
    if kind in preset_names():
        return InputError("preset without its word", found=kind, nearest=f"preset {kind}")
    return unknown("kind of traffic", kind, KINDS)


def _common(options: Options) -> dict[str, Any]:
    return {
        "after_s": options.get("after", parse_duration, 0.0),
        "lasts_s": options.get("for", parse_duration, None),
        "times": options.get("times", parse_number, 1.0),
    }


def _spacing(options: Options, default: AnySpacing | None) -> AnySpacing | None:
    """How requests cluster: at most one of arrivals=, cv= and idc=."""
    given = [name for name in ("arrivals", "cv", "idc") if name in options]
    if len(given) > 1:
        both = " and ".join(f"{name}=" for name in given)
        raise InputError("arrivals described twice", found=both, expected="one of them")
    if "cv" in options:
        return Renewal(options.need("cv", parse_number))
    if "idc" in options:
        return Bursting(
            options.need("idc", parse_number),
            options.need("scale", parse_duration),
            options.get("share", parse_percent, None),
        )
    word = options.get("arrivals", one_of("even", "poisson"), None)
    if word is None:
        return default
    return Even() if word == "even" else Poisson()


def _shaped(profile: Any, options: Options, default: AnySpacing | None = None) -> ShapedTraffic:
    spacing = _spacing(options, default) or Poisson()
    return ShapedTraffic(profile=profile, spacing=spacing, **_common(options))


def _rate_word(plain: list[str], options: Options) -> float:
    """The rate of kinds that have one: the first plain word, or rate=."""
    return parse_rate(plain.pop(0)) if plain else options.need("rate", parse_rate)


def _plain_rate(plain: list[str], options: Options) -> ShapedTraffic:
    """A bare rate, or steps when times follow: ``100``, ``30 @0 160 @60``."""
    if any("@" in word for word in plain):
        return _shaped(_steps(plain), options)
    return _shaped(Level(_rate_word(plain, options)), options)


def _steps(plain: list[str]) -> Steps:
    """Pairs of rate and time; the first rate may leave out its time, which is then 0."""
    words = " ".join(plain).replace("@", " @").replace("@ ", "@").split()
    plain.clear()
    changes: list[tuple[float, float]] = []
    while words:
        word = words.pop(0)
        if word.startswith("@"):
            raise InputError("time without a rate", found=word, expected="for example 160 @60")
        rate, time = parse_rate(word), 0.0
        if words and words[0].startswith("@"):
            time = parse_duration(words.pop(0)[1:])
        elif changes:
            raise InputError("rate without its time", found=word, expected=f"{word} @60")
        if changes and time <= changes[-1][0]:
            raise InputError("step out of order", found=f"{word} @{time:g}", expected="later times")
        changes.append((time, rate))
    return Steps(tuple(changes))


def _ramp(plain: list[str], options: Options) -> ShapedTraffic:
    profile = Ramp(
        options.need("from", parse_rate),
        options.need("to", parse_rate),
        options.get("at", parse_duration, 0.0),
        options.get("over", parse_duration, 60.0),
    )
    return _shaped(profile, options)


def _surge(plain: list[str], options: Options) -> ShapedTraffic:
    profile = Surge(
        options.need("base", parse_rate),
        options.need("peak", parse_rate),
        options.get("at", parse_duration, 60.0),
        options.get("ramp", parse_duration, 30.0),
        options.get("hold", parse_duration, 120.0),
        options.get("decay", parse_duration, 60.0),
    )
    return _shaped(profile, options)


def _diurnal(plain: list[str], options: Options) -> ShapedTraffic:
    profile = Diurnal(
        options.need("mean", parse_rate),
        options.get("amplitude", parse_percent, 0.5),
        options.get("period", parse_duration, 86400.0),
        options.get("peak-at", parse_duration, None),
        options.get("days", many(parse_number, 400), (1.0,)),
    )
    return _shaped(profile, options)


def _burst(plain: list[str], options: Options) -> ShapedTraffic:
    profile = Level(_rate_word(plain, options))
    spacing = Bursting(
        options.get("idc", parse_number, 16.0),
        options.get("scale", parse_duration, 10.0),
        options.get("share", parse_percent, None),
    )
    return ShapedTraffic(profile=profile, spacing=spacing, **_common(options))


def _renewal(plain: list[str], options: Options) -> ShapedTraffic:
    profile = Level(_rate_word(plain, options))
    return ShapedTraffic(
        profile=profile, spacing=Renewal(options.need("cv", parse_number)), **_common(options)
    )


def _preset(plain: list[str], options: Options) -> PresetTraffic:
    if not plain:
        raise InputError("preset missing", expected="one of: " + ", ".join(preset_names()))
    name = plain.pop(0)
    preset(name)
    return PresetTraffic(
        name=name,
        peak_per_s=options.get("peak", parse_rate, None),
        base_per_s=options.get("base", parse_rate, None),
        speed=options.get("speed", parse_number, 1.0),
        over_s=options.get("over", parse_duration, None),
        spacing=_spacing(options, None),
        **_common(options),
    )


def _file(plain: list[str], options: Options, find: Find | None) -> TraceTraffic:
    if not plain:
        raise InputError("file missing", expected="a timestamp,count CSV or an access log")
    spread = options.get("spread", one_of("random", "even"), "random") != "even"
    speed = options.get("speed", parse_number, 1.0)
    name = plain.pop(0)
    if find is None:
        raise InputError("no file can be read here", found=name, expected="a rate or a preset")
    trace = msgspec.structs.replace(read_trace(find(name)), name=name)
    return TraceTraffic(trace=trace, speed=speed, spread=spread, **_common(options))


_BUILDERS: Mapping[str, _Build] = {
    "": _plain_rate,
    "poisson": lambda plain, options: _shaped(Level(_rate_word(plain, options)), options),
    "constant": lambda plain, options: _shaped(Level(_rate_word(plain, options)), options, Even()),
    "steps": lambda plain, options: _shaped(_steps(plain), options),
    "ramp": _ramp,
    "surge": _surge,
    "diurnal": _diurnal,
    "burst": _burst,
    "renewal": _renewal,
    "preset": _preset,
    "off": lambda plain, options: ShapedTraffic(profile=Level(0.0)),
}
KINDS = tuple(kind for kind in (*_BUILDERS, "file") if kind)
"""The words that may begin a description of traffic; a bare rate needs none."""
