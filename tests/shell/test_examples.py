"""Every example that a help text shows can be typed as it stands, where it makes sense."""

from __future__ import annotations

import pytest

from simulator.shell import Session, registry
from simulator.shell.help import TOPICS
from simulator.traffic.spec import KINDS
from simulator.world import World
from simulator.world.cluster_commands import NodeGroup
from simulator.world.programs import read_program
from simulator.world.swarm_commands import MakeSwarm

DOCKERFILE = """\
FROM python:3.12-slim
ARG VERSION=1
COPY app.py /app/
RUN pip install flask
CMD ["python", "/app/app.py"]
"""
SERVER = "--workload 'server cpu=20ms' python:3.12-slim"
HOSTS = """\
host add a --cores 8 --memory 16g --emulation on
host add b
"""
WORLD = f"""\
{HOSTS}
host add eu --region aws/eu-central-1
vm create vm1 --host a
registry add registry.local
docker pull nginx
docker build -t web .
docker tag web web:v1
docker tag web myapp
docker tag web registry.local/web:1
docker run -d --name web --network-alias web {SERVER}
docker run -d --name web1 --network-alias web {SERVER}
docker run -d --name web2 --network-alias web {SERVER}
docker run -d --name web3 {SERVER}
traffic web 20/s
advance 5s
"""
CLUSTER = """\
cluster create shop --nodes 2
kubectl create deployment web --image=nginx --port=80 --replicas=2
kubectl rollout status deploy/web
kubectl run web-0 --image=nginx --labels=app=web
kubectl apply -f db.yaml
kubectl wait --for=condition=Ready pod/web-0
kubectl create cronjob report --image=busybox --schedule="0 0 1 1 *"
advance 60s
"""
MANIFEST = """\
apiVersion: {api}
kind: {kind}
metadata: {{name: {name}}}
spec:
  replicas: 2
  {more}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: app, image: nginx}}]}}
"""
COMPOSE = """\
services:
  web: {build: ., ports: ["80"], volumes: ["kept:/kept"]}
  db: {image: redis}
  job: {image: alpine, command: sleep 3}
  test: {image: alpine, command: sleep 2}
volumes: {kept: {}}
"""
SWARM_GROUPS = ("swarm", "node", "service", "stack", "secret", "config")
SWARM = """\
docker stack deploy -d -c stack.yml shop
docker service create -d --name web --replicas 2 nginx
docker service create -d --name api nginx
advance 20s
"""
EMPTY = {
    "docker swarm init": "host add a\nuse a",
    "docker -H b swarm join --token $(docker swarm join-token -q worker) a:2377": (
        "host add a\nhost add b\nuse a\ndocker swarm init"
    ),
    "host add a": "",
    "seed 7": "",
    "vm create vm1": HOSTS,
    "service create web": "",
    "cluster create shop": "",
    "cluster create shop --nodes 5 --cores 8 --zones 3": "",
}
"""Examples that begin something, and the world they begin it in."""
BEFORE = {
    "kubectl set env deploy/web --from=secret/db --prefix=DB_": "kubectl create secret generic db "
    "--from-literal=password=x",
    "kubectl set subject rolebinding r --user=bob": "kubectl create rolebinding r --role=reader "
    "--user=ann",
    "fault crash deploy/web": "cluster create shop --nodes 2; kubectl create deployment web "
    "--image=nginx; kubectl rollout status deploy/web",
    "docker create --name web nginx": "docker rm -f web",
    "docker run -d --name web -p 8080:80 nginx": "docker rm -f web",
    "docker run -d --name web1 --network shop --network-alias web --cpus 0.5 -m 256m myapp": (
        "docker rm -f web1; docker network create shop"
    ),
    "docker load -i web.tar": "docker save -o web.tar web",
    "docker -H b load -i web.tar": "docker save -o web.tar web",
    "docker login registry.local -u ada -p secret": (
        "registry rm registry.local; registry add registry.local --private --user ada:secret"
    ),
    "docker rm web": "docker stop web",
    "docker volume inspect data": "docker volume create data",
    "docker volume rm data": "docker volume create data",
    "docker unpause web": "docker pause web",
    "cgroup create blue --parent tenants": "cgroup create tenants",
    "cgroup rm blue": "cgroup create blue",
    "host add eu --region aws/eu-central-1": "host rm eu",
    "registry add registry.local --uplink 1Gbit": "registry rm registry.local",
    "service create api api1 api2 --balancer least-connections": (
        f"docker run -d --name api1 {SERVER}; docker run -d --name api2 {SERVER}"
    ),
    "service remove web web3": "service add web web3",
    "docker network rm shop": "docker network create shop",
    "docker network connect shop web": "docker network create shop",
    "docker network disconnect shop web": (
        "docker network create shop; docker network connect shop web"
    ),
    "redo": "undo",
    "kubectl set selector service web app=web": "kubectl expose deploy web",
    "kubectl edit deploy/web --from web.yaml": (
        "kubectl delete deploy web; kubectl apply -f web.yaml"
    ),
    "kubectl apply view-last-applied deploy/web": (
        "kubectl delete deploy web; kubectl apply -f web.yaml"
    ),
    "kubectl diff -f shop.yaml": "kubectl delete deploy web; kubectl apply -f shop.yaml",
    "kubectl diff -k overlays/prod": "kubectl apply -k overlays/prod",
    "kubectl create -f web.yaml": "kubectl delete deploy web",
    "kubectl create deployment web --image=nginx --replicas=3": "kubectl delete deploy web",
    "kubectl delete -f shop.yaml": "kubectl apply -f shop.yaml",
    "kubectl apply -f manifests/ -n shop": "kubectl create ns shop",
    "kubectl rollout undo deploy/web": "kubectl set image deploy/web nginx=nginx:1.28",
    "kubectl taint node node-1 gpu-": "kubectl taint node node-1 gpu=yes:NoSchedule",
    "kubectl drain node-1 --ignore-daemonsets": "kubectl delete pod web-0",
    "kubectl wait --for=delete pod -l app=slow --timeout=60s": (
        "kubectl run slow --image=busybox --labels=app=slow -- sleep 600; advance 20s; "
        "kubectl delete pod slow --wait=false"
    ),
    "kubectl logs web-0 --previous": (
        "kubectl delete pod web-0; kubectl run web-0 --image=busybox -- sleep 1; advance 30s"
    ),
    "kubectl set image deploy/web web=nginx:1.28": (
        "kubectl delete deploy web; kubectl apply -f web.yaml"
    ),
    "docker compose unpause web": "docker compose pause web",
    "why hpa/web": "kubectl autoscale deploy web --max 3 --cpu-percent 50",
    "docker wait job": "docker run -d --name job alpine sleep 5",
    **{
        f"docker {kind} {rest}": f"docker {kind} create app app.conf"
        for kind in ("secret", "config")
        for rest in ("inspect --pretty app", "rm app")
    },
    "docker service create --name web --replicas 3 -p 80:80 nginx": "docker service rm web",
    "docker service inspect -f '{{.UpdateStatus.State}}' web": (
        "docker service update -d --force web"
    ),
    "docker service rollback web": "docker service scale web=3",
    "docker node demote node-2": "docker node promote node-2",
    "docker node rm node-3": "docker -H node-3 swarm leave; advance 30s",
    "docker start -a job": "docker create --name job alpine echo done",
}
"""What must be typed before an example makes sense."""

