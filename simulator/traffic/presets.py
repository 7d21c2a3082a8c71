"""Published surges, shipped as data: one TOML file each under ``assets/traffic``."""

from __future__ import annotations

import tomllib
from functools import cache

import msgspec

from simulator.errors import InputError, unknown
from simulator.files import asset
from simulator.traffic.profiles import AnyProfile, AnySpacing, Poisson
from simulator.traffic.rates import Rate


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Traffic that was seen somewhere: its shape in the unit of its source, and that source."""

    title: str
    story: str
    unit: str
    source: str
    evidence: str
    notes: str
    shape: AnyProfile
    spacing: AnySpacing = Poisson()

    def rate(
        self,
        *,
        peak: float | None = None,
        base: float | None = None,
        speed: float = 1.0,
        lasts_s: float | None = None,
    ) -> tuple[Rate, float]:
        """The rate, scaled, and the factor of its heights against the published ones.

        Heights: so that the highest is ``peak``, or the first (of a daily wave the mean) is
        ``base``, or as published. Times: ``speed`` times as fast, or all within ``lasts_s``.
        """
        native = self.shape.rate()
        if peak is not None and base is not None:
            raise InputError("both peak and base given", expected="one of them")
        factor = 1.0
        if peak is not None:
            factor = peak / native.peak
        elif base is not None:
            factor = base / (float(native.rate(0.0)) if not native.cycle_s else native.mean)
        if lasts_s is not None:
            if not native.settles_s or not lasts_s > 0:
                raise InputError("bad length for this preset", found=lasts_s, expected="above 0")
            speed = native.settles_s / lasts_s
        return native.scaled(factor).faster(speed), factor


@cache
def preset_names() -> tuple[str, ...]:
    """Names of all presets, in alphabetical order."""
    return tuple(sorted(path.stem for path in asset("traffic").glob("*.toml")))


@cache
def preset(name: str) -> Preset:
    """The preset of this name; InputError with the nearest name when there is none."""
    if name not in preset_names():
        raise unknown("preset", name, preset_names())
    text = asset("traffic", f"{name}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Preset)
