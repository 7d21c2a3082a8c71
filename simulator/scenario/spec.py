"""The scenario file as frozen structs; their annotations are its reference and its JSON Schema."""

from __future__ import annotations

import re
import shlex
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from simulator.errors import InputError
from simulator.files import inside
from simulator.node.networks import PREDEFINED
from simulator.node.spec import Attachment, ContainerSpec
from simulator.scenario.reading import Text
from simulator.traffic.client import ClientPolicy
from simulator.traffic.spec import AnyTraffic, parse_traffic, traffic_from_mapping
from simulator.units import (
    parse_bytes,
    parse_cpus,
    parse_duration,
    parse_number,
    parse_percent,
)
from simulator.world.chance import parse_spread
from simulator.world.programs import read_program

FORMAT = 1
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}")
MAX_REPLICAS = 10_000


def _whole(what: str, low: int, high: int) -> Text:
    def parse(text: str) -> int:
        clean = text.replace("_", "")
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", clean):
            raise InputError("wrong type", found=text, expected="a whole number")
        if not low <= int(clean) <= high:
            problem = f"{what} is negative" if int(clean) < 0 else f"{what} out of range"
            raise InputError(problem, found=text, expected=f"{low:,} to {high:,}")
        return int(clean)

    return Text(parse)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        expected = "letters, digits, '_', '.', '-'; at most 63"
        raise InputError("invalid name", found=text, expected=expected)
    return text


def _times(text: str) -> float:
    return parse_number(text, "multiple", maximum=10_000.0)


def _price(text: str) -> float:
    return parse_number(text, "price", maximum=1e9)


def _rate(text: str) -> float:
    return float(parse_bytes(text.removesuffix("/s"), decimal=True))


def _program(text: str) -> str:
    read_program(text)
    return text


def split_command(text: str) -> tuple[str, ...]:
    """The words of a command, by the quotes of a shell; InputError where one is not closed."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise InputError("bad quoting in a command", found=text, expected=str(error)) from None


def _command(text: str) -> str:
    split_command(text)
    return text


def _format(text: str) -> int:
    if text != str(FORMAT):
        raise InputError("this format is not known", found=text, expected=str(FORMAT))
    return FORMAT


def _text(description: str, shape: str) -> Any:
    return Meta(description=description, extra_json_schema={"format": shape})


Name = Annotated[str, Meta(description="letters, digits, '_', '.', '-'"), Text(_name)]
Duration = Annotated[float, _text("10ms, 1.5s, 2m, 1h; a number is seconds", "duration"),
                     Text(parse_duration)]  # fmt: skip
Bytes = Annotated[int, _text("64m, 1.5g, 512MiB; powers of 1024", "bytes"), Text(parse_bytes)]
ByteRate = Annotated[float, _text("125MB/s; powers of 1000", "rate"), Text(_rate)]
Cpus = Annotated[float, _text("0.5, 2 or 500m", "cpus"), Text(parse_cpus)]
Share = Annotated[float, _text("0.1 or 10%", "share"), Text(parse_percent)]
Price = Annotated[float, Meta(description="money per hour"), Text(_price)]
Times = Annotated[float, Meta(description="a number, 0 or more"), Text(_times)]
CommandLine = Annotated[str, Meta(description="sh -c 'echo hi; sleep 5'"), Text(_command)]
Program = Annotated[str, Meta(description="server cpu=20ms workers=4"), Text(_program)]
Seed = Annotated[int, Meta(description="of all chance", ge=0), _whole("seed", 0, 2**63 - 1)]
Cores = Annotated[int, Meta(ge=1, le=4096), _whole("number of cores", 1, 4096)]
Spread = Annotated[str, Meta(description="10%, standard or burstable"), Text(parse_spread)]
Microseconds = Annotated[int, Meta(description="microseconds", ge=1000, le=10**12),
                         _whole("microseconds", 1000, 10**12)]  # fmt: skip
Replicas = Annotated[int, Meta(ge=0, le=MAX_REPLICAS), _whole("replicas", 0, MAX_REPLICAS)]
Hosts = Annotated[int, Meta(ge=1, le=MAX_REPLICAS), _whole("replicas", 1, MAX_REPLICAS)]
Count = Annotated[int, Meta(ge=0, le=1_000_000), _whole("count", 0, 1_000_000)]
FormatNumber = Annotated[int, Meta(description="always 1"), Text(_format)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts of a scenario."""


