"""Commands of the real tools that are refused by name, each with what does instead of it."""

from __future__ import annotations

_DOCKER: dict[str, str | None] = {
    **dict.fromkeys(
        (
            "attach", "builder", "buildx", "checkpoint", "commit", "container", "context", "cp",
            "diff", "events", "exec", "export", "image", "import", "load", "login", "logout",
            "manifest", "network", "plugin", "push", "save", "search", "system", "trust", "volume",
            "wait", "ai", "desktop", "extension", "model", "offload", "sandbox",
        )
    ),
    "scout": "'secrets IMAGE', 'advise IMAGE', 'flaw ls'",
    "init": "a Dockerfile of your own; 'advise FOLDER' looks at it",
    "debug": "'docker exec -it CONTAINER sh'",
}  # fmt: skip
_KUBECTL: dict[str, str | None] = {
    "port-forward": "'traffic SERVICE 10/s' sends requests to a Service, 'kubectl exec' asks a pod "
    "from inside",
    "proxy": "'kubectl get ... -o json' reads the API, 'kubectl patch' writes to it",
    "attach": "'kubectl logs -f POD' follows what it prints, 'kubectl exec -it POD -- sh' goes in",
    "debug": "'kubectl exec -it POD -- sh' goes in, 'kubectl describe' and 'why POD' tell causes",
    "certificate": None,
    "completion": "the tab key completes words here",
    "convert": "a manifest of a version that was removed is refused with the new one",
    "plugin": None,
    "alpha": None,
}
_CONFIG: dict[str, str | None] = dict.fromkeys(
    ("set-cluster", "set-credentials", "rename-context", "delete-cluster", "delete-user"),
    "'kubectl config use-context CLUSTER' and 'set-context CLUSTER --namespace': the clusters of a "
    "session are its contexts, and one person made them all",
)
_TOOLS = {
    "docker": _DOCKER, "kubectl": _KUBECTL, "k": _KUBECTL, "kubectl config": _CONFIG,
    "k config": _CONFIG,
}  # fmt: skip


def is_refused(tool: str, word: str) -> bool:
    """Whether a command of a tool is known and not modelled."""
    return word in _TOOLS.get(tool, ())


def instead_of(tool: str, word: str) -> str | None:
    """What does instead of a command of a real tool, where anything does."""
    return _TOOLS[tool].get(word)
