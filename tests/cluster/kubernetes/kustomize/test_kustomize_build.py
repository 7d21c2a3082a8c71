"""Kustomizations as people write them are built into what kubectl would apply."""

from __future__ import annotations

import pytest
import yaml

from simulator.cluster.kubernetes.kustomize.building import build
from simulator.cluster.kubernetes.kustomize.generators import hash_of
from simulator.cluster.kubernetes.kustomize.spec import BuildError
from simulator.errors import DrydockError

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: runner
      containers:
      - name: app
        image: registry.local:5000/shop/web:1.0
        envFrom: [{configMapRef: {name: cfg}}]
        env: [{name: P, valueFrom: {secretKeyRef: {name: pw, key: p}}}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: runner}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - http:
      paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
"""
BASE = """\
resources: [web.yaml, service.yaml]
configMapGenerator: [{name: cfg, literals: [FOO=Bar]}]
secretGenerator: [{name: pw, literals: [p=x]}]
"""


@pytest.fixture
def tree(tmp_path):
    def made(files):
        every = {"base/web.yaml": WEB, "base/service.yaml": SERVICE,
                 "base/kustomization.yaml": BASE, **files}  # fmt: skip
        for name, text in every.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return made


def built(folder):
    return {
        (one.data["kind"], one.data["metadata"]["name"]): one.data
        for one, _ in build(folder, folder.name).documents
    }


def of(found, kind):
    return next(data for (word, _), data in found.items() if word == kind)


def over(tree, text, **more):
    folder = tree({"over/kustomization.yaml": f"resources: [../base]\n{text}", **more})
    return built(folder / "over")


# --- hashes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{kind: ConfigMap}", "6ct58987ht"),
        ('{kind: ConfigMap, data: {one: ""}}', "9g67k2htb6"),
        ('{kind: ConfigMap, data: {two: 2, one: "", three: 3}}', "7757f9kkct"),
        ('{kind: ConfigMap, binaryData: {one: ""}}', "6mtk2m274t"),
        ('{kind: ConfigMap, data: {one: ""}, binaryData: {two: ""}}', "698h7c7t9m"),
        ("{kind: Secret, type: my-type}", "5gmgkf8578"),
        ('{kind: Secret, type: my-type, data: {one: ""}}', "74bd68bm66"),
        ('{kind: Secret, type: my-type, data: {two: 2, one: "", three: 3}}', "4gf75c7476"),
        ('{kind: ConfigMap, metadata: {name: example-configmap-2}, data: {FOO: Bar}}',
         "g2hdhfc6tk"),
    ],
)  # fmt: skip
def test_the_hash_of_a_map_is_the_real_one(text, expected):
    assert hash_of(yaml.safe_load(text)) == expected


def test_names_with_hashes_are_followed_in_pods(tree):
    found = built(tree({}) / "base")
    container = of(found, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    config = of(found, "ConfigMap")["metadata"]["name"]
    assert config.startswith("cfg-")
    assert container["envFrom"][0]["configMapRef"]["name"] == config
    secret = of(found, "Secret")["metadata"]["name"]
    assert container["env"][0]["valueFrom"]["secretKeyRef"]["name"] == secret


def test_a_generator_that_may_not_hash_keeps_its_name(tree):
    found = over(tree, "", **{"base/kustomization.yaml": BASE + (
        "generatorOptions: {disableNameSuffixHash: true, labels: {made: 'yes'}}\n")})  # fmt: skip
    assert ("ConfigMap", "cfg") in found
    assert found["ConfigMap", "cfg"]["metadata"]["labels"] == {"made": "yes"}


def test_a_map_of_a_base_is_merged_into_and_hashed_anew(tree):
    merged = "configMapGenerator: [{name: cfg, behavior: merge, literals: [MORE=1]}]"
    before = of(built(tree({}) / "base"), "ConfigMap")["metadata"]["name"]
    config = of(over(tree, merged), "ConfigMap")
    assert config["data"] == {"FOO": "Bar", "MORE": "1"}
    assert config["metadata"]["name"] != before


def test_files_and_lines_are_sources_of_maps(tree):
    text = """\
