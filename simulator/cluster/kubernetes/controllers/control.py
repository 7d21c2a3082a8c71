"""All controllers of a cluster, put together."""

from __future__ import annotations

from simulator.cluster.kubernetes.controllers.crew import Maker
from simulator.cluster.kubernetes.controllers.cron import CronJobs
from simulator.cluster.kubernetes.controllers.daemon import DaemonSets
from simulator.cluster.kubernetes.controllers.deployment import Deployments
from simulator.cluster.kubernetes.controllers.disruption import Disruptions
from simulator.cluster.kubernetes.controllers.garbage import Garbage
from simulator.cluster.kubernetes.controllers.job import Jobs
from simulator.cluster.kubernetes.controllers.namespaces import Namespaces
from simulator.cluster.kubernetes.controllers.nodes import Nodes
from simulator.cluster.kubernetes.controllers.replicaset import ReplicaSets
from simulator.cluster.kubernetes.controllers.stateful import StatefulSets
from simulator.cluster.kubernetes.controllers.taints import TaintEviction
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.objects.workloads import ReplicaSet, ReplicationController
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.server.server import Server


class Controllers:
    """What ``kube-controller-manager`` runs, on one API server."""

    def __init__(self, server: Server, templates: Templates, profile: Profile) -> None:
        maker = Maker(server, templates)
        self.disruptions = Disruptions(server)
        self.garbage = Garbage(server)
        self.namespaces = Namespaces(server)
        self.replica_sets = ReplicaSets(maker, ReplicaSet)
        self.replication_controllers = ReplicaSets(maker, ReplicationController)
        self.deployments = Deployments(maker)
        self.replica_sets.matters = self.deployments.matters
        self.stateful_sets = StatefulSets(maker)
        self.daemon_sets = DaemonSets(maker)
        self.jobs = Jobs(maker)
        self.cron_jobs = CronJobs(server, templates)
        self.nodes = Nodes(server, profile.node_grace_s)
        self.taints = TaintEviction(self.nodes)
