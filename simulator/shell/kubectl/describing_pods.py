"""Pods, their containers and volumes, and templates of pods, as describe tells them."""

from __future__ import annotations

from typing import Any

from simulator.shell.kubectl.tabs import NONE, head, notes, pairs, several, when


def pod(said: Any, one: Any, cluster: Any) -> list[str]:
    """A pod (``describePod``)."""
    spec, status, meta = said["spec"], said.get("status", {}), said["metadata"]
    node = spec.get("nodeName")
    address = status.get("hostIP") or _address(cluster, node)
    lines = [*head(said, labels=False), f"Priority:\t{one.priority}"]
    for name, key in (("Priority Class Name", "priorityClassName"),
                      ("Runtime Class Name", "runtimeClassName")):  # fmt: skip
        if spec.get(key):
            lines.append(f"{name}:\t{spec[key]}")
    lines.append(f"Service Account:\t{spec.get('serviceAccountName') or 'default'}")
    lines.append(f"Node:\t{node}/{address}" if node else f"Node:\t{NONE}")
    if status.get("startTime"):
        lines.append(f"Start Time:\t{when(status['startTime'])}")
    lines += [*pairs("Labels", meta.get("labels")), *notes(meta)]
    if one.deleting:
        from simulator.cluster.kubernetes.api.times import age

        lasts = age(max(0.0, cluster.sim.now - one.meta.deleting_since))
        lines += [f"Status:\tTerminating (lasts {lasts})",
                  f"Termination Grace Period:\t{one.meta.grace_s or 0:g}s"]  # fmt: skip
    else:
        lines.append(f"Status:\t{status.get('phase', '')}")
    for name in ("reason", "message"):
        if status.get(name):
            lines.append(f"{name.title()}:\t{status[name]}")
    ip = one.status.ip
    lines.append(f"IP:\t{ip}")
    lines += ["IPs:", f"  IP:\t{ip}"] if ip else [f"IPs:\t{NONE}"]
    owner = one.meta.controller
    if owner is not None:
        lines.append(f"Controlled By:\t{owner.kind}/{owner.name}")
    if one.status.nominated_node:
        lines.append(f"NominatedNodeName:\t{one.status.nominated_node}")
    states = {
        each.name: each for each in (*one.status.containers, *one.status.init_containers)
    }  # fmt: skip
    lines += containers("Init Containers", spec.get("initContainers"), states)
    lines += containers("Containers", spec.get("containers"), states)
    lines += _conditions(one)
    lines += volumes(spec)
    lines.append(f"QoS Class:\t{one.template.qos}")
    lines += _placing(spec)
    return lines


def _address(cluster: Any, node: str | None) -> str:
    found = cluster.store.find("Node", "", node) if node else None
    return found.status.address if found is not None else ""


def _conditions(one: Any) -> list[str]:
    from simulator.cluster.kubernetes.data import pod_conditions

    found = pod_conditions(one)
    rows = [f"  {each.type} \t{each.status} " for each in found]
    return ["Conditions:", "  Type\tStatus", *rows] if rows else []


def _placing(spec: Any) -> list[str]:
    """Which nodes it may be on."""
    lines = pairs("Node-Selectors", spec.get("nodeSelector"))
    words = [_toleration(each) for each in spec.get("tolerations") or ()]
    lines += several("Tolerations:", words)
    spread = [
        f"{each['topologyKey']}:{each['whenUnsatisfiable']} when max skew "
        f"{each.get('maxSkew', 1)} is exceeded"
        for each in spec.get("topologySpreadConstraints") or ()
    ]
    return lines + (several("Topology Spread Constraints:", spread) if spread else [])


def _toleration(one: Any) -> str:
    text = one.get("key") or ""
    if one.get("value"):
        text += f"={one['value']}"
    if one.get("effect"):
        text += f":{one['effect']}"
    if one.get("operator") == "Exists":
        text += " op=Exists"
    seconds = one.get("tolerationSeconds")
    return text + (f" for {seconds}s" if seconds is not None else "")


def containers(name: str, listed: Any, states: Any = None, indent: str = "") -> list[str]:
    """Containers of a pod, with what became of them, or of a template."""
    if not listed:
        return []
    lines = [f"{indent}{name}:"]
    for one in listed:
        state = (states or {}).get(one["name"])
        lines.append(f"{indent}  {one['name']}:")
        inner = _container(one, state, first=name == "Init Containers")
        lines += [f"{indent}    {line}" if line else line for line in inner]
    return lines


