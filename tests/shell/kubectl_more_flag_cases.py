"""More pairs of lines for flags of kubectl: objects of files, parts of objects, lists of kinds."""

from __future__ import annotations

from kubectl_flag_cases import PAIRS, SHOP, _pair

FILES = {
    "kube/top/sub/shop.yaml": SHOP,
    "kube/env.txt": "A=1\n# no\nB=two\n",
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
_MAKES = {
    "create clusterrole": "new --verb get --resource pods",
    "create clusterrolebinding": "new --clusterrole view",
    "create ingress": "new --rule shop.io/=web:80",
    "create role": "new --verb get --resource pods",
    "create rolebinding": "new --role reader",
    "create secret docker-registry": "new --docker-username a --docker-password b",
    "create secret tls": "new --cert kube/key.txt --key kube/key.txt",
    "create service externalname": "new --external-name db.example.com",
    "set subject": "rolebinding admins --user ann",
}
"""Verbs that make what is not among the kinds that every probe shows, with the rest of a line."""
LINES = {f"kubectl {verb}": f"kubectl {verb} {{}} {rest}" for verb, rest in _MAKES.items()}
LINES["kubectl config set"] = "kubectl config set {} current-context near"
LINES["kubectl cluster-info dump"] = "kubectl cluster-info dump {}"
_SHOW = "-o yaml --dry-run client"


def _made(verb: str, flag: str, more: str, rest: str | None = None) -> None:
    """A flag that is to be seen in what a verb would make."""
    line = f"{verb} {_MAKES[verb] if rest is None else rest} {_SHOW}"
    _pair(verb, flag, line, f"{line} {more}")


for _verb in _MAKES:
    if _verb == "set subject":
        continue
    _pair(_verb, "--dry-run", f"{_verb} {_MAKES[_verb]}",
          f"{_verb} {_MAKES[_verb]} --dry-run client")  # fmt: skip
    _made(_verb, "--output", "-o json")
    _pair(_verb, "--context", f"{_verb} {_MAKES[_verb]}", f"{_verb} {_MAKES[_verb]} --context nope")
for _verb in ("create clusterrole", "create clusterrolebinding"):
    HARMLESS[f"kubectl {_verb}", "--namespace"] = "what it is about is in no namespace"
for _verb in ("create ingress", "create role", "create rolebinding", "create secret tls",
              "create secret docker-registry", "create service externalname"):  # fmt: skip
    _made(_verb, "--namespace", "-n elsewhere")
for _verb in ("create role", "create clusterrole"):
    _made(_verb, "--verb", "--verb list")
    _made(_verb, "--resource", "--resource deploy")
    _made(_verb, "--resource-name", "--resource-name web")
_made("create clusterrole", "--non-resource-url", "--non-resource-url /logs")
_made("create clusterrole", "--aggregation-rule", "--aggregation-rule a=b")
for _verb in ("create rolebinding", "create clusterrolebinding"):
    for _flag, _value in (("--user", "ann"), ("--group", "team"), ("--serviceaccount", "a:b")):
        _made(_verb, _flag, f"{_flag} {_value}")
_made("create rolebinding", "--role", "--role other")
_made("create rolebinding", "--clusterrole", "--clusterrole view", "new")
_made("create clusterrolebinding", "--clusterrole", "--clusterrole edit")
_made("create ingress", "--rule", "--rule b.io/=web:80")
_made("create ingress", "--default-backend", "--default-backend web:80")
_made("create ingress", "--class", "--class nginx")
_made("create ingress", "--annotation", "--annotation a=b")
for _flag, _value in (("server", "r.io"), ("username", "x"), ("password", "x"), ("email", "x")):
    _made("create secret docker-registry", f"--docker-{_flag}", f"--docker-{_flag} {_value}")
for _flag in ("--cert", "--key"):
    _made("create secret tls", _flag, f"{_flag} kube/conf.yaml")
_made("create service externalname", "--external-name", "--external-name x.io")
_made("create service externalname", "--tcp", "--tcp 80")
for _what in ("configmap", "secret generic"):
    _MAKES[f"create {_what}"] = "new"
    _made(f"create {_what}", "--from-env-file", "--from-env-file kube/env.txt")
_made("create secret generic", "--type", "--type example.com/x")
_BIND = "create rolebinding admins --role x --user bob"
_SUBJECT = f"{_BIND}; kubectl set subject rolebinding admins"
_SEE = "; kubectl get rolebinding admins -o yaml"
for _flag, _value in (("--user", "ann"), ("--group", "team"), ("--serviceaccount", "a:b")):
    _pair("set subject", _flag, f"{_SUBJECT} --user bob{_SEE}",
          f"{_SUBJECT} --user bob {_flag} {_value}{_SEE}")  # fmt: skip
_pair(
    "set subject", "--dry-run", f"{_SUBJECT} --user ann", f"{_SUBJECT} --user ann --dry-run client"
)
_pair("set subject", "--output", f"{_SUBJECT} --user ann", f"{_SUBJECT} --user ann -o name")
_pair("set subject", "--namespace", f"{_SUBJECT} --user ann", f"{_SUBJECT} --user ann -n elsewhere")
_pair("set subject", "--context", f"{_SUBJECT} --user ann", f"{_SUBJECT} --user ann --context far")
for _flag, _value, _other in (("--filename", "kube/shop.yaml", "-k kube/kust"),
                              ("--kustomize", "kube/kust", "-f kube/shop.yaml"),
                              ("--recursive", "-f kube/top", "-f kube/top")):  # fmt: skip
    _pair("set subject", _flag, f"set subject {_other} --user ann",
          f"set subject {_flag} {_value} --user ann")  # fmt: skip
    _pair("describe", _flag, f"describe {_other}", f"describe {_flag} {_value}")
_SET_ENV = "set env deploy/web --from configmap/conf"
_pair("set env", "--from", "set env deploy/web A=1", f"{_SET_ENV} A=1")
_pair("set env", "--keys", _SET_ENV, f"{_SET_ENV} --keys nothing")
_pair("set env", "--prefix", _SET_ENV, f"{_SET_ENV} --prefix P_")
_pair("set env", "--list", "set env deploy/web A=1", "set env deploy/web --list")
_pair("autoscale", "--memory", "autoscale deploy/web --max 3",
      "autoscale deploy/web --max 3 --memory 200Mi")  # fmt: skip
_PLAIN = f"expose pod lone --port 80 {_SHOW}"
for _flag, _value in (("--protocol", "UDP"), ("--selector", "a=b"), ("--labels", "a=b"),
                      ("--session-affinity", "ClientIP")):  # fmt: skip
    _pair("expose", _flag, _PLAIN, f"{_PLAIN} {_flag} {_value}")
_RUN = f"run new --image alpine --port 80 {_SHOW}"
for _flag, _value in (("--image-pull-policy", "Never"), ("--labels", "a=b"),
                      ("--overrides", '\'{"spec": {"hostNetwork": true}}\'')):  # fmt: skip
    _pair("run", _flag, _RUN, f"{_RUN} {_flag} {_value}")
_pair("run", "--expose", "run new --image alpine --port 80",
      "run new --image alpine --port 80 --expose")  # fmt: skip
_pair("run", "--quiet", "run new --image alpine", "run new --image alpine --quiet")
_pair("version", "--client", "version", "version --client")
_pair("version", "--output", "version", "version -o json")
_pair("explain", "--max-depth", "explain pod --recursive", "explain pod --recursive --max-depth 2")
_pair("explain", "--api-version", "explain deploy", "explain deploy --api-version v1")
_DUMP = "cluster-info dump"
_pair(_DUMP, "--namespaces", _DUMP, f"{_DUMP} --namespaces elsewhere")
_pair(_DUMP, "--namespace", _DUMP, f"{_DUMP} -n elsewhere")
_pair(_DUMP, "--all-namespaces", _DUMP, f"{_DUMP} -A")
_pair(_DUMP, "--context", _DUMP, f"{_DUMP} --context far")
_MAY = "auth can-i get pods"
_pair("auth can-i", "--as", _MAY, f"{_MAY} --as ann")
_pair("auth can-i", "--as-group", f"{_MAY} --as ann",
      f"{_MAY} --as ann --as-group system:masters")  # fmt: skip
__all__ = ["FILES", "HARMLESS", "LINES", "PAIRS"]
