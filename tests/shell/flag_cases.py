"""For every flag a pair of lines that differ in it alone, or the reason why it changes nothing."""

from __future__ import annotations

import compose_flag_cases as compose
import kubectl_flag_cases as kubectl
import kubectl_more_flag_cases as more_of_kubectl
import swarm_flag_cases as swarm

HARMLESS: dict[tuple[str, str], str] = {}
"""Flags that are accepted and change nothing, with the reason: the one list of them."""


def _harmless(reason: str, *cases: str) -> None:
    for case in cases:
        verb, _, flag = case.rpartition(" ")
        HARMLESS[verb, flag] = reason


_harmless(
    "a command in a container is given no input, and prints the same with a terminal",
    "docker exec --interactive", "docker exec --tty",
)  # fmt: skip
_harmless(
    "nobody is asked before something is removed: 'undo' takes it back",
    "docker builder prune --force", "docker container prune --force", "docker image prune --force",
    "docker network prune --force", "docker system prune --force", "docker volume prune --force",
)  # fmt: skip

_harmless(
    "the image is put among those of its machine whatever is said",
    "docker build --load", "docker build --output",
)  # fmt: skip
_harmless(
    "there is one driver, which is taken where nothing is said; any other is refused",
    "docker run --volume-driver", "docker create --volume-driver",
    "docker volume create --driver",
)  # fmt: skip
_harmless(
    "one bar of progress, which is not drawn here, is all that the real one leaves out",
    "docker load --quiet",
)  # fmt: skip
_harmless("the cache is emptied as a whole", "docker builder prune --all")
_harmless("a commit takes no simulated time to be paused for", "docker commit --pause")
_harmless("files that are copied keep whom they belong to", "docker cp --archive")
_harmless("there are no intermediate images to show", "docker images --all")
_harmless("connections have no certificates here", "docker manifest inspect --insecure")
_harmless("a container that is gone has left its networks", "docker network disconnect --force")
_harmless("what a machine without a swarm makes is local anyway", "docker network create --scope")