def _container(one: Any, state: Any, *, first: bool) -> list[str]:
    ports = [f"{each['containerPort']}/{each.get('protocol', 'TCP')}" for each in
             one.get("ports") or ()]  # fmt: skip
    host = [f"{each.get('hostPort', 0)}/{each.get('protocol', 'TCP')}" for each in
            one.get("ports") or ()]  # fmt: skip
    many = "s" if len(ports) > 1 else ""
    lines = [f"Image:\t{one['image']}", f"Port{many}:\t{', '.join(ports) or NONE}",
             f"Host Port{many}:\t{', '.join(host) or NONE}"]  # fmt: skip
    for name, key in (("Command", "command"), ("Args", "args")):
        if one.get(key):
            lines += [f"{name}:", *(f"  {word}" for each in one[key] for word in each.split("\n"))]
    if state is not None:
        lines += _states(state, first=first)
    resources = one.get("resources") or {}
    for name, key in (("Limits", "limits"), ("Requests", "requests")):
        if resources.get(key):
            amounts = sorted(resources[key].items())
            lines += [f"{name}:", *(f"  {word}:\t{amount}" for word, amount in amounts)]
    for name in ("liveness", "readiness", "startup"):
        if one.get(f"{name}Probe"):
            lines.append(f"{name.title()}:\t{_probe(one[f'{name}Probe'])}")
    return [*lines, *_environment(one), *_mounts(one)]


def has_done(state: Any) -> bool:
    """Whether an init container has ended well, which is as ready as it gets."""
    return state.ended is not None and state.ended.exit_code == 0


def _states(state: Any, *, first: bool) -> list[str]:
    lines = _state("State", state)
    if state.last is not None:
        lines += _ended("Last State", state.last)
    return [
        *lines,
        f"Ready:\t{state.ready or (first and has_done(state))}",
        f"Restart Count:\t{state.restarts}",
    ]


def _state(name: str, one: Any) -> list[str]:
    if one.running_since is not None:
        return [f"{name}:\tRunning", f"  Started:\t{_at(one.running_since)}"]
    if one.ended is not None:
        return _ended(name, one.ended)
    return [f"{name}:\tWaiting", f"  Reason:\t{one.waiting}"]


def _ended(name: str, one: Any) -> list[str]:
    return [
        f"{name}:\tTerminated", f"  Reason:\t{one.reason}", f"  Exit Code:\t{one.exit_code}",
        f"  Started:\t{_at(one.started_at)}", f"  Finished:\t{_at(one.finished_at)}",
    ]  # fmt: skip


def _at(seconds: float | None) -> str:
    from simulator.cluster.kubernetes.api.times import stamp

    return when(None if seconds is None else stamp(seconds))


def _probe(one: Any) -> str:
    if "httpGet" in one:
        get = one["httpGet"]
        scheme = str(get.get("scheme", "HTTP")).lower()
        what = f"http-get {scheme}://{get.get('host', '')}:{get['port']}{get.get('path', '/')}"
    elif "tcpSocket" in one:
        what = f"tcp-socket {one['tcpSocket'].get('host', '')}:{one['tcpSocket']['port']}"
    elif "grpc" in one:
        what = f"grpc <pod>:{one['grpc']['port']} {one['grpc'].get('service', '')}"
    else:
        what = f"exec [{' '.join(one.get('exec', {}).get('command', []))}]"
    return (
        f"{what} delay={one.get('initialDelaySeconds', 0)}s timeout="
        f"{one.get('timeoutSeconds', 1)}s period={one.get('periodSeconds', 10)}s "
        f"#success={one.get('successThreshold', 1)} #failure={one.get('failureThreshold', 3)}"
    )


def _environment(one: Any) -> list[str]:
    lines = []
    sources = [
        (each.get("prefix"), word, each[key]) for each in one.get("envFrom") or ()
        for key, word in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")) if key in each
    ]  # fmt: skip
    if sources:
        lines.append("Environment Variables from:")
        for prefix, word, source in sources:
            more = f" with prefix '{prefix}'" if prefix else ""
            lines.append(f"  {source['name']}\t{word}{more}\tOptional: "
                         f"{str(bool(source.get('optional'))).lower()}")  # fmt: skip
    if not one.get("env"):
        return [*lines, f"Environment:\t{NONE}"]
    return [*lines, "Environment:", *(f"  {_variable(each)}" for each in one["env"])]


