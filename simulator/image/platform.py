"""Whether an image runs on a machine: matching, choosing from a manifest list, emulation, kernels.

Matching and preference follow containerd's ``platforms`` package: a machine takes its own
architecture, older variants of it, and the 32-bit architecture its processor also understands.
Windows images share their host's kernel, so the build numbers must match (Microsoft, *Windows
container version compatibility*).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from simulator.calibration import Calibration
from simulator.errors import InputError, Refused
from simulator.image.manifests import images_of
from simulator.image.model import Image, ImageConfig, Index, Manifest, Platform

Runs = Literal["native", "emulated", "refused"]

KERNEL_LABEL = "drydock.kernel"
"""Label of an image whose program needs at least this Linux kernel, for example ``5.6``."""

EXEC_FORMAT_ERROR = "exec format error"
# 20348 and later keep their kernel interface stable (Windows Server 2022 and beyond).
_STABLE_WINDOWS_BUILD = 20348
_EMULATED = {"amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "mips64le", "loong64"}


@dataclass(frozen=True, slots=True)
class Emulation:
    """qemu-user registered with binfmt_misc: which foreign architectures it runs, how slowly.

    ``slowdown`` multiplies the CPU time of user code; system calls run natively.
    """

    slowdown: float
    architectures: frozenset[str] = frozenset(_EMULATED)

    @classmethod
    def of(cls, constants: Calibration) -> Emulation:
        """Emulators for every architecture, as slow as the calibration says."""
        return cls(constants.value("images.emulation.slowdown"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it runs: natively, emulated (``slowdown`` > 1) or not, and why in one sentence."""

    runs: Runs
    reason: str
    slowdown: float = 1.0
    image: Image | None = None

    @property
    def ok(self) -> bool:
        """True unless refused."""
        return self.runs != "refused"


@lru_cache(maxsize=256)
def accepted(machine: Platform) -> tuple[Platform, ...]:
    """The platforms a machine runs natively, best first."""
    found = [machine]
    if machine.architecture == "amd64":
        level = _level(machine.variant, 1)
        found += [_variant(machine, f"v{n}" if n > 1 else "") for n in range(level - 1, 0, -1)]
        found.append(Platform(machine.os, "386"))
    elif machine.architecture == "arm64":
        if machine.variant:
            found.append(_variant(machine, ""))
        found += [Platform(machine.os, "arm", f"v{n}") for n in (8, 7, 6, 5)]
    elif machine.architecture == "arm":
        level = _level(machine.variant, 7)
        found += [_variant(machine, f"v{n}") for n in range(level - 1, 4, -1)]
    return tuple(found)


def rank(image: Platform, machine: Platform) -> int | None:
    """How well an image's platform suits a machine: 0 is its own, None is not at all."""
    for place, candidate in enumerate(accepted(machine)):
        same = (image.os, image.architecture, image.variant) == (
            candidate.os,
            candidate.architecture,
            candidate.variant,
        )
        if same:
            return place
    return None


def select(manifest: Manifest, wanted: Platform, *, explicit: bool = False) -> Image:
    """The image for a platform. From a list the best match, else Refused as Docker refuses.

    A single image is taken as it is, which is how a foreign one gets onto a machine; with
    ``explicit`` (`--platform` was given) its platform must match.
    """
    if isinstance(manifest, Image):
        if explicit and rank(manifest.platform, wanted) is None:
            raise Refused(
                f"image was found but its platform ({manifest.platform}) does not match the "
                f"specified platform ({wanted})"
            )
        return manifest
    matching = [
        (place, order, image)
        for order, image in enumerate(manifest.images)
        if (place := rank(image.platform, wanted)) is not None
    ]
    if not matching:
        raise Refused(no_matching(wanted, manifest))
    if wanted.os == "windows":
        return _windows_choice([image for *_, image in matching], wanted)
    return min(matching, key=lambda match: match[:2])[2]


def no_matching(wanted: Platform, manifest: Index) -> str:
    """Docker's words for a list without a suitable entry, and what the list does offer."""
    offered = ", ".join(str(platform) for platform in manifest.platforms) or "nothing"
    return (
        f"no matching manifest for {_with_build(wanted)} in the manifest list entries: "
        f"the list offers {offered}"
    )


def verdict(
    manifest: Manifest,
    machine: Platform,
    kernel_version: str = "",
    *,
    emulation: Emulation | None = None,
    hyperv: bool = False,
    requested: Platform | None = None,
) -> Verdict:
    """Whether an image, or the best one of a list, runs on a machine, and why.

    ``kernel_version`` is the machine's (``5.15.0``), ``requested`` the `--platform` given,
    ``hyperv`` whether Windows containers may have their own kernel in a small VM.
    """
    try:
        image = select(manifest, requested or machine, explicit=requested is not None)
    except Refused as refusal:
        hint = "" if requested else _emulation_hint(manifest, machine, emulation)
        return Verdict("refused", f"{refusal}{hint}")
    if image.platform.os != machine.os:
        return _other_system(image, machine)
    if machine.os == "windows":
        return _windows_verdict(image, machine, hyperv=hyperv)
    needed = image.config.label(KERNEL_LABEL)
    if needed and kernel_version and kernel_tuple(kernel_version) < kernel_tuple(needed):
        return Verdict(
            "refused",
            f"FATAL: kernel too old: the image needs Linux {needed}, this kernel is "
            f"{kernel_version}; a container brings no kernel of its own",
            image=image,
        )
    return _by_architecture(image, machine, emulation)


