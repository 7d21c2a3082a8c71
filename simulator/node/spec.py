"""What a container was asked to be: one frozen object, whoever asks and whoever is asked.

``docker run``, a scenario, the daemon, its listings, a move to another machine: all of them share
it. A change that a person makes later (``docker update``) replaces it, so that it always says what
is wanted now.
"""

from __future__ import annotations

from operator import attrgetter

import msgspec


class Attachment(msgspec.Struct, frozen=True):
    """A network that a container is to be on, and how.

    ``network``: the name or identity of one, or ``host``, ``none`` or ``container:NAME``; empty
    stands for the last one, that it was taken off (``DETACHED``).
    """

    network: str
    aliases: tuple[str, ...] = ()
    """Names of the container on that network alone."""
    address: str = ""
    mac: str = ""


DETACHED = (Attachment(""),)
"""The networks of a container that was taken off all that it was on."""


class ContainerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A container as it is wanted. None, or nothing, leaves a choice to the image or the daemon.

    ``cpus`` is a quota in cores, ``cpu_shares`` the old weight scale (1024 = normal),
    ``workload`` replaces what the image says its program does, ``aliases`` are the names of the
    services it answers for.
    """

    image: str
    command: tuple[str, ...] = ()
    entrypoint: str | None = None
    env: dict[str, str] = {}
    labels: dict[str, str] = {}
    cpus: float | None = None
    cpu_period_us: int | None = None
    cpu_quota_us: int | None = None
    """The same limit stated as CPU time in a period; -1 is none."""
    cpu_shares: int | None = None
    cpuset: tuple[int, ...] = ()
    memory_bytes: int | None = None
    memory_swap_bytes: int | None = None
    pids_limit: int | None = None
    """Most processes and threads; -1: no limit."""
    oom_score_adj: int = 0
    restart: str = "no"
    stop_timeout_s: float | None = None
    stop_signal: str | None = None
    """Asks it to stop, as ``SIGINT`` or ``2``; None: the image's own."""
    health_cmd: str | None = None
    """A command line that tells whether it is healthy; None: the image's, if it has one."""
    health_interval_s: float | None = None
    health_timeout_s: float | None = None
    health_start_period_s: float | None = None
    health_start_interval_s: float | None = None
    health_retries: int | None = None
    no_healthcheck: bool = False
    init: bool = False
    """An init of the daemon's in front of what it starts (``--init``)."""
    ports: tuple[str, ...] = ()
    """Published ports, as ``8080:80`` or ``127.0.0.1:8080:80/tcp``."""
    publish_all: bool = False
    """Whether every exposed port is published, at a port that the daemon chooses."""
    expose: tuple[str, ...] = ()
    """Ports that it says it has, beside those of its image."""
    networks: tuple[Attachment, ...] = ()
    """Where it is connected; nothing: to the default bridge."""
    extra_hosts: tuple[str, ...] = ()
    """Lines of its ``/etc/hosts``, as ``name:address``."""
    dns: tuple[str, ...] = ()
    """Name servers instead of the daemon's."""
    aliases: tuple[str, ...] = ()
    hostname: str | None = None
    remove: bool = False
    workload: str | None = None
    runtime: str = "runc"
    platform: str | None = None
    read_only: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    privileged: bool = False
    userns: bool = False
    """Root in the container is nobody outside, whatever its daemon does with others."""
    userns_mode: str = ""
    """``host``: the users of the machine, also where the daemon maps others away."""
    group_add: tuple[str, ...] = ()
    """Groups besides its own, by name or number."""
    user: str | None = None
    memory_high_bytes: int | None = None
    memory_low_bytes: int | None = None
    """What the host does not swap out while it is short of memory (``--memory-reservation``)."""
    nofile: int | None = None
    """Most open files, and with them connections (``--ulimit nofile=``)."""
    io_weight: int | None = None
    """cgroup v1's blkio weight, 10 to 1000, as ``--blkio-weight`` takes it."""
    io_bytes_s: float | None = None
    cgroup_parent: str | None = None
    open_stdin: bool = False
    """Its input stays open, whether anybody types or not (``-i``)."""
    tty: bool = False
    workdir: str | None = None
    log_driver: str | None = None
    """Where its output goes: json-file, local or none; None: the daemon's, json-file."""
    log_opts: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    """``[VOLUME|HOST PATH:]PATH[:MODE]`` each, as ``-v`` takes them."""
    mounts: tuple[str, ...] = ()
    """``type=…,source=…,target=…`` each, as ``--mount`` takes them."""
    tmpfs: tuple[str, ...] = ()
    """``PATH[:OPTIONS]`` each: file systems in memory."""
    volumes_from: tuple[str, ...] = ()
    """Containers whose mounts it gets, each with ``:ro`` behind it or not."""
    shm_bytes: int | None = None
    """Size of /dev/shm; None: 64 MiB."""

    @property
    def network_mode(self) -> str:
        """The first network: ``bridge``, ``host``, ``none``, ``container:NAME`` or a name."""
        return self.attached[0].network if self.attached else "bridge"

    @property
    def attached(self) -> tuple[Attachment, ...]:
        """The networks that it is to be on."""
        if self.networks == DETACHED:
            return ()
        return self.networks or (Attachment("bridge"),)

    @property
    def spec(self) -> ContainerSpec:
        """This specification alone, where it is a part of a command that says more."""
        return ContainerSpec(**dict(zip(_FIELDS, _values_of(self), strict=True)))


_FIELDS = ContainerSpec.__struct_fields__
_values_of = attrgetter(*_FIELDS)
