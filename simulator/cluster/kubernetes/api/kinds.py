"""The kinds of a cluster: groups, versions, words for them, and what is modelled of each."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from simulator.errors import nearest


class Kind(msgspec.Struct, frozen=True):
    """One kind. ``note``: what it means that it is kept as data only; nothing where it acts."""

    kind: str
    plural: str
    api_version: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    note: str = ""
    in_all: bool = False
    other_versions: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """Its API group; nothing for the core."""
        group, slash, _ = self.api_version.rpartition("/")
        return group if slash else ""

    @property
    def singular(self) -> str:
        """The word for one of them."""
        return self.kind.lower()

    @property
    def resource(self) -> str:
        """As messages name it: ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def title(self) -> str:
        """As kubectl prints it before a name: ``deployment.apps``."""
        return f"{self.singular}.{self.group}" if self.group else self.singular


_RBAC = "nobody is kept from anything: requests are not authorised"
_HOOK = "nobody is called: writes go through as if it were not there"
_KEPT = "it is kept, and nothing follows from it"
_DEVICES = "devices are not modelled: pods that claim them run without"

KINDS: tuple[Kind, ...] = (
    Kind("Pod", "pods", "v1", short=("po",), in_all=True),
    Kind("ReplicationController", "replicationcontrollers", "v1", short=("rc",), in_all=True),
    Kind("Service", "services", "v1", short=("svc",), in_all=True),
    Kind("DaemonSet", "daemonsets", "apps/v1", short=("ds",), in_all=True),
    Kind("Deployment", "deployments", "apps/v1", short=("deploy",), in_all=True),
    Kind("ReplicaSet", "replicasets", "apps/v1", short=("rs",), in_all=True),
    Kind("StatefulSet", "statefulsets", "apps/v1", short=("sts",), in_all=True),
    Kind("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling/v2",
         short=("hpa",), in_all=True, other_versions=("autoscaling/v1",)),
    Kind("VerticalPodAutoscaler", "verticalpodautoscalers", "autoscaling.k8s.io/v1",
         short=("vpa",), other_versions=("autoscaling.k8s.io/v1beta2",)),
    Kind("CronJob", "cronjobs", "batch/v1", short=("cj",), in_all=True),
    Kind("Job", "jobs", "batch/v1", in_all=True),
    Kind("Namespace", "namespaces", "v1", namespaced=False, short=("ns",)),
    Kind("Node", "nodes", "v1", namespaced=False, short=("no",)),
    Kind("ConfigMap", "configmaps", "v1", short=("cm",)),
    Kind("Secret", "secrets", "v1"),
    Kind("ServiceAccount", "serviceaccounts", "v1", short=("sa",)),
    Kind("Endpoints", "endpoints", "v1", short=("ep",)),
    Kind("EndpointSlice", "endpointslices", "discovery.k8s.io/v1"),
    Kind("Event", "events", "v1", short=("ev",), other_versions=("events.k8s.io/v1",)),
    Kind("ResourceQuota", "resourcequotas", "v1", short=("quota",)),
    Kind("LimitRange", "limitranges", "v1", short=("limits",)),
    Kind("PersistentVolume", "persistentvolumes", "v1", namespaced=False, short=("pv",)),
    Kind("PersistentVolumeClaim", "persistentvolumeclaims", "v1", short=("pvc",)),
    Kind("StorageClass", "storageclasses", "storage.k8s.io/v1", namespaced=False,
         short=("sc",)),
    Kind("PodDisruptionBudget", "poddisruptionbudgets", "policy/v1", short=("pdb",)),
    Kind("PriorityClass", "priorityclasses", "scheduling.k8s.io/v1", namespaced=False,
         short=("pc",)),
    Kind("RuntimeClass", "runtimeclasses", "node.k8s.io/v1", namespaced=False),
    Kind("Ingress", "ingresses", "networking.k8s.io/v1", short=("ing",)),
    Kind("IngressClass", "ingressclasses", "networking.k8s.io/v1", namespaced=False,
         note="every Ingress is served by the same controller"),
    Kind("NetworkPolicy", "networkpolicies", "networking.k8s.io/v1", short=("netpol",),
         note="only what programs in pods ask is fenced: traffic from outside reaches every pod"),
    Kind("PodTemplate", "podtemplates", "v1", note=_KEPT),
    Kind("ControllerRevision", "controllerrevisions", "apps/v1"),
    Kind("Lease", "leases", "coordination.k8s.io/v1", note=_KEPT),
    Kind("Role", "roles", "rbac.authorization.k8s.io/v1", note=_RBAC),
    Kind("RoleBinding", "rolebindings", "rbac.authorization.k8s.io/v1", note=_RBAC),
    Kind("ClusterRole", "clusterroles", "rbac.authorization.k8s.io/v1", namespaced=False,
         note=_RBAC),
    Kind("ClusterRoleBinding", "clusterrolebindings", "rbac.authorization.k8s.io/v1",
         namespaced=False, note=_RBAC),
    Kind("CustomResourceDefinition", "customresourcedefinitions", "apiextensions.k8s.io/v1",
         namespaced=False, short=("crd", "crds")),
    Kind("APIService", "apiservices", "apiregistration.k8s.io/v1", namespaced=False, note=_KEPT),
    Kind("MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
         "admissionregistration.k8s.io/v1", namespaced=False, note=_HOOK),
    Kind("ValidatingWebhookConfiguration", "validatingwebhookconfigurations",
         "admissionregistration.k8s.io/v1", namespaced=False, note=_HOOK),
    Kind("ValidatingAdmissionPolicy", "validatingadmissionpolicies",
         "admissionregistration.k8s.io/v1", namespaced=False, note=_HOOK),
    Kind("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings",
         "admissionregistration.k8s.io/v1", namespaced=False, note=_HOOK),
    Kind("CertificateSigningRequest", "certificatesigningrequests", "certificates.k8s.io/v1",
         namespaced=False, short=("csr",), note=_KEPT),
    Kind("CSIDriver", "csidrivers", "storage.k8s.io/v1", namespaced=False, note=_KEPT),
    Kind("VolumeAttachment", "volumeattachments", "storage.k8s.io/v1", namespaced=False,
         note=_KEPT),
    *(
        Kind(kind, plural, version, namespaced, short=short, note=_KEPT)
        for kind, plural, version, namespaced, short in (
            ("CSINode", "csinodes", "storage.k8s.io/v1", False, ()),
            ("CSIStorageCapacity", "csistoragecapacities", "storage.k8s.io/v1", True, ()),
            ("VolumeAttributesClass", "volumeattributesclasses", "storage.k8s.io/v1", False,
             ("vac",)),
            ("FlowSchema", "flowschemas", "flowcontrol.apiserver.k8s.io/v1", False, ()),
            ("PriorityLevelConfiguration", "prioritylevelconfigurations",
             "flowcontrol.apiserver.k8s.io/v1", False, ()),
            ("ServiceCIDR", "servicecidrs", "networking.k8s.io/v1", False, ()),
            ("IPAddress", "ipaddresses", "networking.k8s.io/v1", False, ("ip",)),
        )
    ),
    *(
        Kind(kind, plural, "resource.k8s.io/v1", namespaced, note=_DEVICES,
             other_versions=("resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1"))
        for kind, plural, namespaced in (
            ("DeviceClass", "deviceclasses", False),
            ("ResourceClaim", "resourceclaims", True),
            ("ResourceClaimTemplate", "resourceclaimtemplates", True),
            ("ResourceSlice", "resourceslices", False),
        )
    ),
)  # fmt: skip

