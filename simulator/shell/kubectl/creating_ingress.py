"""``kubectl create ingress``: rules of a few words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.generating import generated
from simulator.shell.kubectl.target import COMMON, KubectlError
from simulator.shell.kubectl.writing import SHOWN
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

_RULE = re.compile(
    r"(?P<host>[^/=,]*)(?P<path>/[^=,*]*)(?P<star>\*?)=(?P<service>[\w.-]+:[\w.-]+)"
    r"(?P<tls>,tls(?:=(?P<secret>[\w.-]+))?)?"
)


@verb("kubectl create ingress", "Lead requests of hosts and paths to Services",
      aliases=("kubectl create ing", "k create ingress", "k create ing"),
      arguments=(Argument("NAME", text("name"), "what it is called"),),
      flags=(*COMMON, *SHOWN,
             Flag(("--rule",), "HOST/PATH=SERVICE:PORT[,tls[=SECRET]]; PATH* also below it",
                  text("rule"), repeat=True),
             Flag(("--default-backend",), "SERVICE:PORT where no rule fits", text("service")),
             Flag(("--class",), "of its controller", text("class")),
             Flag(("--annotation",), "KEY=VALUE", text("pair"), repeat=True)),
      examples=("kubectl create ingress shop --rule='shop.io/*=web:80'",))  # fmt: skip
def ingress(session: Session, call: Call) -> Iterable[str]:
    """An Ingress: rules of the same host are one."""
    found = [_read(one) for one in call["rule"]]
    if not found and not call["default_backend"]:
        raise KubectlError("error: not enough information provided: every ingress has to either "
                           "specify a default-backend (which catches all traffic) or a list of "
                           "rules (which catch specific paths)")  # fmt: skip
    spec: dict[str, Any] = {}
    if call["class"]:
        spec["ingressClassName"] = call["class"]
    if call["default_backend"]:
        spec["defaultBackend"] = _backend(call["default_backend"])
    if found:
        spec["rules"] = _rules(found)
    secrets = _secrets(found)
    if secrets:
        spec["tls"] = secrets
    meta: dict[str, Any] = {"name": call["NAME"]}
    if call["annotation"]:
        meta["annotations"] = dict(one.partition("=")[::2] for one in call["annotation"])
    return generated(session, call, {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec,
    }, "ingress")  # fmt: skip


def _read(rule: str) -> re.Match[str]:
    found = _RULE.fullmatch(rule)
    if found is None:
        raise KubectlError(f"error: rule {rule} is invalid and should be in format "
                           "host/path=svcname:svcport[,tls[=secret]]")  # fmt: skip
    return found


def _backend(said: str) -> dict[str, Any]:
    name, colon, port = said.partition(":")
    if not name or not colon or not port:
        raise KubectlError("error: default-backend should be in format servicename:serviceport")
    where = {"number": int(port)} if port.isdigit() else {"name": port}
    return {"service": {"name": name, "port": where}}


def _rules(found: list[re.Match[str]]) -> list[dict[str, Any]]:
    hosts: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        hosts.setdefault(one["host"], []).append({
            "path": one["path"], "pathType": "Prefix" if one["star"] else "Exact",
            "backend": _backend(one["service"]),
        })  # fmt: skip
    return [
        {**({"host": host} if host else {}), "http": {"paths": paths}}
        for host, paths in hosts.items()
    ]


def _secrets(found: list[re.Match[str]]) -> list[dict[str, Any]]:
    by_secret: dict[str, list[str]] = {}
    for one in found:
        if one["tls"]:
            hosts = by_secret.setdefault(one["secret"] or "", [])
            if one["host"] and one["host"] not in hosts:
                hosts.append(one["host"])
    return [
        {**({"hosts": hosts} if hosts else {}), **({"secretName": name} if name else {})}
        for name, hosts in by_secret.items()
        if hosts or name
    ]