configMapGenerator:
- {name: f, files: [a.txt, key=a.txt, b.bin], envs: [e.env]}
"""
    folder = tree({"over/kustomization.yaml": text, "over/a.txt": "hi\n",
                   "over/e.env": "# no\nA=1\n\nB=2=3\nC\n"})  # fmt: skip
    (folder / "over/b.bin").write_bytes(b"\xff\x00")
    config = of(built(folder / "over"), "ConfigMap")
    assert config["data"] == {"a.txt": "hi\n", "key": "hi\n", "A": "1", "B": "2=3", "C": ""}
    assert config["binaryData"] == {"b.bin": "/wA="}


# --- names and namespaces -------------------------------------------------------------------------


def test_a_prefix_is_followed_by_all_that_name_the_object(tree):
    found = over(tree, "namePrefix: p-\nnameSuffix: -s\nnamespace: shop")
    pod = found["Deployment", "p-web-s"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "p-runner-s"
    target = of(found, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert target["name"] == "p-web-s"
    backend = of(found, "Ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]
    assert backend["service"]["name"] == "p-web-s"
    assert {data["metadata"]["namespace"] for data in found.values()} == {"shop"}
    assert of(found, "ConfigMap")["metadata"]["name"].startswith("p-cfg-s-")


def test_the_same_base_twice_keeps_its_names_apart(tree):
    folder = tree({
        "a/kustomization.yaml": "resources: [../base]\nnamePrefix: a-\n",
        "b/kustomization.yaml": "resources: [../base]\nnamePrefix: b-\n",
        "all/kustomization.yaml": "resources: [../a, ../b]\nnameSuffix: -x\n",
    })  # fmt: skip
    found = built(folder / "all")
    for letter in "ab":
        spec = found["Deployment", f"{letter}-web-x"]["spec"]["template"]["spec"]
        assert spec["serviceAccountName"] == f"{letter}-runner-x"


def test_kinds_without_a_namespace_get_none(tree):
    text = """\
resources: [r.yaml]
namespace: shop
namePrefix: p-
"""
    objects = """\
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects: [{kind: ServiceAccount, name: default}]
---
{apiVersion: v1, kind: Namespace, metadata: {name: old}}
"""
    found = built(tree({"o/kustomization.yaml": text, "o/r.yaml": objects}) / "o")
    assert "namespace" not in found["ClusterRole", "p-r"]["metadata"]
    binding = found["ClusterRoleBinding", "p-b"]
    assert binding["roleRef"]["name"] == "p-r"
    assert binding["subjects"][0]["namespace"] == "shop"
    assert ("Namespace", "shop") in found


# --- labels, images, replicas ---------------------------------------------------------------------


def test_labels_go_where_their_flags_say(tree):
    plain = over(tree, "labels: [{pairs: {a: b}}]")
    assert plain["Deployment", "web"]["metadata"]["labels"] == {"app": "web", "a": "b"}
    assert plain["Service", "web"]["spec"]["selector"] == {"app": "web"}
    template = over(tree, "labels: [{pairs: {a: b}, includeTemplates: true}]")
    inner = template["Deployment", "web"]["spec"]["template"]["metadata"]["labels"]
    assert inner == {"app": "web", "a": "b"}
    both = over(tree, "labels: [{pairs: {a: b}, includeSelectors: true}]")
    assert both["Service", "web"]["spec"]["selector"] == {"app": "web", "a": "b"}
    deployment = both["Deployment", "web"]["spec"]
    assert deployment["selector"]["matchLabels"] == {"app": "web", "a": "b"}
    assert over(tree, "commonLabels: {a: b}") == both


def test_annotations_are_on_objects_and_on_pods(tree):
    found = over(tree, "commonAnnotations: {a: b}")["Deployment", "web"]
    assert found["metadata"]["annotations"] == {"a": "b"}
    assert found["spec"]["template"]["metadata"]["annotations"] == {"a": "b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("newTag: '2'", "registry.local:5000/shop/web:2"),
        ("newName: other/web", "other/web:1.0"),
        ("newName: o, newTag: '2'", "o:2"),
        ("digest: sha256:24a0", "registry.local:5000/shop/web@sha256:24a0"),
    ],
)
def test_images_get_other_names_and_tags(tree, text, expected):
    found = over(tree, f"images: [{{name: 'registry.local:5000/shop/web', {text}}}]")
    container = found["Deployment", "web"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == expected


def test_replicas_are_those_of_a_name(tree):
    found = over(tree, "replicas: [{name: web, count: 7}]")
    assert found["Deployment", "web"]["spec"]["replicas"] == 7


# --- patches --------------------------------------------------------------------------------------

SIDECAR = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: side, image: envoy}]}}}
"""