BUILT_IN = frozenset(
    {
        *(one.group for one in KINDS),
        "extensions", "audit.k8s.io", "authentication.k8s.io", "authorization.k8s.io",
        "events.k8s.io", "internal.apiserver.k8s.io", "kubeadm.k8s.io", "kubelet.config.k8s.io",
        "kubescheduler.config.k8s.io", "storagemigration.k8s.io",
    }
)  # fmt: skip
"""Groups whose kinds nobody can define: all others are somebody's custom resources."""

_RESOURCES = {kind.kind: kind.resource for kind in KINDS}


def resource_of(kind: str) -> str:
    """What messages call objects of a kind: ``deployments.apps``."""
    return _RESOURCES.get(kind, kind.lower() + "s")


REMOVED: dict[tuple[str, str], tuple[str, str]] = {
    (version, kind): (gone, now)
    for gone, now, version, kinds in (
        ("1.16", "apps/v1", "extensions/v1beta1", ("Deployment", "DaemonSet", "ReplicaSet")),
        ("1.16", "apps/v1", "apps/v1beta1", ("Deployment", "StatefulSet", "ReplicaSet")),
        ("1.16", "apps/v1", "apps/v1beta2",
         ("Deployment", "StatefulSet", "ReplicaSet", "DaemonSet")),
        ("1.16", "networking.k8s.io/v1", "extensions/v1beta1", ("NetworkPolicy",)),
        ("1.22", "networking.k8s.io/v1", "extensions/v1beta1", ("Ingress",)),
        ("1.22", "networking.k8s.io/v1", "networking.k8s.io/v1beta1",
         ("Ingress", "IngressClass")),
        ("1.22", "rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1beta1",
         ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")),
        ("1.22", "apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1",
         ("CustomResourceDefinition",)),
        ("1.22", "admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1",
         ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")),
        ("1.22", "scheduling.k8s.io/v1", "scheduling.k8s.io/v1beta1", ("PriorityClass",)),
        ("1.22", "storage.k8s.io/v1", "storage.k8s.io/v1beta1",
         ("StorageClass", "CSIDriver", "VolumeAttachment")),
        ("1.22", "coordination.k8s.io/v1", "coordination.k8s.io/v1beta1", ("Lease",)),
        ("1.25", "batch/v1", "batch/v1beta1", ("CronJob",)),
        ("1.25", "policy/v1", "policy/v1beta1", ("PodDisruptionBudget",)),
        ("1.25", "", "policy/v1beta1", ("PodSecurityPolicy",)),
        ("1.25", "node.k8s.io/v1", "node.k8s.io/v1beta1", ("RuntimeClass",)),
        ("1.25", "discovery.k8s.io/v1", "discovery.k8s.io/v1beta1", ("EndpointSlice",)),
        ("1.25", "autoscaling/v2", "autoscaling/v2beta1", ("HorizontalPodAutoscaler",)),
        ("1.26", "autoscaling/v2", "autoscaling/v2beta2", ("HorizontalPodAutoscaler",)),
    )
    for kind in kinds
}  # fmt: skip
"""Versions that were removed: with which release, and what is to be written instead."""


class Kinds:
    """The kinds of one cluster: those that all have, and those that were defined in it."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}
        self._words: dict[str, Kind] = {}
        for kind in KINDS:
            self.define(kind)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def define(self, kind: Kind) -> None:
        """There is one more kind; of two that share a word the first has it."""
        key = kind.kind if kind.kind not in self._kinds else f"{kind.kind}.{kind.group}"
        self._kinds[key] = kind
        for word in (kind.plural, kind.singular, *kind.short, kind.resource, kind.title):
            self._words.setdefault(word, kind)

    def named(self, kind: str) -> Kind | None:
        """The kind of this name, as documents write it."""
        return self._kinds.get(kind)

    def of(self, api_version: str, kind: str) -> Kind | None:
        """The kind of a document."""
        for one in (self._kinds.get(kind), self._kinds.get(f"{kind}.{group_of(api_version)}")):
            if one is not None and api_version in (one.api_version, *one.other_versions):
                return one
        return None

    def find(self, word: str) -> Kind | None:
        """What a word on the command line means: ``po``, ``deployments.apps``, ``svc``."""
        plain = word.lower()
        found = self._words.get(plain)
        if found is None and plain.count(".") > 1:
            name, _, group = plain.split(".", 2)
            found = self._words.get(f"{name}.{group}")
        if found is None and "." in plain:
            name, _, group = plain.partition(".")
            short = self._words.get(name)
            found = short if short is not None and short.group == group else None
        return found

    def near(self, word: str) -> str | None:
        """The nearest word that means a kind."""
        return nearest(word, list(self._words))


def group_of(api_version: str) -> str:
    """The group of ``group/version``; nothing for the core."""
    group, slash, _ = api_version.rpartition("/")
    return group if slash else ""


def custom(api_version: str, kind: str, plural: str = "", namespaced: bool = True) -> Kind:
    """A kind that nobody has defined, or that a definition has: kept as data."""
    word = plural or f"{kind.lower()}s"
    note = "a custom resource: it is kept, and no controller acts on it"
    return Kind(kind, word, api_version, namespaced, note=note)
