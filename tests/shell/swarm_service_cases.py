"""Lines in which flags of docker swarm, node and service are tried, and what shows of them."""

from __future__ import annotations

HARMLESS: dict[tuple[str, str], str] = {}
PAIRS: dict[tuple[str, str], tuple[str, str]] = {}
LINES: dict[str, str] = {}
PROBES: dict[str, tuple[str, ...]] = {}
VALUES: dict[str, str] = {}
FILES = {"sw/vars.env": "MODE=fast\n"}
SETUP = (
    "docker network create -d overlay inner",
    "docker network create -d overlay outer",
    "docker service create -d --name kept --replicas 2 -l team=blue -e A=1 --container-label c=1 "
    "--ulimit nofile=512 "
    "--constraint node.role==worker --placement-pref spread=node.labels.zone -p 9090:80 "
    "--mount type=volume,source=disk,target=/d --host a:1.2.3.4 --dns 1.1.1.1 --group 1000 "
    "--network inner --secret pw --config app nginx",
    "advance 10s",
    "docker service scale -d kept=3",
    "advance 10s",
)
NEW, KEPT = "docker service create -d {} --name new nginx", "docker service update -d {} kept"
LINES |= {
    "docker service create": NEW,
    "docker service update": KEPT,
    "docker service scale": "docker service scale {} kept=4",
    "docker service rollback": "docker service rollback {} kept",
    "docker service rm": "docker service rm {} kept",
    "docker service ps": "docker service ps {} kept",
    "docker service logs": "docker service logs {} kept",
    "docker service inspect": "docker service inspect {} kept",
    "docker node ls": "docker node ls {}",
    "docker node ps": "docker node ps {} n1 n2",
    "docker node inspect": "docker node inspect {} n2",
    "docker node update": "docker node update {} --label-add z=1 n2",
    "docker node promote": "docker node promote {} n2",
    "docker node demote": "docker node demote {} n1",
    "docker node rm": "docker node rm {} n3",
    "docker swarm join": "docker swarm join {} n1:2377",
    "docker swarm join-token": "docker swarm join-token {} worker",
    "docker swarm leave": "docker swarm leave {}",
    "docker swarm update": "docker swarm update {} --task-history-limit 3",
    "swarm create": "swarm create {}",
}
SEEN = ("docker service inspect new kept", "docker service ps new kept", "advance 40s",
        "docker service ps kept")  # fmt: skip