def test_a_strategic_patch_puts_its_containers_first(tree):
    found = over(tree, "patches: [{path: p.yaml}]", **{"over/p.yaml": SIDECAR})
    containers = found["Deployment", "web"]["spec"]["template"]["spec"]["containers"]
    assert [one["name"] for one in containers] == ["side", "app"]
    old = over(tree, "patchesStrategicMerge: [p.yaml]", **{"over/p.yaml": SIDECAR})
    assert old == found


def test_a_patch_takes_an_object_or_a_container_away(tree):
    gone = "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, " \
        "$patch: delete}'}]"  # fmt: skip
    assert ("Service", "web") not in over(tree, gone)


def test_json_patches_find_their_targets_by_pattern_and_label(tree):
    operation = '[{"op": "add", "path": "/metadata/annotations", "value": {"x": "y"}}]'
    text = f"patches: [{{target: {{kind: Deploy.*|Service}}, patch: '{operation}'}}]"
    found = over(tree, text)
    noted = {key for key, data in found.items() if "annotations" in data["metadata"]}
    assert noted == {("Deployment", "web"), ("Service", "web")}
    text = f"patches: [{{target: {{labelSelector: 'app in (web)'}}, patch: '{operation}'}}]"
    noted = {key for key, data in over(tree, text).items() if "annotations" in data["metadata"]}
    assert noted == {("Deployment", "web")}


def test_components_change_what_their_user_has(tree):
    component = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches: [{target: {kind: Deployment}, patch: '[{"op": "add", "path": "/spec/paused",
  "value": true}]'}]
"""
    found = over(tree, "components: [../more]", **{"more/kustomization.yaml": component})
    assert found["Deployment", "web"]["spec"]["paused"] is True


def test_replacements_carry_values_from_object_to_object(tree):
    text = """\
replacements:
- source: {kind: Service, name: web, fieldPath: spec.ports.0.port}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.[name=app].image"]
    options: {delimiter: ":", index: 2}
  - select: {kind: Ingress}
    fieldPaths: ['metadata.annotations.[example.com/port]']
    options: {create: true}
