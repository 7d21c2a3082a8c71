"""For each flag of kubectl and clusters a pair of lines, or the reason why it changes nothing."""

from __future__ import annotations

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - {name: web, image: "nginx:1.25", ports: [{containerPort: 80}]}
      - {name: side, image: alpine, command: [sh, -c, "echo side; sleep 100000"]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker, labels: {tier: back}}
spec:
  selector: {matchLabels: {app: worker}}
  template:
    metadata: {labels: {app: worker}}
    spec:
      containers: [{name: worker, image: alpine, command: [sleep, "100000"]}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: worker}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: worker}
  maxReplicas: 2
  metrics:
  - {type: External, external: {metric: {name: length}, target: {type: Value, value: 4}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: lone, labels: {app: lone}, annotations: {note: old}}
spec:
  terminationGracePeriodSeconds: 20
  containers:
  - {name: main, image: alpine, command: [sleep, "100000"]}
---
apiVersion: v1
kind: Pod
metadata: {name: crash, labels: {app: crash}}
spec:
  containers:
  - {name: main, image: alpine, command: [sh, -c, "echo begun; exit 3"]}
---
apiVersion: v1
kind: Pod
metadata: {name: scratch, labels: {app: scratch}}
spec:
  nodeName: node-2
  volumes: [{name: s, emptyDir: {}}]
  containers:
  - {name: main, image: alpine, command: [sleep, "100000"],
     volumeMounts: [{name: s, mountPath: /s}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      nodeSelector: {kubernetes.io/hostname: node-2}
      containers: [{name: agent, image: alpine, command: [sleep, "100000"]}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: alpine, command: ["true"]}]
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: NAME}
data: {color: COLOR}
"""
FILES = {
    "kube/shop.yaml": SHOP,
    "kube/other.yaml": SHOP.replace("node-2", "node-3")
    .replace("replicas: 2", "replicas: 1")
    .replace("old", "other"),
    "kube/deep/one.yaml": CONFIG.replace("NAME", "one"),
    "kube/deep/sub/two.yaml": CONFIG.replace("NAME", "two"),
    "kube/conf.yaml": CONFIG.replace("NAME", "conf").replace("COLOR", "red"),
    "kube/odd.yaml": CONFIG.replace("NAME", "conf") + "nonsense: 1\n",
    "kube/kust/kustomization.yaml": "resources: [conf.yaml]\nnamePrefix: built-\n",
    "kube/kust/conf.yaml": CONFIG.replace("NAME", "conf"),
    "kube/immutable.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker}\n"
    "spec:\n  selector: {matchLabels: {app: new}}\n  template:\n"
    "    metadata: {labels: {app: new}}\n    spec: {containers: [{name: w, image: alpine}]}\n",
    "kube/both.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    "spec:\n  selector: {app: web}\n  ports:\n"
    "  - {name: a, port: 80}\n  - {name: b, port: 80, protocol: UDP}\n",
    "kube/key.txt": "value of a file",
}
"""Two namespaces and two clusters hold objects of the same names, and yet differ."""
SETUP = (
    "cluster create near --nodes 2",
    "kubectl create namespace elsewhere",
    "kubectl create configmap conf --from-literal color=blue",
    "kubectl create configmap conf --from-literal color=blue -n elsewhere",
    "kubectl apply -f kube/shop.yaml",
    "kubectl apply -f kube/other.yaml -n elsewhere",
    "kubectl run here --image alpine -- sleep 100000",
    "advance 20s",
    "cluster create far --nodes 1 --profile k8s-1.31",
    "kubectl create namespace elsewhere",
    "kubectl create configmap conf --from-literal color=grey",
    "kubectl apply -f kube/other.yaml",
    "kubectl apply -f kube/shop.yaml -n elsewhere",
    "kubectl config set-context far --namespace elsewhere",
    "advance 30s",
    "kubectl set image deploy/web web=nginx:1.28 -n default",
    "kubectl set image deploy/web web=nginx:1.29 -n default",
    "kubectl config use-context near",
    "kubectl set image deploy/web web=nginx:1.27",
    "kubectl set image deploy/web web=nginx:1.28 -n elsewhere",
    "kubectl set image deploy/web web=nginx:1.29 -n elsewhere",
    "advance 15s",
)
CREATES = {
    "configmap": "new",
    "cronjob": "new --image alpine --schedule '0 1 * * *'",
    "deployment": "new --image nginx",
    "job": "new --image alpine",
    "namespace": "new",
    "poddisruptionbudget": "new --selector app=web --min-available 1",
    "priorityclass": "new --value 5",
    "quota": "new",
    "secret generic": "new",
    "service clusterip": "new --tcp 80",
    "service loadbalancer": "new --tcp 80",
    "service nodeport": "new --tcp 80",
    "serviceaccount": "new",
}
LINES = {
    **{
        f"kubectl create {what}": f"kubectl create {what} {{}} {rest}"
        for what, rest in CREATES.items()
    },
    "cluster rm": "cluster rm {} far",
    "kubectl apply set-last-applied": "kubectl apply set-last-applied {} -f kube/shop.yaml",
    "kubectl apply view-last-applied": "kubectl apply view-last-applied {} pod lone",
    "kubectl auth can-i": "kubectl auth can-i {} get pods",
    "kubectl cp": "kubectl cp {} kube/conf.yaml lone:/tmp/",
    "cluster autoscale": "cluster autoscale --cores 4 --memory 8g --prefix big- --boot 20s {}",
    "cluster create": "cluster create {} new",
    "cluster grow": "cluster grow {} 1",
    "cluster metric": "cluster metric {} length 5",
    "kubectl annotate": "kubectl annotate {} pod lone k=v",
    "kubectl apply": "kubectl apply {} -f kube/conf.yaml",
    "kubectl autoscale": "kubectl autoscale {} deploy/web --min 1 --max 3",
    "kubectl config set-context": "kubectl config set-context {} near",
    "kubectl cordon": "kubectl cordon {} node-1",
    "kubectl create": "kubectl create {} -f kube/deep/one.yaml",
    "kubectl delete": "kubectl delete {} pod lone",
    "kubectl describe": "kubectl describe {} pod lone",
    "kubectl diff": "kubectl diff {} -f kube/conf.yaml",
    "kubectl drain": "kubectl drain {} node-1",
    "kubectl edit": "kubectl edit {} configmap conf --from kube/conf.yaml",
    "kubectl exec": "kubectl exec {} deploy/web -- hostname",
    "kubectl explain": "kubectl explain {} pod.spec",
    "kubectl expose": "kubectl expose {} pod lone --port 80",
    "kubectl get": "kubectl get {} pods",
    "kubectl label": "kubectl label {} pod lone k=v",
    "kubectl logs": "kubectl logs {} deploy/web -c side --timestamps",
    "kubectl patch": """kubectl patch {} deploy web -p '{{"spec": {{"replicas": 3}}}}'""",
    "kubectl replace": "kubectl replace {} -f kube/conf.yaml",
    "kubectl rollout history": "kubectl rollout history {} deploy/web",
    "kubectl rollout pause": "kubectl rollout pause {} deploy/web",
    "kubectl rollout restart": "kubectl rollout restart {} deploy/web",
    "kubectl rollout resume": "kubectl rollout pause deploy/web; "
    "kubectl rollout resume {} deploy/web",
    "kubectl rollout status": "kubectl rollout status {} deploy/web",
    "kubectl rollout undo": "kubectl rollout undo {} deploy/web",
    "kubectl run": "kubectl run {} new --image alpine",
    "kubectl scale": "kubectl scale {} deploy/web --replicas 3",
    "kubectl set env": "kubectl set env {} deploy/web A=1",
    "kubectl set image": "kubectl set image {} deploy/web web=nginx:1.26",
    "kubectl set resources": "kubectl set resources {} deploy/web --requests cpu=200m",
    "kubectl set selector": "kubectl set selector {} service web app=lone",
    "kubectl set serviceaccount": "kubectl set serviceaccount {} deploy/web default",
    "kubectl taint": "kubectl taint {} nodes node-1 k=v:NoSchedule",
    "kubectl uncordon": "kubectl cordon node-1; kubectl uncordon {} node-1",
    "kubectl wait": "kubectl wait {} pod lone --for condition=Ready",
}
VALUES = {
    "kubectl --namespace": "elsewhere",
    "kubectl --context": "far -n default",
    "cluster --cluster": "far",
    "cluster --cores": "6",
    "cluster --memory": "20g",
    "cluster --zones": "2",
    "cluster --label": "k=v",
    "cluster --taint": "k=v:NoSchedule",
    "cluster --max-pods": "7",
    "cluster --price": "2",
    "cluster --prefix": "other-",
    "cluster create --profile": "k8s-1.31",
    "kubectl --dry-run": "client",
    "kubectl --output": "name",
    "kubectl apply --validate": "false",
    "kubectl autoscale --cpu-percent": "50",
    "kubectl autoscale --cpu": "50%",
    "kubectl autoscale --name": "other",
    "kubectl config view --output": "json",
    "kubectl apply view-last-applied --output": "json",
    "kubectl auth whoami --output": "json",
    "kubectl logs --limit-bytes": "7",
    "kubectl logs --since": "1s",
    "kubectl logs --since-time": "2026-01-01T01:00:00Z",
    "kubectl create configmap --from-literal": "a=b",
    "kubectl create configmap --from-file": "kube/key.txt",
    "kubectl create secret generic --from-literal": "a=b",
    "kubectl create secret generic --from-file": "kube/key.txt",
    "kubectl create cronjob --restart": "Never",
    "kubectl create deployment --replicas": "2",
    "kubectl create deployment --port": "80",
    "kubectl create quota --hard": "pods=3",
    "kubectl create quota --scopes": "BestEffort",
    "kubectl create priorityclass --description": "words",
    "kubectl create priorityclass --preemption-policy": "Never",
    "kubectl create service clusterip --clusterip": "None",
    "kubectl create service nodeport --node-port": "30007",
    "kubectl delete --cascade": "orphan",
    "kubectl delete --grace-period": "1",
    "kubectl delete --timeout": "1s",
    "kubectl delete --wait": "false",
    "kubectl describe --show-events": "false",
    "kubectl events --for": "pod/lone",
    "kubectl events --types": "Warning",
    "kubectl expose --target-port": "8080",
    "kubectl expose --type": "NodePort",
    "kubectl expose --name": "other",
    "kubectl expose --cluster-ip": "None",
    "kubectl get --output": "wide",
    "kubectl get --selector": "app=lone",
    "kubectl get --field-selector": "metadata.name=lone",
    "kubectl get --sort-by": ".metadata.uid",
    "kubectl get --label-columns": "app",
    "kubectl logs --tail": "0",
    "kubectl run --port": "80",
    "kubectl run --env": "A=1",
    "kubectl run --labels": "k=v",
    "kubectl run --restart": "Never",
    "kubectl run --annotations": "k=v",
    "kubectl set env --containers": "side",
    "kubectl set resources --containers": "side",
    "kubectl top pod --selector": "app=lone",
}


def value_of(verb: str, name: str) -> str | None:
    """The value of a flag: for this verb, for verbs that begin alike, or for all of the tool."""
    words = verb.split()
    starts = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((VALUES[key] for one in starts if (key := f"{one} {name}") in VALUES), None)


PAIRS: dict[tuple[str, str], tuple[str, str]] = {}
_SELECTED = {
    "annotate": ("annotate", "pod", "lone", "k=v"),
    "label": ("label", "pod", "lone", "k=v"),
    "delete": ("delete", "pod", "lone", ""),
    "describe": ("describe", "pod", "lone", ""),
    "wait": ("wait", "pod", "lone", "--for condition=Ready"),
    "scale": ("scale", "deploy", "web", "--replicas 3"),
    "set env": ("set env", "deploy", "web", "A=1"),
    "set image": ("set image", "deploy", "web", "*=nginx:1.26"),
    "set resources": ("set resources", "deploy", "web", "--requests cpu=200m"),
    "taint": ("taint", "node", "node-1", "k=v:NoSchedule"),
    "cordon": ("cordon", "", "node-1", ""),
    "uncordon": ("cordon node-1; kubectl uncordon", "", "nosuch", ""),
    "drain": ("drain", "", "node-2", "--ignore-daemonsets --force --delete-emptydir-data"),
    "rollout status": ("rollout status", "deploy", "web", ""),
}
"""Verbs of one object by name, which a selector, or all, take instead."""
_HOST = "kubernetes.io/hostname=node-2"
_LABELS = {
    "scale": "tier=back", "set env": "tier=back", "set image": "tier=back",
    "set resources": "tier=back", "rollout status": "tier=none",
    "taint": _HOST, "cordon": _HOST, "drain": "kubernetes.io/hostname=node-1",
    "uncordon": "kubernetes.io/hostname=node-1",
}  # fmt: skip
for _verb, (_words, _kind, _name, _rest) in _SELECTED.items():
    _without = f"kubectl {_words} {_kind} {_name} {_rest}"
    _label = _LABELS.get(_verb, "app=web")
    PAIRS[f"kubectl {_verb}", "--selector"] = (
        _without,
        f"kubectl {_words} {_kind} --selector {_label} {_rest}",
    )
    if _verb in ("cordon", "uncordon", "drain", "describe", "rollout status"):
        continue
    PAIRS[f"kubectl {_verb}", "--all"] = (_without, f"kubectl {_words} {_kind} --all {_rest}")
_DRAIN = "kubectl drain node-2"
_MANY = "kubectl logs deploy/web"


def _pair(verb: str, flag: str, without: str, with_: str) -> None:
    PAIRS[f"kubectl {verb}", flag] = (f"kubectl {without}", f"kubectl {with_}")


_pair(
    "annotate",
    "--overwrite",
    "annotate pod lone note=new",
    "annotate pod lone note=new --overwrite",
)
_pair("label", "--overwrite", "label pod lone app=new", "label pod lone app=new --overwrite")
_pair(
    "taint",
    "--overwrite",
    "taint node node-1 k=v:NoSchedule; kubectl taint node node-1 k=w:NoSchedule",
    "taint node node-1 k=v:NoSchedule; kubectl taint node node-1 k=w:NoSchedule --overwrite",
)
for _verb in ("apply", "create", "delete", "diff", "replace"):
    _pair(_verb, "--filename", f"{_verb} -k kube/kust", f"{_verb} --filename kube/conf.yaml")
    _pair(_verb, "--kustomize", f"{_verb} -f kube/conf.yaml", f"{_verb} --kustomize kube/kust")
    _pair(_verb, "--recursive", f"{_verb} -f kube/deep", f"{_verb} --recursive -f kube/deep")
for _verb in ("apply", "create", "replace"):
    _odd = f"{_verb} -f kube/odd.yaml"
    _pair(_verb, "--validate", _odd, f"{_odd} --validate false")
_pair("get", "--filename", "get pods", "get --filename kube/conf.yaml")
_pair("get", "--kustomize", "get pods", "get --kustomize kube/kust")
_pair("get", "--recursive", "get -f kube/deep", "get --recursive -f kube/deep")
_pair("get", "--ignore-not-found", "get pod nosuch", "get pod nosuch --ignore-not-found")
_pair("get", "--watch", "get pods", "get pods --watch")
_pair("delete", "--ignore-not-found", "delete pod nosuch", "delete pod nosuch --ignore-not-found")
_pair("delete", "--all-namespaces", "delete pods --all", "delete pods --all --all-namespaces")
_pair("delete", "--cascade", "delete deploy web", "delete deploy web --cascade orphan")
_pair(
    "delete",
    "--force",
    "delete pod lone --grace-period 0",
    "delete pod lone --grace-period 0 --force",
)
_pair("describe", "--all-namespaces", "describe pods", "describe pods --all-namespaces")
_pair("logs", "--previous", "logs lone", "logs lone --previous")
_pair("logs", "--container", _MANY[8:], f"{_MANY[8:]} --container side")
_pair("logs", "--all-containers", _MANY[8:], f"{_MANY[8:]} --all-containers")
_pair("logs", "--timestamps", "logs crash", "logs crash --timestamps")
_pair("logs", "--selector", "logs lone", "logs --selector app=crash")
_pair(
    "exec",
    "--container",
    "exec deploy/web -- cat /etc/os-release",
    "exec deploy/web --container side -- cat /etc/os-release",
)
_pair("explain", "--recursive", "explain pod.spec", "explain pod.spec --recursive")
_pair(
    "scale",
    "--current-replicas",
    "scale deploy/web --replicas 3",
    "scale deploy/web --replicas 3 --current-replicas 7",
)
_pair("scale", "--replicas", "scale deploy/web --replicas 3", "scale deploy/web --replicas 4")
_pair(
    "set resources",
    "--requests",
    "set resources deploy/web --limits cpu=300m",
    "set resources deploy/web --limits cpu=300m --requests cpu=200m",
)
_pair(
    "set resources",
    "--limits",
    "set resources deploy/web --requests cpu=300m",
    "set resources deploy/web --requests cpu=300m --limits cpu=300m",
)
_pair(
    "rollout history",
    "--revision",
    "rollout history deploy/web",
    "rollout history deploy/web --revision 1",
)
_pair(
    "rollout undo",
    "--to-revision",
    "set image deploy/web web=nginx:1.26; kubectl rollout undo deploy/web",
    "set image deploy/web web=nginx:1.26; kubectl rollout undo deploy/web --to-revision 1",
)
_pair(
    "rollout status",
    "--timeout",
    "set image deploy/web web=nosuch; kubectl rollout status deploy/web",
    "set image deploy/web web=nosuch; kubectl rollout status deploy/web --timeout 5s",
)
_pair(
    "wait",
    "--for",
    "wait pod lone --for condition=Ready",
    "wait pod lone --for delete --timeout 1s",
)
_pair(
    "wait",
    "--timeout",
    "wait pod crash --for condition=Ready",
    "wait pod crash --for condition=Ready --timeout 2s",
)
_pair(
    "patch",
    "--patch",
    "patch deploy web",
    """patch deploy web --patch '{"spec": {"replicas": 3}}'""",
)
_pair(
    "patch",
    "--type",
    """patch deploy web -p '{"spec": {"replicas": 3}}'""",
    """patch deploy web --type json -p '[{"op": "remove", "path": "/metadata/labels/tier"}]'""",
)
_pair("edit", "--from", "edit configmap conf", "edit configmap conf --from kube/conf.yaml")
_pair(
    "drain",
    "--ignore-daemonsets",
    "drain node-2 --force --delete-emptydir-data",
    "drain node-2 --force --delete-emptydir-data --ignore-daemonsets",
)
_pair(
    "drain",
    "--force",
    "drain node-2 --ignore-daemonsets --delete-emptydir-data",
    "drain node-2 --ignore-daemonsets --delete-emptydir-data --force",
)
_pair(
    "drain",
    "--delete-emptydir-data",
    "drain node-2 --ignore-daemonsets --force",
    "drain node-2 --ignore-daemonsets --force --delete-emptydir-data",
)
_ALL_OF_IT = "--ignore-daemonsets --force --delete-emptydir-data"
_pair(
    "drain",
    "--grace-period",
    f"drain node-2 {_ALL_OF_IT}",
    f"drain node-2 {_ALL_OF_IT} --grace-period 1",
)
_pair("drain", "--timeout", f"drain node-2 {_ALL_OF_IT}", f"drain node-2 {_ALL_OF_IT} --timeout 1s")
_BUDGET = "create pdb all --selector app=web --min-available 2"
_pair(
    "drain",
    "--disable-eviction",
    f"{_BUDGET}; kubectl drain node-1 {_ALL_OF_IT} --timeout 5s",
    f"{_BUDGET}; kubectl drain node-1 {_ALL_OF_IT} --timeout 5s --disable-eviction",
)
_pair(
    "create job", "--from", "create job new --image alpine", "create job new --from cronjob/nightly"
)
_pair("create job", "--image", "create job new", "create job new --image nginx")
_pair(
    "create deployment", "--image", "create deployment new", "create deployment new --image nginx"
)
_pair(
    "create cronjob",
    "--image",
    "create cronjob new --schedule '0 1 * * *'",
    "create cronjob new --schedule '0 1 * * *' --image nginx",
)
_pair(
    "create cronjob",
    "--schedule",
    "create cronjob new --image nginx",
    "create cronjob new --image nginx --schedule '0 1 * * *'",
)
_pair(
    "create service clusterip",
    "--tcp",
    "create service clusterip new",
    "create service clusterip new --tcp 80",
)
_pair(
    "create service loadbalancer",
    "--tcp",
    "create service loadbalancer new",
    "create service loadbalancer new --tcp 80",
)
_pair(
    "create service nodeport",
    "--tcp",
    "create service nodeport new",
    "create service nodeport new --tcp 80",
)
_pair(
    "create poddisruptionbudget",
    "--selector",
    "create pdb new --min-available 1",
    "create pdb new --min-available 1 --selector app=web",
)
_pair(
    "create poddisruptionbudget",
    "--min-available",
    "create pdb new --selector app=web",
    "create pdb new --selector app=web --min-available 1",
)
_pair(
    "create poddisruptionbudget",
    "--max-unavailable",
    "create pdb new --selector app=web",
    "create pdb new --selector app=web --max-unavailable 1",
)
_pair(
    "run",
    "--command",
    "run new --image alpine -- sleep 99",
    "run new --image alpine --command -- sleep 99",
)
_pair("run", "--image", "run new", "run new --image alpine")
_pair("expose", "--port", "expose pod lone", "expose pod lone --port 80")
_pair(
    "config set-context",
    "--namespace",
    "config set-context near; kubectl get pods",
    "config set-context near --namespace elsewhere; kubectl get pods",
)
_pair(
    "config set-context",
    "--current",
    "config set-context --namespace elsewhere",
    "config set-context --current --namespace elsewhere",
)
_pair("autoscale", "--min", "autoscale deploy/web --max 3", "autoscale deploy/web --max 3 --min 2")
_pair("autoscale", "--max", "autoscale deploy/web", "autoscale deploy/web --max 3")
_pair("create priorityclass", "--value", "create pc new", "create pc new --value 5")
_pair("diff", "--server-side", "diff -f kube/both.yaml", "diff --server-side -f kube/both.yaml")
_pair(
    "rollout status",
    "--namespace",
    "rollout restart deploy/web; kubectl rollout status deploy/web",
    "rollout restart deploy/web; kubectl rollout status deploy/web -n elsewhere",
)
_pair(
    "rollout status",
    "--context",
    "rollout restart deploy/web; kubectl rollout status deploy/web",
    "rollout restart deploy/web; kubectl rollout status deploy/web --context far",
)
_pair(
    "top pod",
    "--sort-by",
    "get pods; advance 60s; kubectl top pod",
    "get pods; advance 60s; kubectl top pod --sort-by memory",
)
_pair("top node", "--context", "top node", "top node --context far")
for _flag in ("--namespace elsewhere", "--context far"):
    _pair(
        "wait",
        _flag.split()[0],
        "wait pod here --for condition=Ready",
        f"wait pod here --for condition=Ready {_flag}",
    )
for _verb, _words in {"cordon": "cordon", "uncordon": "uncordon", "drain": "drain",
                      "taint": "taint node"}.items():  # fmt: skip
    _rest = "k=v:NoSchedule" if _verb == "taint" else ""
    _pair(_verb, "--context", f"{_words} node-1 {_rest}", f"{_words} --context far node-3 {_rest}")
PAIRS["cluster metric", "--error"] = (
    "cluster metric length 5; advance 20s", "cluster metric length --error broken; advance 20s"
)  # fmt: skip
_GROUP = "cluster autoscale --prefix big- --cores 2 --memory 2g --min 0 --boot 30s --priority 9"
_SMALL = "cluster autoscale --prefix small- --cores 4 --memory 8g --min 0 --boot 30s --priority 5"
_NEED = (
    "kubectl create deployment big --image nginx --replicas 12; "
    "kubectl set resources deploy/big --requests cpu=1; advance 5m"
)
PAIRS["cluster autoscale", "--expander"] = (
    f"{_GROUP}; {_SMALL}; {_NEED}", f"{_GROUP}; {_SMALL} --expander priority; {_NEED}"
)  # fmt: skip
PAIRS["cluster autoscale", "--priority"] = (
    f"{_GROUP}; {_SMALL} --expander priority; {_NEED}",
    f"{_GROUP}; {_SMALL} --expander priority --priority 20; {_NEED}",
)
PAIRS["cluster autoscale", "--prefix"] = (
    "cluster autoscale --cores 2 --memory 2g",
    "cluster autoscale --cores 2 --memory 2g --prefix big-",
)
PAIRS["cluster autoscale", "--boot"] = (
    f"cluster autoscale; {_NEED}",
    f"cluster autoscale --boot 20s; {_NEED}",
)
PAIRS["cluster autoscale", "--min"] = ("cluster autoscale", "cluster autoscale --min 4; advance 5m")
PAIRS["cluster autoscale", "--set"] = (
    f"cluster autoscale; {_NEED}; kubectl delete deployment big; advance 20m",
    f"cluster autoscale --set scale-down-enabled=false; {_NEED}; kubectl delete deployment big; "
    "advance 20m",
)
PAIRS["cluster autoscale", "--max"] = (
    f"cluster autoscale; {_NEED}",
    f"cluster autoscale --max 3; {_NEED}",
)
_ASK = "run ask --image busybox --restart Never -- hostname"
_pair("run", "--attach", _ASK, _ASK.replace("run", "run --attach"))
_pair("run", "--stdin", _ASK, _ASK.replace("run", "run --stdin"))
_pair("run", "--tty", _ASK, _ASK.replace("run", "run --tty"))
_pair("run", "--rm", _ASK.replace("run", "run --attach"), _ASK.replace("run", "run --attach --rm"))
PAIRS["why", "--namespace"] = ("why pod/here", "why pod/here --namespace elsewhere")
_MINE = "apply --server-side -f kube/conf.yaml"
_pair("apply", "--force-conflicts", _MINE, f"{_MINE} --force-conflicts")
_pair("apply", "--server-side", "apply -f kube/both.yaml", "apply --server-side -f kube/both.yaml")
_pair("apply", "--field-manager", f"{_MINE} --force-conflicts",
      f"{_MINE} --force-conflicts --field-manager ci; kubectl {_MINE}")  # fmt: skip
for _verb in ("create", "replace"):
    _file = "deep/one" if _verb == "create" else "conf"
    _see = f"kubectl get cm {_file.rpartition('/')[2]} --show-managed-fields -o yaml"
    _made = f"{_verb} -f kube/{_file}.yaml"
    _pair(_verb, "--field-manager", f"{_made}; {_see}", f"{_made} --field-manager ci; {_see}")
_pair("apply", "--force", "apply -f kube/immutable.yaml", "apply -f kube/immutable.yaml --force")
_pair("replace", "--force", "replace -f kube/immutable.yaml",
      "replace -f kube/immutable.yaml --force")  # fmt: skip
_PRUNE = "apply -f kube/conf.yaml"
_pair("apply", "--prune", f"{_PRUNE} -l tier=back", f"{_PRUNE} -l tier=back --prune")
_pair("apply", "--all", "apply -f kube/conf.yaml --prune", "apply -f kube/conf.yaml --prune --all")
_pair("apply", "--prune-allowlist", "apply -f kube/conf.yaml --prune --all",
      "apply -f kube/conf.yaml --prune --all --prune-allowlist core/v1/Service")  # fmt: skip
_pair("apply", "--selector", "apply -f kube/other.yaml", "apply -f kube/other.yaml -l app=lone")
_pair("create", "--selector", "create -f kube/deep/one.yaml",
      "create -f kube/deep/one.yaml -l app=lone")  # fmt: skip
_pair("delete", "--field-selector", "delete pod lone",
      "delete pod --field-selector metadata.name=here")  # fmt: skip
_pair("get", "--show-managed-fields", "get deploy web -o yaml",
      "get deploy web -o yaml --show-managed-fields")  # fmt: skip
_pair("events", "--watch", "events", "events --watch")
_pair("events", "--output", "events", "events -o wide")
_pair("label", "--list", "label pod lone k=v", "label pod lone --list")
_pair("annotate", "--list", "annotate pod lone k=v", "annotate pod lone --list")
_pair("patch", "--patch-file", "patch configmap conf", "patch configmap conf --patch-file "
      "kube/conf.yaml")  # fmt: skip
for _verb in ("pause", "resume", "restart", "undo"):
    _first = "rollout pause deploy/web; kubectl " if _verb == "resume" else ""
    _pair(f"rollout {_verb}", "--selector", f"{_first}rollout {_verb} deploy/worker",
          f"{_first}rollout {_verb} deploy --selector tier=front")  # fmt: skip
_pair("logs", "--follow", "logs crash", "logs here --follow")
_pair("logs", "--prefix", "logs crash", "logs crash --prefix")
_pair("logs", "--limit-bytes", "logs crash", "logs crash --limit-bytes 3")
_pair("logs", "--since", "logs crash", "logs crash --since 1ms")
_pair("logs", "--since-time", "logs crash", "logs crash --since-time 2026-01-02T00:00:00Z")
_pair("logs", "--all-pods", "logs deploy/web -c side --prefix",
      "logs deploy/web -c side --prefix --all-pods")  # fmt: skip
_pair("logs", "--max-log-requests", "logs -f -l tier!=x --all-containers",
      "logs -f -l tier!=x --all-containers --max-log-requests 2")  # fmt: skip
_PENDING = "run never --image nosuch; kubectl logs -l run=never"
_pair("logs", "--ignore-errors", _PENDING, f"{_PENDING} --ignore-errors")
_pair("config get-contexts", "--output", "config get-contexts", "config get-contexts -o name")
_pair("config view", "--context", "config view --minify", "config view --minify --context far")
_COPY = "cp kube/conf.yaml lone:/tmp/"
_LOOK = "kubectl exec lone -- ls /tmp"
_pair("cp", "--container", _COPY, f"{_COPY} --container nosuch")
_pair("cp", "--namespace", f"{_COPY}; {_LOOK}", f"{_COPY} --namespace elsewhere; {_LOOK}")
_pair("cp", "--context", f"{_COPY}; {_LOOK}", f"{_COPY} --context far; {_LOOK}")
_pair("cluster-info", "--context", "cluster-info", "cluster-info --context far")
_pair("auth can-i", "--list", "auth can-i get pods", "auth can-i --list")
_LAST = "apply view-last-applied"
for _verb, _rest in ((_LAST, ""), ("apply set-last-applied", " --create-annotation"),
                     ("wait", " --for create --timeout 0s")):  # fmt: skip
    _pair(_verb, "--filename", f"{_verb} -k kube/kust{_rest}",
          f"{_verb} --filename kube/shop.yaml{_rest}")  # fmt: skip
    _pair(_verb, "--kustomize", f"{_verb} -f kube/shop.yaml{_rest}",
          f"{_verb} --kustomize kube/kust{_rest}")  # fmt: skip
    _pair(_verb, "--recursive", f"{_verb} -f kube/deep{_rest}",
          f"{_verb} --recursive -f kube/deep{_rest}")  # fmt: skip
_pair("apply view-last-applied", "--recursive", "apply -R -f kube/deep; kubectl apply "
      "view-last-applied -f kube/deep", "apply -R -f kube/deep; kubectl apply view-last-applied "
      "--recursive -f kube/deep")  # fmt: skip
_pair("apply set-last-applied", "--create-annotation", "apply set-last-applied -f kube/conf.yaml",
      "apply set-last-applied -f kube/conf.yaml --create-annotation")  # fmt: skip
_pair(_LAST, "--selector", f"{_LAST} pod lone", f"{_LAST} pod --selector app=crash")
_pair(_LAST, "--all", f"{_LAST} deploy web", f"{_LAST} deploy --all")
_pair("wait", "--all-namespaces", "wait deploy --all --for condition=Available",
      "wait deploy --all --for condition=Available -A")  # fmt: skip
_pair("wait", "--field-selector", "wait pod lone --for condition=Ready",
      "wait pod --field-selector metadata.name=here --for condition=Ready")  # fmt: skip
_SEEN = "get pods; advance 60s; kubectl top"
_pair("top pod", "--sum", f"{_SEEN} pod", f"{_SEEN} pod --sum")
_pair("top pod", "--no-headers", f"{_SEEN} pod", f"{_SEEN} pod --no-headers")
_pair("top pod", "--field-selector", f"{_SEEN} pod",
      f"{_SEEN} pod --field-selector spec.nodeName=node-2")  # fmt: skip
_pair("top node", "--sort-by", f"{_SEEN} node", f"{_SEEN} node --sort-by nothing")
_pair("top node", "--no-headers", f"{_SEEN} node", f"{_SEEN} node --no-headers")
_pair("top node", "--selector", f"{_SEEN} node", f"{_SEEN} node --selector {_HOST}")
PROBES: dict[str, tuple[str, ...]] = {
    "cluster": (
        "cluster ls", "kubectl get nodes -o json", "kubectl get nodes -o yaml --context far",
        "cost",
        "kubectl create deployment big --image nginx --replicas 3; "
        "kubectl set resources deploy/big --requests cpu=3; advance 5m",
        "kubectl get nodes -o json", "kubectl get nodes -o yaml --context far", "cost", "events",
    ),
    "kubectl": (
        "kubectl get all,hpa,cm,quota,pdb,nodes -A -o json",
        "kubectl get all,hpa,cm,quota,pdb,nodes -A -o json --context far",
        "kubectl get secrets,priorityclasses,serviceaccounts,namespaces -A -o json",
        "advance 20s",
        "kubectl get pods -A -o json",
    ),
}  # fmt: skip
"""Looks at all that a line may have done, by tool."""
HARMLESS: dict[tuple[str, str], str] = {}
for _verb in ("cordon", "uncordon", "drain", "taint", "top node", "create namespace", "version",
              "create priorityclass", "api-resources", "api-versions", "explain"):  # fmt: skip
    HARMLESS[f"kubectl {_verb}", "--namespace"] = "what it is about is in no namespace"
for _flag in ("--namespace", "--all-namespaces", "--subresource", "--context"):
    HARMLESS["kubectl auth can-i", _flag] = "everything is allowed everywhere"
HARMLESS["kubectl auth whoami", "--namespace"] = "who asks is in no namespace"
HARMLESS["kubectl auth whoami", "--context"] = "the same person made all clusters"
for _verb in ("api-resources", "api-versions", "explain"):
    HARMLESS[f"kubectl {_verb}", "--context"] = "clusters of all profiles know the same kinds"
for _flag in ("--stdin", "--tty"):
    HARMLESS["kubectl exec", _flag] = (
        "a command in a container is given no input, and prints the same with a terminal"
    )