def _variable(one: Any) -> str:
    source = one.get("valueFrom")
    if not source:
        return f"{one['name']}:\t{one.get('value', '')}"
    for key, word in (("secretKeyRef", "in secret"), ("configMapKeyRef", "of config map")):
        if key in source:
            meant = source[key]
            optional = str(bool(meant.get("optional"))).lower()
            return f"{one['name']}:\t<set to the key '{meant['key']}' {word} '{meant['name']}'>" + (
                f"\tOptional: {optional}"
            )
    if "fieldRef" in source:
        return f"{one['name']}:\t (v1:{source['fieldRef']['fieldPath']})"
    meant = source.get("resourceFieldRef") or {}
    return f"{one['name']}:\t{meant.get('divisor', 0)} ({meant.get('resource', '')})"


def _mounts(one: Any) -> list[str]:
    listed = one.get("volumeMounts")
    if not listed:
        return [f"Mounts:\t{NONE}"]
    lines = []
    for each in sorted(listed, key=lambda each: str(each["mountPath"])):
        words = ["ro" if each.get("readOnly") else "rw"]
        if each.get("subPath"):
            words.append(f'path="{each["subPath"]}"')
        lines.append(f"  {each['mountPath']} from {each['name']} ({','.join(words)})")
    return ["Mounts:", *lines]


def volumes(spec: Any, indent: str = "") -> list[str]:
    """What is mounted, and where it comes from (``describeVolumes``)."""
    if not spec.get("volumes"):
        return [f"{indent}Volumes:\t{NONE}"] if indent else []
    lines = [f"{indent}Volumes:"]
    for one in spec["volumes"]:
        lines.append(f"  {' ' if indent else ''}{one['name']}:")
        lines += [f"    {line}" for line in _volume(one)]
    return lines


def _volume(one: Any) -> list[str]:
    if "configMap" in one:
        meant = one["configMap"]
        return ["Type:\tConfigMap (a volume populated by a ConfigMap)",
                f"Name:\t{meant.get('name')}",
                f"Optional:\t{str(bool(meant.get('optional'))).lower()}"]  # fmt: skip
    if "secret" in one:
        meant = one["secret"]
        return ["Type:\tSecret (a volume populated by a Secret)",
                f"SecretName:\t{meant.get('secretName')}",
                f"Optional:\t{str(bool(meant.get('optional'))).lower()}"]  # fmt: skip
    if "persistentVolumeClaim" in one:
        meant = one["persistentVolumeClaim"]
        return ["Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same "
                "namespace)", f"ClaimName:\t{meant.get('claimName')}",
                f"ReadOnly:\t{str(bool(meant.get('readOnly'))).lower()}"]  # fmt: skip
    if "emptyDir" in one:
        meant = one["emptyDir"] or {}
        return ["Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
                f"Medium:\t{meant.get('medium', '')}",
                f"SizeLimit:\t{meant.get('sizeLimit', '<unset>')}"]  # fmt: skip
    if "hostPath" in one:
        meant = one["hostPath"]
        return ["Type:\tHostPath (bare host directory volume)", f"Path:\t{meant.get('path')}",
                f"HostPathType:\t{meant.get('type', '')}"]  # fmt: skip
    word = next((key for key in one if key != "name"), "unknown")
    return [f"Type:\t{word[0].upper()}{word[1:]}"]


def template(said: Any) -> list[str]:
    """The pods that a workload makes (``DescribePodTemplate``)."""
    said = said or {}
    meta, spec = said.get("metadata") or {}, said.get("spec") or {}
    lines = ["Pod Template:", *pairs("Labels", meta.get("labels"), "  ")]
    if meta.get("annotations"):
        lines += notes(meta, "  ")
    if spec.get("serviceAccountName"):
        lines.append(f"  Service Account:\t{spec['serviceAccountName']}")
    lines += containers("Init Containers", spec.get("initContainers"), None, "  ")
    lines += containers("Containers", spec.get("containers"), None, "  ")
    lines += volumes(spec, "  ")
    selectors = pairs("Node-Selectors", spec.get("nodeSelector"), "  ")
    words = [_toleration(each) for each in spec.get("tolerations") or ()]
    return [*lines, *selectors, *several("  Tolerations:", words)]