"""
    found = over(tree, text)
    container = found["Deployment", "web"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "registry.local:5000/shop/web:80"
    assert found["Ingress", "web"]["metadata"]["annotations"] == {"example.com/port": 80}


# --- order ----------------------------------------------------------------------------------------


def test_objects_come_in_the_order_of_their_kinds(tree):
    kinds = [one.data["kind"] for one, _ in build(tree({}) / "base", "base").documents]
    assert kinds == ["ServiceAccount", "ConfigMap", "Secret", "Service", "Deployment",
                     "HorizontalPodAutoscaler", "Ingress"]  # fmt: skip
    folder = tree({"o/kustomization.yaml": "resources: [../base]\nsortOptions: {order: fifo}\n"})
    kinds = [one.data["kind"] for one, _ in build(folder / "o", "o").documents]
    assert kinds[:3] == ["Deployment", "ServiceAccount", "HorizontalPodAutoscaler"]


# --- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("resource: [a.yaml]", 'json: unknown field "resource"; did you mean \'resources\'?'),
        ("resources: a.yaml", "cannot unmarshal string into Go struct field "
         "Kustomization.resources of type array"),
        ("images: [{nam: x}]", 'unknown field "nam"'),
        ("resources: [none.yaml]", "no such file or directory"),
        ("resources: [wep.yaml]", "did you mean 'web.yaml'?"),
        ("resources: [https://example.com/a.yaml]", "there is no network here"),
        ("resources: [.]", "cycle detected: candidate root 'over' contains visited root 'over'"),
        ("resources: [../loop]", "cycle detected"),
        ("resources: [../base/web.yaml]", "security; file 'base/web.yaml' is not in or below"),
        ("resources: [web.yaml, web.yaml]", "may not add resource with an already registered id: "
         "Deployment.v1.apps/web.[noNs]"),
        ("resources: [list.yaml]", "no object"),
        ("resources: [../empty]", "unable to find one of 'kustomization.yaml', "
         "'kustomization.yml' or 'Kustomization' in directory 'empty'"),
        ("resources: [../base]\npatches: [{path: p.yaml}]", 'no resource matches strategic merge '
         'patch "Deployment.v1.apps/wep.[noNs]": no matches for Id'),
        ("resources: [../base]\npatches: [{patch: '[{op: remove, path: /spec}]'}]",
         "must specify a target for JSON patch"),
        ("resources: [../base]\npatches: [{target: {kind: Service}, patch: '[{op: remove, "
         "path: /spec/nope}]'}]", "/spec/nope"),
        ("resources: [../base]\npatches: [{target: {kind: '('}, patch: '[{op: remove, "
         "path: /spec}]'}]", "error parsing regexp: missing closing )"),
        ("resources: [../base]\npatches: [{target: {labelSelector: 'a=b!!'}, patch: '[{op: "
         "remove, path: /spec}]'}]", "found '!', expected: ',' or 'end of string'"),
        ("resources: [../base]\nreplicas: [{name: nope, count: 2}]",
         "resource with name nope does not match a config"),
        ("resources: [../base]\nreplacements: [{source: {kind: Nope}, targets: []}]",
         "nothing selected by"),
        ("resources: [../base]\nconfigMapGenerator: [{name: cfg}]", "exists; can not use behavior"),
        ("configMapGenerator: [{name: c, literals: [a]}]",
         "invalid literal source a, expected key=value"),
        ("configMapGenerator: [{name: c, literals: [a=1, a=2]}]",
         "configmap c illegally repeats the key `a`"),
        ("kind: Deployment\nresources: [../base]", "kind should be Kustomization or Component"),
        ("helmCharts: [{name: x}]", "must specify --enable-helm"),
        ("{}", "kustomization.yaml is empty"),
        ("components: [../base]", "expected kind 'Component' for path 'base' but got"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_kustomizes_words(tree, text, words):
    folder = tree({
        "over/kustomization.yaml": text, "over/web.yaml": WEB, "over/list.yaml": "[1, 2]",
        "over/p.yaml": SIDECAR.replace("name: web", "name: wep"), "empty/x": "",
        "loop/kustomization.yaml": "resources: [../over]",
    })  # fmt: skip
    with pytest.raises(DrydockError) as caught:
        build(folder / "over", "over")
    assert words in str(caught.value)


def test_what_is_not_modelled_is_named(tree):
    folder = tree({"o/kustomization.yaml": "resources: [../base]\ntransformers: [x.yaml]\n"
                   "bases: []\n"})  # fmt: skip
    found = build(folder / "o", "o")
    assert any("not modelled: transformers" in one for one in found.notes)
    assert any("'bases' is deprecated" in one for one in found.warnings)


def test_a_folder_that_may_not_be_left_is_not_left(tree):
    folder = tree({"over/kustomization.yaml": "resources: [../base]\n"})
    with pytest.raises(BuildError, match="leads out of the folder"):
        build(folder / "over", "over", within=folder / "over")