PROBES |= {
    "docker service create": SEEN,
    "docker service update": SEEN,
    "docker node update": ("docker node inspect n2",),
    "docker swarm init": ("docker node ls",),
    "swarm create": ("docker node ls", "docker node inspect self", "host ls", "bill"),
}
HARMLESS |= {
    ("docker service create", "--with-registry-auth"): "nodes log in to registries themselves",
    ("docker service update", "--with-registry-auth"): "nodes log in to registries themselves",
    **{
        (f"docker swarm {verb}", flag): "machines have one address here"
        for verb in ("init", "join")
        for flag in ("--advertise-addr", "--listen-addr", "--data-path-addr")
    },
}
VALUES |= {
    "docker service create --mode": "global",
    "docker service create --env-file": "sw/vars.env",
    **{
        f"docker service {verb} --{flag}{add}": value
        for verb, add in (("create", ""), ("update", "-add"))
        for flag, value in (
            ("network", "outer"), ("secret", "spare"), ("config", "spare"),
            ("env", "k=v"), ("label", "k=v"), ("container-label", "k=v"),
            ("constraint", "node.hostname!=n1"), ("placement-pref", "spread=node.labels.rack"),
            ("mount", "type=volume,source=more,target=/e"), ("publish", "7070:80"),
            ("host", "b:1.2.3.4"), ("dns", "8.8.8.8"), ("group", "audio"),
            ("generic-resource", "gpu=1"), ("ulimit", "nofile=2048"),
        )
    },
    **{
        f"docker service update --{flag}-rm": value
        for flag, value in (
            ("network", "inner"), ("secret", "pw"), ("config", "app"), ("env", "A"),
            ("label", "team"), ("container-label", "c"), ("constraint", "node.role==worker"),
            ("placement-pref", "spread=node.labels.zone"), ("mount", "/d"), ("publish", "80"),
            ("host", "a"), ("dns", "1.1.1.1"), ("group", "1000"), ("ulimit", "nofile"),
        )
    },
    "docker service update --image": "redis",
    "docker service update --args": "'sleep 5'",
    **{
        f"docker service {verb} --{flag}": value
        for verb in ("create", "update")
        for flag, value in (
            ("limit-cpu", "0.5"), ("reserve-cpu", "0.5"), ("restart-condition", "none"),
            ("endpoint-mode", "dnsrr"), ("update-failure-action", "continue"),
            ("rollback-failure-action", "continue"), ("update-order", "start-first"),
            ("rollback-order", "start-first"), ("update-max-failure-ratio", "0.5"),
            ("rollback-max-failure-ratio", "0.5"), ("oom-score-adj", "100"),
            ("entrypoint", "sleep"), ("stop-signal", "SIGINT"), ("health-cmd", "true"),
            ("cap-add", "NET_ADMIN"), ("cap-drop", "CHOWN"), ("user", "1000"),
            ("workload", "'server cpu=9ms'"), ("workdir", "/tmp"), ("log-driver", "local"),
            ("log-opt", "max-size=1m"), ("hostname", "box"),
        )
    },
    "docker service ls --filter": "name=kept",
    "docker service ls --format": "'{{.Name}}'",
    "docker service ps --filter": "desired-state=shutdown",
    "docker service ps --format": "'{{.Name}}'",
    "docker service inspect --format": "'{{.ID}}'",
    "docker service logs --tail": "0",
    "docker service logs --since": "1s",
    "docker node ls --filter": "role=worker",
    "docker node ls --format": "'{{.Hostname}}'",
    "docker node ps --filter": "desired-state=shutdown",
    "docker node ps --format": "'{{.Name}}'",
    "docker node inspect --format": "'{{.ID}}'",
    "docker node update --availability": "drain",
    "docker node update --role": "manager",
    "docker node update --label-add": "disk=ssd",
    "docker swarm init --advertise-addr": "eth0",
    "docker swarm join --advertise-addr": "eth0",
    "swarm create --label": "disk=ssd",
    "swarm create --price": "3",
    "swarm create --managers": "3",
    "swarm create --zones": "3",
    "swarm create --prefix": "box-",
}  # fmt: skip
_LONE = "host add lone; docker -H lone swarm "
_TOKEN = "$(docker -H n1 swarm join-token -q worker)"
PAIRS |= {
    **{
        ("docker swarm init", flag): (
            f"{_LONE}init; docker -H lone node inspect self",
            f"{_LONE}init {flag}{value}; docker -H lone node inspect self; use lone; "
            "docker service create -d --name x nginx; docker service ps x",
        )
        for flag, value in (("--availability", " drain"),)
    },
    ("docker swarm init", "--task-history-limit"): (
        f"{_LONE}init; use lone; docker service create -d --name x alpine sleep 1; advance 60s; "
        "docker service ps x",
        f"{_LONE}init --task-history-limit 1; use lone; docker service create -d --name x alpine "
        "sleep 1; advance 60s; docker service ps x",
    ),
    ("docker swarm update", "--task-history-limit"): (
        "docker service create -d --name x alpine sleep 1; advance 60s; docker service ps x",
        "docker swarm update --task-history-limit 1; docker service create -d --name x alpine "
        "sleep 1; advance 60s; docker service ps x",
    ),
    ("docker swarm update", "--dispatcher-heartbeat"): (
        "fault power n3; advance 25s; docker node ls",
        "docker swarm update --dispatcher-heartbeat 60s; fault power n3; advance 25s; "
        "docker node ls",
    ),
    ("docker swarm init", "--dispatcher-heartbeat"): (
        f"{_LONE}init; host add two; docker -H two swarm join --token "
        "$(docker -H lone swarm join-token -q worker) lone:2377; fault power two; advance 25s; "
        "docker -H lone node ls",
        f"{_LONE}init --dispatcher-heartbeat 60s; host add two; docker -H two swarm join --token "
        "$(docker -H lone swarm join-token -q worker) lone:2377; fault power two; advance 25s; "
        "docker -H lone node ls",
    ),
    ("docker swarm init", "--force-new-cluster"): (
        "docker swarm init", "docker swarm init --force-new-cluster",
    ),
    ("docker swarm init", "--listen-addr"): (f"{_LONE}init", f"{_LONE}init --listen-addr eth0"),
    ("docker swarm join", "--token"): (
        f"{_LONE}join n1:2377", f"{_LONE}join --token {_TOKEN} n1:2377",
    ),
    ("docker swarm join", "--availability"): (
        f"{_LONE}join --token {_TOKEN} n1:2377; docker -H n1 node ls",
        f"{_LONE}join --availability pause --token {_TOKEN} n1:2377; docker -H n1 node ls",
    ),
    ("docker swarm leave", "--force"): ("docker swarm leave", "docker swarm leave --force"),
    ("docker service create", "--name"): (
        "docker service create -d nginx", "docker service create -d --name other nginx",
    ),
    ("docker service create", "-H"): (
        "docker service create -d --name new nginx", "docker service create -d -H n2 --name new "
        "nginx",
    ),
    **{
        (f"docker service {verb}", "--detach"): (line, line.replace(verb, f"{verb} --detach"))
        for verb, line in (
            ("create", "docker service create --name new nginx"),
            ("update", "docker service update --force kept"),
            ("scale", "docker service scale kept=4"),
            ("rollback", "docker service rollback kept"),
        )
    },
    **{
        (f"docker service {verb}", "--quiet"): (line, line.replace(verb, f"{verb} --quiet"))
        for verb, line in (
            ("create", "docker service create --name new nginx"),
            ("update", "docker service update --force kept"),
            ("rollback", "docker service rollback kept"),
        )
    },
    **{
        (f"docker service {verb}", "--no-resolve-image"): (
            line, line.replace(verb, f"{verb} --no-resolve-image"),
        )
        for verb, line in (
            ("create", "docker service create -d --name new shop:nope"),
            ("update", "docker service update -d --image shop:nope kept"),
        )
    },
    ("docker service create", "--max-concurrent"): (
        "docker service create -d --mode replicated-job --replicas 4 --name new alpine sleep 5",
        "docker service create -d --mode replicated-job --replicas 4 --max-concurrent 2 --name new "
        "alpine sleep 5",
    ),
    ("docker service update", "--max-concurrent"): (
        "docker service create -d --mode replicated-job --replicas 4 --name new alpine sleep 5; "
        "docker service update -d --force new",
        "docker service create -d --mode replicated-job --replicas 4 --name new alpine sleep 5; "
        "docker service update -d --max-concurrent 2 --force new",
    ),
    ("docker service update", "--generic-resource-rm"): (
        "docker service create -d --generic-resource gpu=1 --name new nginx; "
        "docker service update -d --force new",
        "docker service create -d --generic-resource gpu=1 --name new nginx; "
        "docker service update -d --generic-resource-rm gpu --force new",
    ),
    ("docker service update", "--health-retries"): (
        "docker service update -d --health-cmd true kept",
        "docker service update -d --health-cmd true --health-retries 9 kept",
    ),
    ("docker service logs", "--follow"): (
        "docker service logs kept", "docker service logs --follow kept",
    ),
    ("docker service logs", "--no-task-ids"): (
        "docker service logs kept", "docker service logs --no-task-ids kept",
    ),
    ("docker service ls", "--quiet"): ("docker service ls", "docker service ls --quiet"),
    ("docker node update", "--label-rm"): (
        "docker node update --label-add a=b n2",
        "docker node update --label-add a=b n2; docker node update --label-rm a n2",
    ),
}  # fmt: skip