SETUP = (
    "host add a --cores 8 -m 16g --swap 4g",
    "host add b --cores 4 -m 8g",
    "registry add registry.local --private --user ada:secret",
    "docker login -u ada -p secret registry.local",
    "docker pull alpine",
    "docker pull nginx",
    "docker -H b pull alpine",
    "docker network create net1 --subnet 10.9.0.0/16",
    "docker volume create vol1",
    "docker volume create unused",
    "docker build -q -t checked checked",
    "docker build -q -t mine made",
    "docker tag mine registry.local/mine",
    "docker push registry.local/mine",
    "docker save -o kept alpine",
    "docker run -d --name web --network-alias web -p 8080:80 --workload 'server cpu=20ms' nginx",
    "docker run -d --name web2 --network-alias web --workload 'server cpu=20ms' nginx",
    "docker run -d --name other --network net1 -v vol1:/data alpine sleep 100000",
    "docker run -d --name ended alpine true",
    "docker run -d --name chatty --workload 'server cpu=5ms logs=1KiB/s' alpine",
    "docker run -d --name stubborn --workload 'server cpu=5ms sigterm=ignored' alpine",
    "docker run -d --name anon -v /kept alpine true",
    "service create spare",
    "vm create v1 -m 1g",
    "cgroup create tenants --cpus 4",
    "traffic web 10/s",
    "advance 5s",
    "docker exec other touch /data/file",
)
FILES = {
    "made/Dockerfile": "FROM alpine AS base\nARG V=1\nRUN echo $V > /v\nFROM base\nCOPY app /app\n"
    'CMD ["sleep", "9999"]\n',
    "made/app": "x" * 1000,
    "checked/Dockerfile": "FROM alpine\nHEALTHCHECK --interval=2s CMD true\n"
    'CMD ["sleep", "9999"]\n',
    "token": "t",
    "secretless/Dockerfile": "FROM alpine\nCOPY x /x\n",
    "secretless/x": "x",
    "secret/Dockerfile": "FROM alpine\nRUN --mount=type=secret,id=s,required=true true\n",
    "ssh/Dockerfile": "FROM alpine\nRUN --mount=type=ssh,required=true true\n",
    "env.txt": "A=1\n",
    "other.Dockerfile": "FROM alpine\nLABEL other=1\n",
}
PUSH = "docker build -q --push"
FROM = (
    "docker -H b login -u ada -p secret registry.local; "
    "docker -H b build --cache-from registry.local/c made"
)
SERVER = "docker run -d --name new {} --workload 'server cpu=5ms' alpine"
REMAPPED = "tune a --userns-remap on; docker run -d --name new {} alpine sleep 99"
SENT = "traffic s 50/s; advance 9s; service ls"
PRESSED = f"docker -H new run -d --workload 'hog threads=4 cache=1' alpine; {SENT}"
COLLECTED = (
    "traffic web stop; docker rm -f chatty; host add new {} --disk 5g; docker -H new pull redis; "
    "advance 11m; "
    "docker -H new images"
)
WEIGHED = (
    "host add new {}; docker -H new run -d --name w -c 512 alpine sleep 99; "
    "docker exec w cat /sys/fs/cgroup/cpu.weight"
)
UNTAGGED = (
    "docker tag alpine registry.local/mine; docker push registry.local/mine; "
    "registry gc {} registry.local; registry ls"
)
LATE = (
    "service create new {}; docker run -d --name late --alias new --workload 'server cpu=1ms' "
    "alpine; traffic new 100/s; advance 2s; service ls"
)
VM = "vm create new --vcpus 8 -m 1g {}; docker -H new run -d --workload '{}' alpine; advance 20s"
BUILD = "docker build -t new {} made"
LINES: dict[str, str] = {
    "docker run": "docker run -d --name new {} alpine sleep 1000",
    "docker create": "docker create --name new {} alpine sleep 1000; docker start new",
    "docker build": BUILD,
    "docker buildx imagetools inspect": "docker buildx imagetools inspect {} alpine",
    "docker commit": "docker commit {} other new",
    "docker cp": "docker cp {} made/app other:/app",
    "docker diff": "docker diff {} other",
    "docker exec": "docker exec {} other sleep 3",
    "docker history": "docker history {} mine",
    "docker inspect": "docker inspect {} web",
    "docker kill": "docker kill {} stubborn",
    "docker load": "docker load {} -i kept",
    "docker login": "docker login {} registry.local -u ada -p secret",
    "docker logout": "docker logout {} registry.local",
    "docker logs": "docker logs {} chatty",
    "docker attach": "docker attach {} chatty",
    "docker wait": "docker wait {} ended",
    "docker manifest inspect": "docker manifest inspect {} alpine",
    "docker network connect": "docker network connect {} net1 web",
    "docker network create": "docker network create {} new",
    "docker network disconnect": "docker network disconnect {} net1 other",
    "docker network inspect": "docker network inspect {} net1",
    "docker network rm": "docker network rm {} nosuch",
    "docker pause": "docker pause {} web",
    "docker port": "docker port {} web",
    "docker pull": "docker pull {} redis",
    "docker push": "docker push {} registry.local/mine",
    "docker rename": "docker rename {} other new",
    "docker restart": "docker restart {} stubborn",
    "docker rm": "docker rm {} anon",
    "docker rmi": "docker rmi {} mine",
    "docker save": "docker save {} alpine -o more",
    "docker search": "docker search {} python",
    "docker start": "docker start {} ended",
    "docker stop": "docker stop {} stubborn",
    "docker tag": "docker tag {} alpine new",
    "docker top": "docker top {} web",
    "docker unpause": "docker pause web; docker unpause {} web",
    "docker update": "docker update {} other",
    "docker volume create": "docker volume create {} new",
    "docker volume inspect": "docker volume inspect {} vol1",
    "docker volume rm": "docker volume rm {} nosuch",
    "advise": "advise {} made",
    "cgroup create": "cgroup create {} new",
    "cgroup rm": "cgroup rm {} tenants",
    "density": "density {} 'server cpu=5ms'",
    "layers": "layers {} mine",
    "move": "move web {} b",
    "platforms": "platforms {} mine",
    "registry add": "registry add {} new.local",
    "registry gc": "registry gc {} registry.local",
    "registry set": "registry set {} registry.local",
    "secrets": "secrets {} mine",
    "service create": "service create {} new",
    "traffic": "traffic web 200/s {}",
    "fault": "fault throttle a {}",
    "flaw apply": "flaw apply 'Spectre v2' other {}",
    "host add": "host add {} new",
    "tune": "tune {} a",
    "vm create": "vm create {} new -m 1g",
}
"""Lines with a gap for a flag, by verb; by default the verb and then the gap."""
VALUES: dict[str, str] = {
    "--host": "b",
    "--format": "'{{json .}}'",
    "--label": "k=v",
    # docker run, create, update
    "--cpus": "0.5",
    "--cpu-period": "50000 --cpu-quota 20000",
    "--cpu-quota": "20000",
    "--cpu-shares": "512",
    "--memory": "64m",
    "--memory-swap": "128m",
    "--memory-reservation": "32m",
    "--memory-high": "48m",
    "--cpuset-cpus": "0-1",
    "--blkio-weight": "300",
    "--pids-limit": "50",
    "--restart": "always",
    "--name": "else",
    "--env": "A=1",
    "--env-file": "env.txt",
    "--publish": "9090:80",
    "--expose": "99",
    "--network": "net1",
    "--network-alias": "svc",
    "--alias": "svc",
    "--ip": "10.9.0.77",
    "--mac-address": "02:42:ac:11:00:99",
    "--add-host": "db:10.0.0.9",
    "--dns": "9.9.9.9",
    "--oom-score-adj": "500",
    "--platform": "linux/386",
    "--runtime": "crun",
    "--hostname": "box",
    "--entrypoint": "sleep",
    "--stop-timeout": "3",
    "--stop-signal": "SIGINT",
    "--health-cmd": "true",
    "--cap-add": "NET_ADMIN",
    "--cap-drop": "NET_RAW",
    "--security-opt": "no-new-privileges",
    "--user": "1000",
    "--group-add": "20",
    "--workdir": "/tmp",
    "--device-write-bps": "1MB",
    "--cgroup-parent": "tenants",
    "--ulimit": "nofile=64",
    "--workload": "'hog threads=2'",
    "--pull": "always",
    "--volume": "/kept",
    "--mount": "type=tmpfs,target=/scratch",
    "--tmpfs": "/scratch",
    "--volumes-from": "other",
    "--log-driver": "none",
    "--log-opt": "max-size=10k",
    "--shm-size": "8m",
    # others
    "docker build --tag": "again",
    "docker build --file": "other.Dockerfile",
    "docker build --build-arg": "V=2",
    "docker build --target": "base",
    "docker build --no-cache-filter": "base",
    "docker build --call": "check",
    "docker build --progress": "plain",
    "--volume-driver": "local",
    "docker volume create --driver": "local",
    "docker build --output": "type=docker",
    "docker commit --message": "hello",
    "docker commit --change": "'USER 1000'",
    "docker inspect --format": "'{{.Name}}'",
    "docker inspect --type": "container",
    "--signal": "KILL",
    "docker kill --signal": "HUP",
    "docker load --input": "kept",
    "docker logs --tail": "0",
    "docker logs --since": "1s",
    "docker logs --until": "20s",
    "docker events --since": "1s",
    "docker events --until": "20s",
    "docker events --filter": "event=die",
    "docker network connect --alias": "nick",
    "docker network create --driver": "bridge",
    "docker network create --scope": "local",
    "docker network create --subnet": "10.77.0.0/16",
    "docker network create --ip-range": "10.77.5.0/24 --subnet 10.77.0.0/16",
    "docker network create --gateway": "10.77.0.9 --subnet 10.77.0.0/16",
    "docker network create --opt": "com.docker.network.bridge.enable_icc=false",
    "docker network inspect --format": "'{{.Name}}'",
    "docker network ls --filter": "name=net1",
    "docker ps --filter": "name=web",
    "docker ps --last": "1",
    "docker restart --timeout": "1",
    "docker stop --timeout": "1",
    "docker search --limit": "1",
    "docker volume inspect --format": "'{{.Name}}'",
    "docker volume ls --filter": "name=vol1",
    "docker login --username": "ada",
    "docker login --password": "secret",
    "advise --file": "other.Dockerfile",
    "cgroup create --host": "b",
    "cgroup create --parent": "tenants",
    "cgroup create --cpu-weight": "300",
    "cgroup create --nice": "5",
    "density --cpu": "2",
    "density --guest-memory": "1g",
    "density --pods": "10",
    "events --since": "1s",
    "events --kind": "ContainerStarted",
    "events --tail": "1",
    "fault --amount": "5",
    "flaw apply --with": "microcode",
    "docker pull --platform": "linux/arm64",
    "docker network connect --ip": "10.9.0.99",
    "layers --tail": "1",
    "move --as": "container",
    "move --registry": "registry.local",
    "move --data": "1GB",
    "move --drain": "1s",
    "registry add --uplink": "1Mbit",
    "registry add --user": "bob:x",
    "registry add --region": "aws",
    "registry add --rate-limit": "1/6h",
    "registry set --uplink": "1Mbit",
    "registry set --user": "bob:x",
    "registry set --rate-limit": "1/6h",
    "service create --balancer": "random",
    "service create --lag": "3s",
    "traffic --timeout": "1ms",
    "traffic --backoff": "1s",
    "traffic --backoff-max": "2s",
    "traffic --jitter": "0.5",
    "traffic --retry-budget": "0.1",
    "traffic --fan-out": "1",
    "traffic --call": "spare",
    "traffic --quorum": "1",
    "traffic --hedge": "5ms",
    "traffic --dns-ttl": "5s",
    "host add --cores": "2",
    "host add --memory": "3g",
    "host add --disk": "9g",
    "host add --disk-rate": "1MB",
    "host add --nic-rate": "1MB",
    "host add --arch": "arm64",
    "host add --os": "windows",
    "host add --kernel": "5.4",
    "host add --software": "runc=1.0.0",
    "host add --region": "aws",
    "host add --nested": "off",
    "host add --price": "2",
    "host add --emulation": "on",
    "host add --image-gc": "1:0",
    "host add --sockets": "2",
    "host add --swap": "1g",
    "host add --iops": "10",
    "host add --weight-mapping": "linear",
    "host add --speed-spread": "50%",
    "host add --mtbf": "5s",
    "host add --mttr": "1s --mtbf 5s",
    "tune --userns-remap": "on",
    "tune --ksm": "on",
    "tune --balloon": "on",
    "tune --evict": "on",
    "tune --metrics": "on",
    "tune --kernel": "6.12",
    "tune --software": "runc=1.3.3",
    "tune --conntrack-max": "1000",
    "tune --generic-resource": "gpu=2",
    "vm create --vcpus": "1",
    "vm create --memory": "3g",
    "vm create --disk": "9g",
    "vm create --hypervisor": "firecracker",
    "vm create --os": "windows",
    "vm create --kernel": "5.4",
    "vm create --software": "runc=1.0.0",
    "vm create --speed-spread": "50%",
    "vm create --mtbf": "1s",
}
"""Values of flags, by name, or by verb and name."""
FRESH = "host add new {}; docker -H new run -d --name s --alias s --workload"
PAIRS: dict[tuple[str, str], tuple[str, str]] = {
    ("docker build", "--platform"): (
        "docker build -t new secretless",
        "docker build -t new --platform linux/arm64 secretless",
    ),
    ("docker build", "--push"): (
        "docker build -t registry.local/new made",
        "docker build -t registry.local/new --push made",
    ),
    ("docker build", "--secret"): (
        "docker build secret",
        "docker build --secret id=s,src=token secret",
    ),
    ("docker build", "--ssh"): ("docker build ssh", "docker build --ssh default ssh"),
    ("docker build", "--cache-from"): (
        "docker -H b login -u ada -p secret registry.local; docker -H b build made",
        "docker -H b login -u ada -p secret registry.local; "
        "docker -H b build --cache-from registry.local/mine made",
    ),
    ("docker build", "--cache-to"): (
        f"{PUSH} -t registry.local/c made; {FROM}",
        f"{PUSH} --cache-to type=inline -t registry.local/c made; {FROM}",
    ),
    ("docker build", "--pull"): (
        "registry set docker.io --down; docker build made",
        "registry set docker.io --down; docker build --pull made",
    ),
    ("docker inspect", "--type"): ("docker inspect mine", "docker inspect --type container mine"),
    ("docker load", "--input"): ("docker load", "docker load --input kept"),
    ("docker login", "--username"): (
        "docker login registry.local -p secret",
        "docker login registry.local --username ada -p secret",
    ),
    ("docker login", "--password"): (
        "docker login registry.local -u ada",
        "docker login registry.local -u ada --password secret",
    ),
    ("docker rm", "--force"): ("docker rm web", "docker rm --force web"),
    ("docker rmi", "--force"): ("docker rmi nginx", "docker rmi --force nginx"),
    ("docker run", "--detach"): (
        "docker run --name new alpine sleep 5",
        "docker run --detach --name new alpine sleep 5",
    ),
    ("docker run", "--memory-swap"): (
        "docker run -d --name new -m 64m alpine sleep 9",
        "docker run -d --name new -m 64m --memory-swap 64m alpine sleep 9",
    ),
    ("docker run", "--name"): (
        "docker run -d alpine sleep 9",
        "docker run -d --name x alpine sleep 9",
    ),
    ("docker run", "--alias"): (
        SERVER.format("") + "; traffic svc 5/s",
        SERVER.format("--alias svc") + "; traffic svc 5/s",
    ),
    ("docker run", "--ulimit"): (
        f"{SERVER.format('--alias u')}; traffic u 900/s; advance 3s; service ls",
        f"{SERVER.format('--alias u --ulimit nofile=16')}; traffic u 900/s; advance 3s; service ls",
    ),
    ("docker run", "--device-write-bps"): (
        "docker run -d --name new --workload diskbomb alpine; advance 9s; docker stats new",
        "docker run -d --name new --device-write-bps 1MB --workload diskbomb alpine; advance 9s; "
        "docker stats new",
    ),
    ("docker run", "--ip"): (
        "docker run -d --name new --network net1 alpine sleep 9",
        "docker run -d --name new --network net1 --ip 10.9.0.77 alpine sleep 9",
    ),
    ("docker run", "--no-healthcheck"): (
        "docker run -d --name new checked",
        "docker run -d --name new --no-healthcheck checked",
    ),
    ("docker run", "--userns"): (
        f"{REMAPPED.format('')}; docker exec new cat /proc/self/uid_map",
        f"{REMAPPED.format('--userns host')}; docker exec new cat /proc/self/uid_map",
    ),
    ("docker exec", "--user"): ("docker exec other id", "docker exec --user 1000 other id"),
    ("docker exec", "--env"): ("docker exec other env", "docker exec --env A=1 other env"),
    ("docker exec", "--workdir"): (
        "docker exec other ls",
        "docker exec --workdir /etc other ls",
    ),
    ("docker run", "--pull"): (
        "docker run -d --name new redis",
        "docker run -d --name new --pull never redis",
    ),
    ("docker run", "--quiet"): (
        "docker run -d --name new redis",
        "docker run -d --quiet --name new redis",
    ),
    ("docker save", "--output"): (
        "docker save alpine -o more; docker load -i else",
        "docker save alpine --output else; docker load -i else",
    ),
    ("docker update", "--memory"): (
        "docker update --cpus 1 other",
        "docker update --cpus 1 -m 64m --memory-swap 64m other",
    ),
    ("docker network create", "--driver"): (
        "docker network create new",
        "docker network create --driver host new",
    ),
    ("docker network rm", "--force"): (
        "docker network rm nosuch",
        "docker network rm --force nosuch",
    ),
    ("fault", "--amount"): (
        "fault throttle a; advance 5s",
        "fault throttle a --amount 9; advance 5s",
    ),
    ("host add", "--emulation"): (
        "host add new; docker -H new run --platform linux/arm64 alpine uname -m",
        "host add new --emulation on; docker -H new run --platform linux/arm64 alpine uname -m",
    ),
    ("host add", "--image-gc"): (COLLECTED.format(""), COLLECTED.format("--image-gc 1:0")),
    ("host add", "--sockets"): (
        f"{FRESH.format('')} 'server cpu=5ms cache=1' alpine; {PRESSED}",
        f"{FRESH.format('--sockets 2')} 'server cpu=5ms cache=1' alpine; {PRESSED}",
    ),
    ("host add", "--iops"): (
        f"{FRESH.format('')} 'server cpu=1ms ios=4' alpine; {SENT}",
        f"{FRESH.format('--iops 9')} 'server cpu=1ms ios=4' alpine; {SENT}",
    ),
    ("host add", "--weight-mapping"): (
        WEIGHED.format(""),
        WEIGHED.format("--weight-mapping linear"),
    ),
    ("host add", "--speed-spread"): (
        f"{FRESH.format('')} 'batch cpu=5s' alpine; advance 9s",
        f"{FRESH.format('--speed-spread 50%')} 'batch cpu=5s' alpine; advance 9s",
    ),
    ("layers", "--tail"): ("layers nginx 1", "layers --tail 1 nginx 1"),
    ("move", "--as"): ("move web b --plan", "move web b --plan --as container"),
    ("registry add", "--private"): (
        "registry add new.local --user bob:x; docker tag alpine new.local/x; "
        "docker push new.local/x",
        "registry add new.local --user bob:x --private; docker tag alpine new.local/x; "
        "docker push new.local/x",
    ),
    ("registry gc", "--delete-untagged"): (
        UNTAGGED.format(""),
        UNTAGGED.format("--delete-untagged"),
    ),
    ("registry set", "--up"): (
        "registry set registry.local --down; docker push registry.local/mine",
        "registry set registry.local --down; registry set registry.local --up; "
        "docker push registry.local/mine",
    ),
    ("service create", "--lag"): (LATE.format(""), LATE.format("--lag 3s")),
    ("tune", "--balloon"): ("why v1", "tune v1 --balloon on"),
    ("vm create", "--memory"): ("vm create new", "vm create new --memory 3g"),
    ("vm create", "--speed-spread"): (
        VM.format("", "batch cpu=5s"),
        VM.format("--speed-spread 50%", "batch cpu=5s"),
    ),
    ("vm create", "--cpu-shares"): (
        "docker run -d --workload 'hog threads=8' alpine; "
        + VM.format("", "batch cpu=20s threads=8"),
        "docker run -d --workload 'hog threads=8' alpine; "
        + VM.format("-c 128", "batch cpu=20s threads=8"),
    ),
    ("vm create", "--blkio-weight"): (
        "docker run -d --workload diskbomb alpine; " + VM.format("", "batch cpu=1s io_bytes=200MB"),
        "docker run -d --workload diskbomb alpine; "
        + VM.format("--blkio-weight 10", "batch cpu=1s io_bytes=200MB"),
    ),
    ("traffic", "--keepalive"): (
        "tune a --conntrack-max 1000; traffic web 200/s; advance 6s; why a",
        "tune a --conntrack-max 1000; traffic web 200/s --keepalive 10; advance 6s; why a",
    ),
    ("traffic", "--dns-ttl"): (
        "traffic web 50/s --timeout 1s; docker rm -f web2; advance 9s",
        "traffic web 50/s --timeout 1s --dns-ttl 30s; docker rm -f web2; advance 9s",
    ),
}
"""Where more differs: the line without and the line with the flag."""
_TRAFFIC = {
    "--retries": ("--timeout 30ms", "--retries 2"),
    "--backoff": ("--timeout 30ms --retries 3", "--backoff 2s"),
    "--backoff-max": ("--timeout 30ms --retries 5 --backoff 100ms", "--backoff-max 150ms"),
    "--jitter": ("--timeout 30ms --retries 3 --backoff 1s", "--jitter 0.9"),
    "--retry-budget": ("--timeout 30ms --retries 3", "--retry-budget 1%"),
    "--fan-out": ("", "--fan-out 2"),
    "--quorum": ("--fan-out 2", "--quorum 1"),
    "--cancel": ("--hedge 5ms", "--cancel"),
}
for _name, (_without, _flag) in _TRAFFIC.items():
    _line = f"traffic web 150/s {_without}"
    PAIRS["traffic", _name] = (f"{_line}; advance 3s", f"{_line} {_flag}; advance 3s")
