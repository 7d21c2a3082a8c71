"""What the API server fills in in pods and templates (``apis/core/v1/defaults.go``)."""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]


def pod_spec(spec: Data) -> None:
    """The ``spec`` of a pod or of a template."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("securityContext", {})
    if "serviceAccount" in spec or "serviceAccountName" in spec:
        name = spec.get("serviceAccountName", spec.get("serviceAccount"))
        spec["serviceAccountName"] = spec["serviceAccount"] = name
    for word in ("initContainers", "containers"):
        for container in spec.get(word, ()):
            _container(container)
    for volume in spec.get("volumes", ()):
        _volume(volume)
    if spec.get("hostNetwork"):
        for container in spec.get("containers", ()):
            for port in container.get("ports", ()):
                port.setdefault("hostPort", port.get("containerPort"))


def _container(container: Data) -> None:
    image = str(container.get("image", ""))
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    latest = "@" not in image and tag in ("", "latest")
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    resources = container.setdefault("resources", {})
    for name, amount in resources.get("limits", {}).items():
        resources.setdefault("requests", {}).setdefault(name, amount)
    for port in container.get("ports", ()):
        port.setdefault("protocol", "TCP")
    for word in ("livenessProbe", "readinessProbe", "startupProbe"):
        if word in container:
            _probe(container[word])
    for one in container.get("env", ()):
        field = one.get("valueFrom", {}).get("fieldRef")
        if field is not None:
            field.setdefault("apiVersion", "v1")


def _probe(probe: Data) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    if "httpGet" in probe:
        probe["httpGet"].setdefault("path", "/")
        probe["httpGet"].setdefault("scheme", "HTTP")


def _volume(volume: Data) -> None:
    sources = {"configMap": 420, "secret": 420, "downwardAPI": 420, "projected": 420}
    for word, mode in sources.items():
        if word in volume:
            volume[word].setdefault("defaultMode", mode)
    if len(volume) == 1:
        volume["emptyDir"] = {}
