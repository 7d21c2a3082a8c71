"""Pods that are nominated to a node: room is being made for them, but they are not there yet."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.pod import Pod


class Nominations:
    """Nominated pods by node."""

    def __init__(self) -> None:
        self._by_node: dict[str, dict[str, Pod]] = {}
        self._node_of: dict[str, str] = {}
        self.changes = 0

    def put(self, pod: Pod, node: str) -> None:
        """A pod is nominated to a node, instead of any other."""
        self.drop(pod)
        self._by_node.setdefault(node, {})[pod.meta.uid] = pod
        self._node_of[pod.meta.uid] = node
        self.changes += 1

    def drop(self, pod: Pod) -> str:
        """It is nominated to none; the node that it was nominated to."""
        node = self._node_of.pop(pod.meta.uid, "")
        if node:
            pods = self._by_node[node]
            del pods[pod.meta.uid]
            if not pods:
                del self._by_node[node]
            self.changes += 1
        return node

    def node_of(self, pod: Pod) -> str:
        """The node that a pod is nominated to."""
        return self._node_of.get(pod.meta.uid, "")

    def beside(self, pod: Pod, node: str) -> list[Pod]:
        """Who is to come to a node and is not less important than a pod."""
        pods = self._by_node.get(node)
        if pods is None:
            return []
        return [
            one
            for one in pods.values()
            if one.priority >= pod.priority and one.meta.uid != pod.meta.uid
        ]

    def less(self, pod: Pod, node: str) -> list[Pod]:
        """Who is to come to a node and is less important."""
        pods = self._by_node.get(node, {})
        return [one for one in pods.values() if one.priority < pod.priority]

    def nodes_for(self, pod: Pod) -> list[str]:
        """Nodes to which somebody not less important is to come."""
        return [node for node in self._by_node if self.beside(pod, node)]

    def __len__(self) -> int:
        return len(self._node_of)
