"""What kubectl makes of several files, and images that manifests of others name."""

import pytest

from simulator.shell import Session
from simulator.world import World

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"


@pytest.fixture
def session(tmp_path):
    made = Session(World(), folder=tmp_path)
    assert made.execute("cluster create c --nodes 1").error is None
    return made


@pytest.mark.parametrize("bad", ["a: 1\na: 2\n", "a: [\n", "kind: ConfigMap\n"])
def test_of_several_files_one_that_cannot_be_read_keeps_none_of_the_others_back(session, bad):
    for name in ("a", "c"):
        (session.folder / f"{name}.yaml").write_text(GOOD.replace("NAME", name))
    (session.folder / "b.yaml").write_text(bad)
    result = session.execute("kubectl apply -f .")
    assert [one for one in result.lines if one.endswith("created")] == [
        "configmap/a created",
        "configmap/c created",
    ]
    assert "b.yaml" in result.error


def test_a_single_file_that_cannot_be_read_is_the_whole_answer(session):
    (session.folder / "b.yaml").write_text("a: [\n")
    result = session.execute("kubectl apply -f b.yaml")
    assert (result.lines, "b.yaml" in result.error) == ((), True)


@pytest.mark.parametrize(
    ("image", "there"),
    [
        ("registry.k8s.io/redis:e2e", True),
        ("far.example/app:bookworm-slim", True),
        ("far.example/app:does-not-exist", False),
        ("far.example/app:broken", False),
        ("nginx:9.9.9", False),
        ("nginx:9.9.9@sha256:" + "a" * 64, True),
        ("ngnix", False),
    ],
)
def test_images_of_others_are_there_unless_their_name_says_that_they_are_not(session, image, there):
    session.execute(f"kubectl run one --image {image}")
    session.execute("advance 30s")
    phase = session.execute("kubectl get pod one -o jsonpath={.status.phase}").text
    assert (phase == "Running") is there


def test_nodes_still_bear_the_labels_that_old_manifests_select_them_by(session):
    labels = session.execute("kubectl get nodes --show-labels").text
    assert "beta.kubernetes.io/os=linux" in labels
    assert "beta.kubernetes.io/arch=amd64" in labels


def test_files_may_be_meant_by_a_pattern(tmp_path):
    (tmp_path / "deploy").mkdir()
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"
    for name in ("a.yaml", "b.yaml", "c.txt"):
        (tmp_path / "deploy" / name).write_text(text.replace("NAME", name[0]))
    session = Session(World(1), folder=tmp_path)
    session.execute("cluster create shop --nodes 1")
    made = session.execute("kubectl apply -f 'deploy/*.yaml'")
    assert made.lines == ("configmap/a created", "configmap/b created")
    gone = session.execute("kubectl delete -f 'deploy/*.yaml'")
    assert len(gone.lines) == 2
    missing = session.execute("kubectl apply -f '*.json'").error
    assert missing == 'error: the path "*.json" does not exist'


@pytest.mark.parametrize("metadata", ["'true'", "[null]", "3.5", "x"])
def test_metadata_that_is_none_is_refused(session, metadata):
    for kind in ("Pod", "Nosuch"):
        text = f"apiVersion: v1\nkind: {kind}\nmetadata: {metadata}\n"
        (session.folder / "odd.yaml").write_text(text)
        for verb in ("apply", "apply --server-side", "create", "replace --force", "delete", "diff"):
            assert "error" in session.execute(f"kubectl {verb} -f odd.yaml").error.lower()