class HostSpec(Part, frozen=True, kw_only=True):
    """A machine with a kernel of its own, or many that are alike."""

    name: Name
    replicas: Hosts = 1
    """With more than one they are called name-1, name-2, …; ``on: name`` means all in turn."""
    cores: Cores = 4
    memory: Bytes = 8 << 30
    disk: Bytes = 100 << 30
    disk_rate: ByteRate = 200e6
    nic_rate: ByteRate = 125e6
    arch: str = "amd64"
    os: str = "linux"
    kernel: str = "6.8"
    region: str = "local"
    nested: bool | None = None
    """Whether virtual machines are to run on it; by default as machines of its place do."""
    software: tuple[str, ...] = ()
    """Installed in another version than usual: ``runc=1.1.11``."""
    price: Price = 0.0
    """Money per hour; 0: the list price in a cloud's region, nothing elsewhere."""
    emulation: bool = False
    """Whether programs for other processors run, slowly."""
    lazy_pull: bool = False
    """Whether containers start before their image is here as a whole."""
    sockets: Cores = 1
    """Processors, each with a last-level cache of its own."""
    swap: Bytes = 0
    speed_spread: Spread = ""
    """How far its speed is from others' by chance."""
    mtbf: Duration | None = None
    """Mean time between panics of its kernel."""
    mttr: Duration | None = None
    """Time until it is up again after a panic."""


class VmSpec(Part, frozen=True, kw_only=True):
    """A virtual machine on a host; it is booted before the script starts."""

    name: Name
    host: Name | None = None
    vcpus: Cores = 2
    memory: Bytes = 2 << 30
    disk: Bytes | None = None
    """Size of its disk; that of its host when not given."""
    hypervisor: str = "qemu"
    kernel: str | None = None
    """Version of its kernel; by default what guests of its hypervisor have."""
    os: str = "linux"
    nested: bool = False
    """Whether virtual machines can run in it."""
    software: tuple[str, ...] = ()
    speed_spread: Spread = ""
    mtbf: Duration | None = None
    cpu_shares: Count | None = None
    blkio_weight: Count | None = None


class ImageSpec(Part, frozen=True, kw_only=True):
    """An image to build from a folder, or to pull, before the script starts."""

    build: str | None = None
    """Folder with a Dockerfile, inside the scenario's folder."""
    pull: str | None = None
    file: str | None = None
    """The Dockerfile when it is not ``Dockerfile``."""
    tag: str | None = None
    args: dict[str, str] = {}
    target: str | None = None
    platform: str | None = None
    on: tuple[Name, ...] = ()
    """Machines that get it; every one when not given."""

    def __post_init__(self) -> None:
        """Exactly one of ``build`` and ``pull``."""
        if (self.build is None) == (self.pull is None):
            raise InputError("an image needs one of the keys", expected="'build' or 'pull'")
        if self.build is not None and self.tag is None:
            raise InputError("an image that is built needs the key", expected="'tag'")


class ServiceSpec(Part, frozen=True, kw_only=True):
    """A name that traffic is sent to."""

    name: Name
    balancer: str = "round-robin"
    lag: Duration = 0.0
    """How long after a container is ready, or answers no more, the balancer knows."""

    @classmethod
    def from_text(cls, text: str) -> ServiceSpec:
        """Just a name."""
        return cls(name=_name(text))


class NetworkSpec(Part, frozen=True, kw_only=True):
    """A network that is there before containers are, on all machines or on some."""

    name: Name
    on: tuple[Name, ...] = ()
    subnet: str = ""
    ip_range: str = ""
    gateway: str = ""
    internal: bool = False
    """Without a way out of the machine."""

    @classmethod
    def from_text(cls, text: str) -> NetworkSpec:
        """Just a name."""
        return cls(name=_name(text))


class TrafficEntry(Part, frozen=True, kw_only=True):
    """What is sent to a service from the start, and by how patient clients.

    ``words`` as after ``traffic SERVICE``, or the same as keys: ``kind: surge``, ``base: 30``, …
    """

    rest: ClassVar[str] = "shape"

    words: str = ""
    times: Times = 1.0
    """So many times as much as that."""
    timeout: Duration | None = None
    retries: Count = 0
    backoff: Duration = 0.1
    backoff_max: Duration = 10.0
    jitter: Share = 0.0
    retry_budget: Share | None = None
    fan_out: Count | None = None
    """Endpoints that each request is sent to."""
    calls: tuple[Name, ...] = ()
    """Services that each request is sent to, too."""
    quorum: Count | None = None
    """Answers that are enough; all when not given."""
    hedge: Duration | None = None
    """What has no answer after this is sent once more, to another endpoint."""
    cancel: bool = False
    """Whether what nobody waits for any more is withdrawn from the servers."""
    dns_ttl: Duration = 0.0
    """How long clients keep the addresses of endpoints."""
    keepalive: Count = 1
    """Requests that go over one connection."""
    shape: dict[str, Any] = {}
    """The keys that are not of the clients; never written under this name."""

    @classmethod
    def from_text(cls, text: str) -> TrafficEntry:
        """Just the words."""
        return cls(words=text)

    def __post_init__(self) -> None:
        """Words or keys, not both."""
        if bool(self.words) == bool(self.shape):
            raise InputError(
                "traffic needs words or keys, and not both",
                expected="'words: poisson 50/s' or 'kind: poisson' with 'rate: 50/s'",
            )

    def spec(self, folder: Path) -> AnyTraffic:
        """The traffic; a file that it names is read from ``folder``."""
        find = partial(inside, folder)
        if self.words:
            found = parse_traffic(self.words.split(), find=find)
        else:
            found = traffic_from_mapping(self.shape, find=find)
        if self.times == 1.0:
            return found
        return msgspec.structs.replace(found, times=found.times * self.times)

    def client(self) -> ClientPolicy:
        """The clients."""
        return ClientPolicy(
            timeout_s=self.timeout,
            retries=self.retries,
            backoff_s=self.backoff,
            backoff_max_s=self.backoff_max,
            jitter=self.jitter,
            retry_budget=self.retry_budget,
            fan_out=self.fan_out,
            calls=self.calls,
            quorum=self.quorum,
            hedge_s=self.hedge,
            cancel=self.cancel,
            dns_ttl_s=self.dns_ttl,
            keepalive=self.keepalive,
        )