def kernel_tuple(version: str) -> tuple[int, ...]:
    """The numbers of a kernel version: ``5.15.0-91-generic`` is (5, 15, 0). Else InputError."""
    found = re.match(r"(\d{1,5})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?", version)
    if found is None:
        raise InputError("bad kernel version", found=version, expected="numbers such as 5.15.0")
    return tuple(int(part or 0) for part in found.groups())


def command_of(config: ImageConfig) -> str:
    """The program a container of the image starts, for messages."""
    return config.argv[0] if config.argv else "/bin/sh"


def _by_architecture(image: Image, machine: Platform, emulation: Emulation | None) -> Verdict:
    ours = image.platform
    if rank(ours, machine) is not None:
        return Verdict("native", f"{ours} image on a {machine} machine", image=image)
    if ours.architecture == machine.architecture:
        return Verdict("refused", _too_old(ours, machine), image=image)
    if emulation is not None and ours.architecture in emulation.architectures:
        factor = emulation.slowdown
        return Verdict(
            "emulated",
            f"{ours} image on a {machine} machine through qemu-user: about {factor:g} times "
            "the CPU time",
            slowdown=factor,
            image=image,
        )
    return Verdict(
        "refused",
        f"exec {command_of(image.config)}: {EXEC_FORMAT_ERROR}: the image is for {ours}, "
        f"this machine is {machine} and has no emulator for it",
        image=image,
    )


def _emulation_hint(manifest: Manifest, machine: Platform, emulation: Emulation | None) -> str:
    """Nobody emulates unasked: say what to ask for, where a list has something to emulate."""
    for image in images_of(manifest) if emulation else ():
        same_system = image.platform.os == machine.os
        if emulation and same_system and image.platform.architecture in emulation.architectures:
            return f"; with --platform {image.platform} it would run here, emulated"
    return ""


def _too_old(image: Platform, machine: Platform) -> str:
    """What a processor says to code for a newer one of its own kind."""
    if image.architecture == "amd64":
        said = f"Fatal glibc error: CPU does not support x86-64-{image.variant}"
    else:
        said = "Illegal instruction (core dumped)"
    return f"{said}: the image is for {image}, this machine is {machine}"


def _other_system(image: Image, machine: Platform) -> Verdict:
    ours = image.platform.os
    return Verdict(
        "refused",
        f'image operating system "{ours}" cannot be used on this platform: containers use the '
        f"kernel of their host, which is {machine.os}; a virtual machine with {ours} can run it",
        image=image,
    )


def _windows_choice(images: list[Image], wanted: Platform) -> Image:
    """The newest image that the host's build can run, else the text of the real daemon."""
    host = windows_build(wanted.os_version)
    fitting = [i for i in images if _windows_fits(windows_build(i.platform.os_version), host)]
    if not fitting:
        raise Refused(_windows_text(images[0].platform, wanted))
    return max(fitting, key=lambda image: windows_build(image.platform.os_version))


def _windows_verdict(image: Image, machine: Platform, *, hyperv: bool) -> Verdict:
    guest, host = windows_build(image.platform.os_version), windows_build(machine.os_version)
    if rank(image.platform, machine) is None:
        return _by_architecture(image, machine, None)
    if _windows_fits(guest, host):
        return Verdict("native", f"Windows build {guest or 'any'} shares the kernel", image=image)
    if hyperv and guest <= host:
        return Verdict("native", f"build {guest} in a Hyper-V VM with its own kernel", image=image)
    return Verdict("refused", _windows_text(image.platform, machine), image=image)


def _windows_text(image: Platform, machine: Platform) -> str:
    return (
        f"a Windows version {image.os_version}-based image is incompatible with a "
        f"{machine.os_version} host: they would share one kernel, so the builds must match"
    )


def windows_build(version: str) -> int:
    """The build number of ``10.0.20348.2227``: 20348; 0 where none is given."""
    parts = version.split(".")
    return int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else 0


def _windows_fits(guest: int, host: int) -> bool:
    if guest == host or not guest or not host:
        return True
    return host > guest >= _STABLE_WINDOWS_BUILD


def _with_build(platform: Platform) -> str:
    return f"{platform} {platform.os_version}".rstrip()


def _variant(machine: Platform, variant: str) -> Platform:
    return Platform(machine.os, machine.architecture, variant)


def _level(variant: str, default: int) -> int:
    digits = variant.lstrip("v").partition(".")[0]
    return int(digits) if digits.isdigit() else default
