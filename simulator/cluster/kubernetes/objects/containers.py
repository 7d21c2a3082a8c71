"""Containers of a pod as they are wanted: programs, probes, hooks, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

Amounts: TypeAlias = Mapping[str, str | int | float]
"""Amounts of resources as written; ``resources_of`` reads them."""


class Requirements(msgspec.Struct, frozen=True, gc=False):
    """What a container asks for, and what it may not exceed."""

    requests: Amounts = {}
    limits: Amounts = {}


class HttpGet(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A request over HTTP; the port by number or name."""

    port: int | str = 80
    path: str = "/"
    host: str = ""
    scheme: str = "HTTP"


class TcpSocket(msgspec.Struct, frozen=True, gc=False):
    """A connection to a port."""

    port: int | str = 0
    host: str = ""


class Exec(msgspec.Struct, frozen=True, gc=False):
    """A command carried out in the container."""

    command: tuple[str, ...] = ()


class Grpc(msgspec.Struct, frozen=True, gc=False):
    """The health check of gRPC."""

    port: int = 0
    service: str = ""


class Sleep(msgspec.Struct, frozen=True, gc=False):
    """Wait for so many seconds."""

    seconds: float = 0


class Handler(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What a hook does; one of them is stated."""

    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    exec: Exec | None = None  # the API's name
    sleep: Sleep | None = None


class Probe(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How a container is asked whether it is well; one handler is stated."""

    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    exec: Exec | None = None
    grpc: Grpc | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    success_threshold: int = 1
    failure_threshold: int = 3
    termination_grace_period_seconds: int | None = None


class Lifecycle(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What is done after a container started and before it is stopped."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None
    stop_signal: str | None = None


class Port(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A port that a container says it listens on."""

    container_port: int
    name: str = ""
    protocol: str = "TCP"
    host_port: int = 0
    host_ip: str = msgspec.field(default="", name="hostIP")


class Mount(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Where a volume of the pod is seen in a container."""

    name: str
    mount_path: str
    read_only: bool = False
    sub_path: str = ""
    sub_path_expr: str = ""


class EnvVar(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A variable: a value, or where it comes from (``fieldRef``, ``configMapKeyRef``, …)."""

    name: str
    value: str = ""
    value_from: Mapping[str, Any] = {}


class Container(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A container as it is wanted. ``restart_policy`` Always makes an init container a sidecar."""

    name: str
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    ports: tuple[Port, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[Mapping[str, Any], ...] = ()
    resources: Requirements = Requirements()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle = Lifecycle()
    volume_mounts: tuple[Mount, ...] = ()
    image_pull_policy: str = "IfNotPresent"
    restart_policy: str = ""
    security_context: Mapping[str, Any] = {}
    termination_message_path: str = "/dev/termination-log"
    termination_message_policy: str = "File"
    stdin: bool = False
    tty: bool = False

    @property
    def is_sidecar(self) -> bool:
        """Whether it is an init container that goes on beside the others."""
        return self.restart_policy == "Always"