class ContainerEntry(Part, frozen=True, kw_only=True):
    """Containers that run before the script starts.

    Keys that say what a container is asked to be are fields of its specification, by their names
    there; ``msgspec.field`` gives those another name in files.
    """

    image: str
    name: Name | None = None
    replicas: Replicas = 1
    """With more than one they are called name-1, name-2, …"""
    service: Name | None = None
    """The service they are endpoints of."""
    on: Name | None = None
    """The machine they run on; the first host when not given."""
    workload: Program | None = None
    command: CommandLine = ""
    cpus: Cpus | None = None
    cpu_period_us: Microseconds | None = msgspec.field(default=None, name="cpu_period")
    """Period of ``cpu_quota``, 1000 to 1000000 (``cpus`` conflicts with both, as with Docker)."""
    cpu_quota_us: Microseconds | None = msgspec.field(default=None, name="cpu_quota")
    """CPU time in each period."""
    cpu_shares: Count | None = None
    memory_bytes: Bytes | None = msgspec.field(default=None, name="memory")
    memory_swap_bytes: Bytes | None = msgspec.field(default=None, name="memory_swap")
    """Memory and swap together."""
    pids_limit: Count | None = None
    restart: str = "no"
    init: bool = False
    """Docker's init as process 1: it passes signals on."""
    user: str | None = None
    stop_signal: str | None = None
    stop_timeout_s: Duration | None = msgspec.field(default=None, name="stop_timeout")
    """From the stop signal to SIGKILL."""
    health_cmd: str | None = None
    """A command line that tells whether they are healthy; the image's without it."""
    health_interval_s: Duration | None = msgspec.field(default=None, name="health_interval")
    health_timeout_s: Duration | None = msgspec.field(default=None, name="health_timeout")
    health_retries: Count | None = None
    health_start_period_s: Duration | None = msgspec.field(default=None, name="health_start_period")
    runtime: str = "runc"
    platform: str | None = None
    ports: tuple[str, ...] = ()
    on_networks: tuple[str, ...] = msgspec.field(default=(), name="networks")
    """Networks that they are on, by the name of their service, too; or ``host``, or ``none``."""
    env: dict[str, str] = {}
    labels: dict[str, str] = {}

    binds: tuple[str, ...] = msgspec.field(default=(), name="volumes")
    """As after ``-v``: ``data:/data``, ``/srv/shared:/in:ro``."""
    mounts: tuple[str, ...] = ()
    """As after ``--mount``."""
    tmpfs: tuple[str, ...] = ()
    """As after ``--tmpfs``."""
    volumes_from: tuple[str, ...] = ()
    shm_bytes: Bytes | None = msgspec.field(default=None, name="shm_size")
    read_only: bool = False
    """Whether only what is mounted can be written to."""

    def asked(self) -> ContainerSpec:
        """What its containers are asked to be."""
        fields = {
            name: getattr(self, name)
            for name in ContainerSpec.__struct_fields__
            if name in self.__struct_fields__
        }
        fields["command"] = split_command(self.command)
        fields["aliases"] = names = (self.service,) if self.service else ()
        fields["networks"] = tuple(
            Attachment(one, () if one in PREDEFINED else names) for one in self.on_networks
        )
        return ContainerSpec(**fields)


class NodesEntry(Part, frozen=True, kw_only=True):
    """Nodes of a cluster that are alike."""

    count: Count = 3
    prefix: Name = "node-"
    """What their names begin with: node-1, node-2, …"""
    cores: Cores = 4
    memory: Bytes = 16 << 30
    disk: Bytes = 100 << 30
    labels: dict[str, str] = {}
    taints: tuple[str, ...] = ()
    """``KEY=VALUE:EFFECT`` each."""
    zones: Cores = 1
    """Zones that they are spread over."""
    max_pods: Cores = 110
    price: Price = 0.0


