"""What happens to services: frozen facts in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulator.engine import Event
from simulator.units import counted


@dataclass(frozen=True, slots=True)
class ServiceEvent(Event):
    """Base: ``subject`` is the service."""

    subject: str


@dataclass(frozen=True, slots=True)
class ServiceCreated(ServiceEvent):
    """A name that traffic can be sent to."""

    balancer: str

    def sentence(self) -> str:
        """In words."""
        return f"service {self.subject} created ({self.balancer})"


@dataclass(frozen=True, slots=True)
class ServiceRemoved(ServiceEvent):
    """The name is gone."""

    def sentence(self) -> str:
        """In words."""
        return f"service {self.subject} removed"


@dataclass(frozen=True, slots=True)
class EndpointAdded(ServiceEvent):
    """A container answers for the service."""

    container: str
    endpoints: int

    _level: ClassVar[str] = "good"

    def sentence(self) -> str:
        """In words."""
        left = counted(self.endpoints, "endpoint")
        return f"service {self.subject} has {left}: {self.container} joined"


@dataclass(frozen=True, slots=True)
class EndpointRemoved(ServiceEvent):
    """A container no longer answers for the service."""

    container: str
    endpoints: int

    @property
    def level(self) -> str:
        """Bad when it was the last."""
        return "info" if self.endpoints else "bad"

    def sentence(self) -> str:
        """In words."""
        left = counted(self.endpoints, "endpoint")
        return f"service {self.subject} has {left}: {self.container} left"


@dataclass(frozen=True, slots=True)
class BalancerChanged(ServiceEvent):
    """Endpoints are chosen by another rule."""

    balancer: str

    def sentence(self) -> str:
        """In words."""
        return f"service {self.subject} balances by {self.balancer}"


@dataclass(frozen=True, slots=True)
class TrafficStarted(ServiceEvent):
    """Requests begin to come."""

    traffic: str

    def sentence(self) -> str:
        """In words."""
        return f"traffic to {self.subject}: {self.traffic}"


@dataclass(frozen=True, slots=True)
class TrafficStopped(ServiceEvent):
    """No further requests."""

    def sentence(self) -> str:
        """In words."""
        return f"traffic to {self.subject} stopped"
