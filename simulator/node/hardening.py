"""The security switches that a specification sets, from Docker's words for them."""

from __future__ import annotations

from functools import lru_cache

from simulator.errors import InputError, Refused, nearest, unknown
from simulator.machine.boundaries import ALL_CAPS, DOCKER_CAPS, SECCOMP_PROFILES, Hardening
from simulator.node.spec import ContainerSpec


def hardening_of(spec: ContainerSpec, remapped: bool = False) -> Hardening:
    """The switches of a container; InputError for a word that is none.

    ``remapped``: its daemon maps the users of containers away, unless they ask for the host's.
    Refused for what Docker's daemon does not give to who has users of its own.
    """
    userns = spec.userns or (remapped and spec.userns_mode != "host")
    if userns:
        _check_mapped(spec)
    root = spec.user is None or spec.user.partition(":")[0] in ("0", "root")
    words = spec.cap_drop, spec.cap_add, spec.security_opt
    host_network = spec.network_mode == "host"
    return _hardening(*words, root, spec.privileged, userns, spec.read_only, host_network)


def _check_mapped(spec: ContainerSpec) -> None:
    """What would reach over the wall of the user namespace (moby, ``daemon/daemon_unix.go``)."""
    if spec.privileged:
        raise Refused(
            "privileged mode is incompatible with user namespaces.  You must run the container in "
            "the host namespace when running privileged mode"
        )
    if spec.network_mode == "host":
        raise Refused("cannot share the host's network namespace when user namespaces are enabled")


@lru_cache(maxsize=256)
def _hardening(
    cap_drop: tuple[str, ...],
    cap_add: tuple[str, ...],
    security_opt: tuple[str, ...],
    root: bool,
    privileged: bool,
    userns: bool,
    read_only: bool,
    host_network: bool,
) -> Hardening:
    """The same for all containers that ask for the same."""
    caps = set(DOCKER_CAPS)
    for word in cap_drop:
        caps -= _caps(word, "CapDrop")
    for word in cap_add:
        caps |= _caps(word, "CapAdd")
    seccomp, no_new_privileges = "default", False
    for option in security_opt:
        name, _, value = option.replace(":", "=", 1).partition("=")
        if name == "seccomp":
            seccomp = _profile(value)
        elif name == "no-new-privileges" and value in ("", "true", "false"):
            no_new_privileges = value != "false"
        else:
            known = ("no-new-privileges", *(f"seccomp={each}" for each in SECCOMP_PROFILES))
            raise unknown("security option", option, known)
    if privileged:
        caps, seccomp = set(ALL_CAPS), "unconfined"
    return Hardening(
        seccomp=seccomp,
        caps=frozenset(caps),
        userns=userns,
        no_new_privileges=no_new_privileges,
        readonly_root=read_only,
        root=root,
        privileged=privileged,
        host_network=host_network,
    )


def _caps(word: str, flag: str) -> frozenset[str]:
    name = word.upper()
    if name == "ALL":
        return ALL_CAPS
    full = name if name.startswith("CAP_") else f"CAP_{name}"
    if full not in ALL_CAPS:
        raise InputError(
            f'invalid {flag}: unknown capability: "{full}"', nearest=nearest(full, ALL_CAPS)
        )
    return frozenset({full})


def _profile(value: str) -> str:
    if value not in SECCOMP_PROFILES:
        raise InputError(
            "seccomp profile",
            found=value,
            expected="default, strict (what the application uses) or unconfined",
        )
    return value