for _name in ("interval", "timeout", "retries", "start-period", "start-interval"):
    _line = "docker run -d --name new --health-cmd false --health-interval 2s {} alpine sleep 999"
    _period = "--health-start-period 9s" if _name == "start-interval" else ""
    _value = {"retries": "4", "start-interval": "1s"}.get(_name, "9s")
    PAIRS["docker run", f"--health-{_name}"] = (
        _line.format(_period) + "; advance 9s",
        _line.format(f"{_period} --health-{_name} {_value}") + "; advance 9s",
    )
PROBES: dict[str, tuple[str, ...]] = {
    "docker run": (
        "docker inspect new",
        "docker ps -a --no-trunc",
        "docker exec new env",
        "docker exec new id",
        "docker exec new hostname",
        "docker exec new cat /etc/hosts",
        "docker exec new cat /etc/resolv.conf",
        "docker exec new mount",
        "docker exec new cat /proc/self/uid_map",
        "docker exec new cat /sys/fs/cgroup/memory.high",
        "docker stop new",
    ),
    "docker build": ("docker inspect new", "docker images", "docker build -t later made"),
    "docker commit": ("docker inspect new", "docker history new"),
    "docker network create": ("docker network inspect new", "docker network ls"),
    "docker volume create": ("docker volume inspect new",),
    "docker update": ("docker inspect other",),
    "docker pull": ("docker images", "docker -H b images", "docker inspect redis"),
    "docker network connect": ("docker inspect web", "docker network inspect net1"),
    "cgroup create": ("cgroup ls", "docker -H b run -d --cgroup-parent new alpine sleep 1"),
    "host add": (
        "host ls",
        "cost",
        "on new uname -a",
        "on new nproc",
        "on new free -m",
        "docker -H new version",
        "docker -H new run -d --name n1 alpine sleep 5",
        "vm create inner --host new -m 600m --vcpus 1",
        "events",
    ),
    "vm create": (
        "vm ls",
        "on new uname -a",
        "docker -H new version",
        "docker -H new pull alpine",
        "events",
        "vm create inner --host new -m 600m --vcpus 1",
        "why new",
        "advance 9s",
        "vm ls",
    ),
    "registry add": (
        "registry ls",
        "docker tag alpine new.local/x",
        "docker push new.local/x",
        "docker login new.local -u bob -p x",
        "docker rmi new.local/x",
        "docker pull new.local/x",
        "docker rmi new.local/x",
        "docker pull new.local/x",
        "cost",
    ),
    "registry set": (
        "registry ls",
        "docker login registry.local -u bob -p x",
        "docker pull registry.local/mine",
        "docker -H b pull registry.local/mine",
        "docker -H b rmi registry.local/mine",
        "docker -H b pull registry.local/mine",
    ),
    "service create": ("service ls", "service add new web", "traffic new 100/s", "advance 5s"),
    "tune": (
        "docker run -d --name q alpine sleep 9",
        "docker exec q cat /proc/self/uid_map",
        "top a",
        "on a uname -r",
        "docker version",
        "why a",
        "reboot a",
        "show",
    ),
    "move": ("docker -H b ps", "cost", "events -n 50"),
    "traffic": (
        "traffic ls",
        "advance 3s",
        "service ls",
        "on a cat /proc/sys/net/netfilter/nf_conntrack_count",
    ),
}
"""Lines that look at what a line did."""
PROBES["docker create"] = PROBES["docker run"]
for _verb in ("image prune", "system prune", "volume prune", "builder prune", "rm", "rmi", "load"):
    PROBES[f"docker {_verb}"] = ("docker images", "docker volume ls", "docker system df")
ALWAYS = ("docker ps -a", "advance 1s")
NOWHERE = {"docker update": "docker update --cpus 1 {} other"}
"""Lines with a gap for ``--host``, where the usual one is none without a flag."""
for _mine, _more in (
    (HARMLESS, kubectl.HARMLESS),
    (FILES, kubectl.FILES),
    (HARMLESS, more_of_kubectl.HARMLESS),
    (FILES, more_of_kubectl.FILES),
    (LINES, more_of_kubectl.LINES),
    (LINES, kubectl.LINES),
    (PAIRS, kubectl.PAIRS),
    (PROBES, kubectl.PROBES),
    *((HARMLESS, one.HARMLESS) for one in (compose, swarm)),
    *((FILES, one.FILES) for one in (compose, swarm)),
    *((LINES, one.LINES) for one in (compose, swarm)),
    *((PAIRS, one.PAIRS) for one in (compose, swarm)),
    *((PROBES, one.PROBES) for one in (compose, swarm)),
    *((VALUES, one.VALUES) for one in (compose, swarm)),
):
    _mine.update(_more)  # type: ignore[attr-defined]