class ClusterEntry(Part, frozen=True, kw_only=True):
    """A cluster of Kubernetes, and what is applied to it before the script starts."""

    name: Name = "kubernetes"
    profile: str = "newest"
    """Whose rules it follows: newest, k8s-1.31, …"""
    nodes: tuple[NodesEntry, ...] = (NodesEntry(),)
    manifests: tuple[str, ...] = ()
    """Files, and folders of files, inside the scenario's folder."""
    namespace: Name = "default"
    """Of objects that name none."""
    settle: Duration = 300.0
    """How long the script waits at most until all pods of Deployments are available."""

    @classmethod
    def from_text(cls, text: str) -> ClusterEntry:
        """Just a name."""
        return cls(name=_name(text))


class ScriptEntry(Part, frozen=True, kw_only=True):
    """A line that is typed at a time; as text it reads ``@10s docker run ...``."""

    at: Duration
    do: str

    @classmethod
    def from_text(cls, text: str) -> ScriptEntry:
        """``@10s docker run nginx``."""
        head, _, line = text.strip().partition(" ")
        if not head.startswith("@") or not line.strip():
            raise InputError("bad script line", found=text, expected="'@10s docker run nginx'")
        return cls(at=parse_duration(head[1:]), do=line.strip())

    @staticmethod
    def offsets(text: str) -> dict[str, int]:
        """Where in the short form the line starts."""
        head, _, line = text.partition(" ")
        return {"do": len(head) + 1 + len(line) - len(line.lstrip())}


class PhaseEntry(Part, frozen=True, kw_only=True):
    """A part of a run that is reported by itself; as text it reads ``the surge 60s..8m``."""

    name: str
    start: Duration
    end: Duration

    @classmethod
    def from_text(cls, text: str) -> PhaseEntry:
        """``the surge 60s..8m``."""
        name, _, times = text.strip().rpartition(" ")
        start, dots, end = times.partition("..")
        if not name or not dots:
            raise InputError("bad phase", found=text, expected="'the surge 60s..8m'")
        found = cls(name=name.strip(), start=parse_duration(start), end=parse_duration(end))
        if found.end <= found.start:
            raise InputError("a phase that ends before it begins", found=times)
        return found


class Spec(Part, frozen=True, kw_only=True):
    """A scenario: a world, its load, and a script."""

    format: FormatNumber
    title: str = ""
    description: str = ""
    seed: Seed = 1
    until: Duration = 300.0
    """Simulated time after the set-up at which the run ends."""
    parameters: dict[str, str] = {}
    """Values for ``${name}`` in any text; ``--set parameters.name=value`` changes one."""
    variants: dict[str, dict[str, str]] = {}
    """By name: other values of parameters. A run compares all of them, on the same arrivals."""
    hosts: tuple[HostSpec, ...] = ()
    vms: tuple[VmSpec, ...] = ()
    images: tuple[ImageSpec, ...] = ()
    networks: tuple[NetworkSpec, ...] = ()
    services: tuple[ServiceSpec, ...] = ()
    traffic: dict[str, TrafficEntry] = {}
    containers: tuple[ContainerEntry, ...] = ()
    clusters: tuple[ClusterEntry, ...] = ()
    calibration: dict[str, float] = {}
    """Constants of the model to replace, by name."""
    script: tuple[ScriptEntry, ...] = ()
    phases: tuple[PhaseEntry, ...] = ()
    """Parts of the run of which the report says what came of requests."""
    include: tuple[str, ...] = ()
    """Other files of this folder, merged into this one."""


def schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file."""
    document: dict[str, Any] = msgspec.json.schema(Spec)
    for part in document["$defs"].values():
        for field in part.get("properties", {}).values():
            _allow_text(field)
    entry = document["$defs"]["TrafficEntry"]
    entry["properties"].pop("shape")
    entry["additionalProperties"] = True
    shorthand = {
        "TrafficEntry",
        "ServiceSpec",
        "NetworkSpec",
        "ScriptEntry",
        "ClusterEntry",
        "PhaseEntry",
    }
    for name in shorthand & set(document["$defs"]):
        whole = document["$defs"][name]
        text = {"type": "string", "description": "short form"}
        document["$defs"][name] = {"title": name, "anyOf": [text, whole]}
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["title"] = "Drydock scenario"
    return document


def _allow_text(field: dict[str, Any]) -> None:
    """A quantity may be written with its unit: text as well as a number."""
    for one in (field, *field.get("anyOf", ())):
        if one.get("format") in ("duration", "bytes", "rate", "cpus", "share"):
            del one["format"]
            one["type"] = ["string", "number"]