EXAMPLES = [(verb.name, example) for verb in registry.commands() for example in verb.examples]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("examples")
    for one in (root, root / "app"):
        one.mkdir(exist_ok=True)
        (one / "Dockerfile").write_text(DOCKERFILE)
        (one / "app.py").write_text("import web\n")
    (root / "compose.yaml").write_text(COMPOSE)
    (root / "prod.yaml").write_text("services: {db: {restart: always}}\n")
    (root / "setup.txt").write_text("host ls\n")
    (root / "app.conf").write_text("listen = 80\n")
    for name in ("tls.crt", "tls.key"):
        (root / name).write_text("secret\n")
    (root / "stack.yml").write_text("services: {web: {image: nginx, ports: ['8080:80']}}\n")
    (root / "manifests").mkdir()
    web = MANIFEST.format(api="apps/v1", kind="Deployment", name="web", more="paused: false")
    for name in ("web.yaml", "shop.yaml", "manifests/web.yaml"):
        (root / name).write_text(web.replace("name: app,", "name: web,"))
    (root / "overlays/prod").mkdir(parents=True)
    (root / "overlays/prod/web.yaml").write_text(web.replace("name: app,", "name: web,"))
    (root / "overlays/prod/kustomization.yaml").write_text(
        "resources: [web.yaml]\nnameSuffix: -prod\nreplicas: [{name: web, count: 1}]\n"
    )
    database = MANIFEST.format(api="apps/v1", kind="StatefulSet", name="db", more="serviceName: db")
    (root / "db.yaml").write_text(database)
    return root


def of_swarm(name):
    return name.split()[:2][-1] in SWARM_GROUPS and name.startswith("docker")


def world_of(name):
    """An empty world, or one with a swarm on three machines."""
    world = World(1)
    if of_swarm(name):
        world.apply(MakeSwarm(groups=(NodeGroup(count=3, prefix="node-"),), managers=1))
    return world


def typed(session, lines):
    for line in lines.splitlines():
        result = session.execute(line)
        assert result.error is None, line
    return session


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_of_a_help_text_works(folder, name, example):
    session = Session(world_of(name), folder=folder)
    of_clusters = name.split()[0] in ("kubectl", "cluster") or "/" in example.partition("why ")[2]
    usual = SWARM if of_swarm(name) else CLUSTER if of_clusters else WORLD
    typed(session, EMPTY.get(example, usual))
    typed(session, "docker compose up -d" if name.startswith("docker compose") else "")
    typed(session, BEFORE.get(example, ""))
    typed(session, example)


def test_every_command_is_shown_in_an_example():
    shown = {name for name, _ in EXAMPLES}
    assert [one.name for one in registry.commands() if one.name not in shown] == []


def test_every_program_that_the_help_names_can_be_started():
    named = [line.split("  ")[1] for line in TOPICS["workloads"] if line.startswith("  ")]
    words = [one for one in named if one.partition(" ")[0] in ("server", "batch", "hog", "leak")]
    assert len(words) >= 5
    assert [read_program(one).kind for one in words] == [one.split()[0] for one in words]


def test_every_kind_of_traffic_is_in_the_help():
    text = registry.verbs()["traffic",].details
    wanted = [one for one in KINDS if one not in ("off", "poisson", "steps")]
    assert [one for one in wanted if one not in text] == []
