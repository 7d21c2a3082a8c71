"""More pairs of lines for flags of kubectl: objects of files, parts of objects, lists of kinds."""

from __future__ import annotations

from kubectl_flag_cases import PAIRS, SHOP, _pair

FILES = {
    "kube/top/sub/shop.yaml": SHOP,
    "kube/columns.txt": "N\n.metadata.name\n",
}
_OF_FILES = {
    "annotate": "k=v",
    "autoscale": "--max 3",
    "expose": "--port 80 --name other",
    "label": "k=v",
    "patch": '-p \'{"metadata": {"labels": {"a": "b"}}}\'',
    "rollout history": "",
    "rollout pause": "",
    "rollout restart": "",
    "rollout resume": "",
    "rollout status": "",
    "rollout undo": "",
    "scale": "--replicas 3",
    "set env": "A=1",
    "set image": "*=nginx:1.26",
    "set resources": "--requests cpu=200m",
    "set selector": "app=other",
    "set serviceaccount": "default",
}
"""Verbs that take what they mean from files, with the rest of their lines."""
for _verb, _rest in _OF_FILES.items():
    _pair(_verb, "--filename", f"{_verb} -k kube/kust {_rest}",
          f"{_verb} --filename kube/shop.yaml {_rest}")  # fmt: skip
    _pair(_verb, "--kustomize", f"{_verb} -f kube/shop.yaml {_rest}",
          f"{_verb} --kustomize kube/kust {_rest}")  # fmt: skip
    _pair(_verb, "--recursive", f"{_verb} -f kube/top {_rest}",
          f"{_verb} --recursive -f kube/top {_rest}")  # fmt: skip

_pair("annotate", "--v", "annotate pod lone k=v", "annotate pod lone k=v --v 6")
_pair("get", "--template", "get pods", "get pods --template '{{len .items}}'")
_SCALE = "deploy web --subresource scale"
_pair("get", "--subresource", "get deploy web", f"get {_SCALE}")
_pair("patch", "--subresource", "patch deploy web -p '{\"spec\": {\"replicas\": 3}}'",
      f"patch {_SCALE} -p '{{\"spec\": {{\"replicas\": 3}}}}'")  # fmt: skip
_LIST = "api-resources"
_pair(_LIST, "--output", _LIST, f"{_LIST} -o wide")
_pair(_LIST, "--namespaced", _LIST, f"{_LIST} --namespaced false")
_pair(_LIST, "--api-group", _LIST, f"{_LIST} --api-group apps")
_pair(_LIST, "--verbs", _LIST, f"{_LIST} --verbs frob")
_pair(_LIST, "--categories", _LIST, f"{_LIST} --categories all")
_pair(_LIST, "--sort-by", _LIST, f"{_LIST} --sort-by kind")
_pair(_LIST, "--no-headers", _LIST, f"{_LIST} --no-headers")
_STATUS = "rollout restart deploy/web; kubectl rollout status deploy/web"
_pair("rollout status", "--watch", _STATUS, f"{_STATUS} --watch=false")
HARMLESS = {
    ("kubectl config view", "--raw"): "there are no secrets in it",
    ("kubectl config view", "--flatten"): "there are no keys in it",
}
__all__ = ["FILES", "HARMLESS", "PAIRS"]
