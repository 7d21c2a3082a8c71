"""For every flag of docker compose a pair of lines that differ in it alone, or why it changes
nothing."""

from __future__ import annotations

HARMLESS: dict[tuple[str, str], str] = {}


def _harmless(reason: str, *cases: str) -> None:
    for case in cases:
        verb, _, flag = case.rpartition(" ")
        HARMLESS[f"docker compose {verb}", flag] = reason


_harmless("output has no colours here", "up --no-color", "logs --no-color")
_harmless(
    "nobody is asked before something is done: 'undo' takes it back",
    "rm --force",
)  # fmt: skip
_harmless("containers of 'run' are removed by 'down'", "rm --all")
_harmless(
    "it is what happens where nothing is said",
    "exec --interactive", "exec --tty", "run --interactive",
)  # fmt: skip
_harmless("what is pulled and built is said all the same", "run --quiet")
_harmless("files that are copied keep whom they belong to", "cp --archive")
_harmless("how fast the client works is not modelled", "up --parallel")
_harmless("output has no colours here", "up --ansi")
_harmless("the log of the client is not shown", "up --verbose")
_harmless("no daemon is asked", "config --host", "version --host")

SETUP = (
    "host add a --cores 8 -m 16g",
    "docker pull alpine",
    "docker pull nginx",
    "docker compose -f fl/shop.yaml build -q",
    "docker compose -f fl/shop.yaml up -d",
    "advance 3s",
)
SHOP = """\
name: shop
services:
  web:
    image: nginx
    ports: ["80"]
    depends_on:
      db: {condition: service_started, restart: true}
    environment: {TAG: "${TAG:-1}", HOME_OF: "${WHO:-nobody}"}
    cap_add: [NET_ADMIN]
  db:
    image: alpine
    command: sh -c "echo ready; sleep 1; echo again; sleep 1000"
    volumes: ["data:/data", "/scratch"]
  built:
    image: built
    build: {context: made, args: {WORD: hello}}
    command: sleep 1000
  extra:
    image: alpine
    command: sleep 1000
    profiles: [more]
volumes:
  data:
"""
JOBS = """\
name: jobs
services:
  quick: {image: alpine, command: sh -c "echo quick; exit 3", depends_on: [helper]}
  slow: {image: alpine, command: sh -c "sleep 5; echo slow", volumes: [/scratch]}
  helper: {image: busybox, command: sh -c "echo help; sleep 4"}
"""
HEALTH = """\
name: health
services:
  ill:
    image: alpine
    command: sleep 1000
    healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 2}
"""
FILES = {
    "fl/shop.yaml": SHOP,
    "fl/jobs.yaml": JOBS,
    "fl/health.yaml": HEALTH,
    "fl/changed.yaml": SHOP.replace("echo again", "echo once more"),
    "fl/labelled.yaml": SHOP.rstrip() + " {labels: {a: b}}\n",
    "fl/less.yaml": SHOP[: SHOP.index("  built:")] + "volumes:\n  data:\n",
    "fl/more.yaml": "services: {web: {labels: {a: b}}}\n",
    "fl/missing.yaml": "name: missing\nservices: {a: {image: nosuchimage}, b: {image: busybox}}\n",
    "fl/other.env": "TAG=7\n",
    "fl/made/Dockerfile": "FROM alpine\nARG WORD=x\nRUN echo $WORD\nRUN echo two\n",
    "fl/page.txt": "page\n",
}
C = "docker compose -f fl/shop.yaml"
J = "docker compose -f fl/jobs.yaml"
LINES: dict[str, str] = {
    f"docker compose {verb}": f"{C} {verb} {{}}{rest}"
    for verb, rest in {
        "up": " -d", "create": "", "scale": " web=2", "build": "", "pull": "", "down": "",
        "start": "", "stop": " web", "restart": " db", "kill": " web", "pause": " web",
        "unpause": "", "rm": "", "ps": "", "ls": "", "images": "", "volumes": "",
        "port": " web 80", "logs": "", "top": "", "stats": "", "events": "", "exec": " web env",
        "run": " db env", "cp": " fl/page.txt web:/tmp/", "wait": " db", "config": "",
        "version": "",
    }.items()
}  # fmt: skip
VALUES = {
    "docker compose up --ansi": "never",
    "docker compose up --parallel": "3",
    "docker compose up --scale": "web=2",
    "docker compose create --scale": "web=2",
    "docker compose ps --status": "exited",
    "docker compose ps --filter": "status=exited",
    "docker compose ls --filter": "name=nothing",
    "docker compose config --hash": "'*'",
    "docker compose logs --since": "1s",
    "docker compose logs --until": "10s",
    "docker compose logs --tail": "1",
    "docker compose logs --index": "2",
    "docker compose events --since": "1s",
    "docker compose events --until": "10s",
    "docker compose exec --user": "nobody",
    "docker compose exec --workdir": "/tmp",
    "docker compose run --user": "nobody",
    "docker compose kill --signal": "TERM",
    "docker compose build --ssh": "default",
    "docker compose stats --format": "'{{.Name}}'",
    "docker compose ps --format": "'{{.Name}}'",
    "docker compose ls --format": "json",
    "docker compose images --format": "json",
    "docker compose volumes --format": "json",
    "docker compose config --format": "json",
    "docker compose version --format": "json",
    "docker compose run --volume": "more:/more",
    "docker compose run --publish": "7777:80",
}
LS = "docker ps -a"


def _two(flag: str, line: str, before: str = "") -> tuple[str, str]:
    """A line without and with a flag, after what makes it matter."""
    first = f"{before}; " if before else ""
    return first + line.format(""), first + line.format(flag)


PAIRS: dict[tuple[str, str], tuple[str, str]] = {}
for _verb, _flag, _line, _before in (
    ("up", "--detach", f"{J} up {{}} slow; {LS}", ""),
    ("up", "--build", f"{C} up {{}} -d", ""),
    ("up", "--no-build", f"{C} up {{}} -d", "docker compose -f fl/shop.yaml down --rmi all"),
    ("up", "--pull always", f"{C} up {{}} -d", ""),
    ("up", "--no-recreate", "docker compose -f fl/changed.yaml up {} -d", ""),
    ("up", "--remove-orphans", "docker compose -f fl/less.yaml up {} -d", ""),
    ("up", "--quiet-pull", f"{C} up {{}} -d --pull always", ""),
    ("up", "--quiet-build", f"{C} up {{}} -d --build", ""),
    ("up", "--wait", "docker compose -f fl/health.yaml up -d {}", ""),
    ("up", "--wait-timeout 1", "docker compose -f fl/health.yaml up -d --wait {}", ""),
    ("up", "--no-start", f"{J} up {{}} -d", ""),
    ("up", "--no-deps", f"{J} up {{}} -d quick", ""),
    ("up", "--always-recreate-deps", f"{C} up {{}} -d web", ""),
    ("up", "--renew-anon-volumes", f"{J} up {{}} -d --force-recreate slow; docker volume ls",
     f"{J} up -d slow"),
    ("up", "--abort-on-container-exit", f"{J} up {{}}", ""),
    ("up", "--abort-on-container-failure", f"{J} up {{}}", ""),
    ("up", "--exit-code-from quick", f"{J} up {{}}", ""),
    ("up", "--attach slow", f"{J} up {{}}", ""),
    ("up", "--no-attach slow", f"{J} up {{}}", ""),
    ("up", "--attach-dependencies", f"{J} up {{}} quick", ""),
    ("up", "--no-log-prefix", f"{J} up {{}} slow", ""),
    ("up", "--timestamps", f"{J} up {{}} slow", ""),
    ("up", "--timeout 1", "docker compose -f fl/changed.yaml up {} -d", ""),
    ("up", "--file fl/more.yaml", f"{C} {{}} up -d", ""),
    ("up", "--project-name other", "docker compose {} -f fl/jobs.yaml up -d slow", ""),
    ("up", "--project-directory fl/made", "docker compose {} -f fl/jobs.yaml up -d slow; "
     "docker inspect jobs-slow-1", ""),
    ("up", "--yes", "docker compose -f fl/labelled.yaml up -d {}", ""),
    ("create", "--yes", "docker compose -f fl/labelled.yaml create {}", ""),
    ("up", "--profile more", "docker compose {} -f fl/shop.yaml up -d", ""),
    ("up", "--env-file fl/other.env", "docker compose {} -f fl/shop.yaml up -d", ""),
    ("up", "--progress plain", "docker compose {} -f fl/shop.yaml up -d", ""),
    ("up", "--shell-variable TAG=8", f"{C} up -d {{}}", ""),
    ("create", "--build", f"{C} create {{}}", ""),
    ("create", "--no-build", f"{C} create {{}}", f"{C} down --rmi all"),
    ("create", "--pull always", f"{C} create {{}}", ""),
    ("create", "--no-recreate", "docker compose -f fl/changed.yaml create {}", ""),
    ("create", "--remove-orphans", "docker compose -f fl/less.yaml create {}", ""),
    ("create", "--quiet-pull", f"{C} create {{}} --pull always", ""),
    ("scale", "--no-deps", f"{J} scale {{}} quick=2", ""),
    ("build", "--quiet", f"{C} build {{}}", ""),
    ("build", "--build-arg WORD=bye", f"{C} build {{}}", ""),
    ("build", "--push", f"{C} build {{}}", ""),
    ("build", "--with-dependencies", "docker compose -f fl/deep.yaml build {} app", ""),
    ("build", "--ssh default", "docker compose -f fl/ssh.yaml build {}", ""),
    ("pull", "--ignore-pull-failures", "docker compose -f fl/missing.yaml pull {}", ""),
    ("pull", "--include-deps", f"{J} pull {{}} quick", ""),
    ("pull", "--ignore-buildable", f"{C} pull {{}}", ""),
    ("down", "--volumes", f"{C} down {{}}; docker volume ls", ""),
    ("down", "--rmi all", f"{C} down {{}}; docker images", ""),
    ("down", "--remove-orphans", "docker compose -f fl/less.yaml down {}", ""),
    ("down", "--timeout 1", f"{C} down {{}}", ""),
    ("start", "--wait", "docker compose -f fl/health.yaml start {}",
     "docker compose -f fl/health.yaml create"),
    ("start", "--wait-timeout 1", "docker compose -f fl/health.yaml start --wait {}",
     "docker compose -f fl/health.yaml create"),
    ("stop", "--timeout 1", f"{C} stop {{}} db", ""),
    ("restart", "--timeout 1", f"{C} restart {{}} db", ""),
    ("rm", "--volumes", f"{J} rm {{}}; docker volume ls", f"{J} create slow"),
    ("ps", "--all", f"{C} ps {{}}", f"{C} stop web"),
    ("ps", "--no-orphans", "docker compose -f fl/less.yaml ps {}", ""),
    ("ls", "--all", "docker compose ls {}", f"{J} create"),
    ("stats", "--all", f"{C} stats {{}}", f"{C} stop web"),
    ("stats", "--no-trunc", f"{C} stats --no-stream {{}}", ""),
    ("port", "--protocol udp", f"{C} port {{}} web 80", ""),
    ("port", "--index 2", f"{C} port {{}} web 80", ""),
    ("logs", "--follow", f"{J} logs {{}}", f"{J} up -d slow"),
    ("exec", "--detach", f"{C} exec {{}} web env", ""),
    ("exec", "--env A=1", f"{C} exec {{}} web env", ""),
    ("exec", "--index 2", f"{C} exec {{}} web env", ""),
    ("exec", "--no-TTY", f"{C} exec {{}} web env", ""),
    ("exec", "--user nobody", f"{C} exec {{}} db id", ""),
    ("exec", "--workdir /tmp", f"{C} exec {{}} db pwd", ""),
    ("run", "--build", f"{C} run {{}} built true", ""),
    ("run", "--pull always", f"{C} run {{}} db true", ""),
    ("run", "--quiet-pull", f"{C} run --pull always {{}} db true", ""),
    ("run", "--name one", f"{C} run {{}} db true", ""),
    ("run", "--entrypoint env", f"{C} run {{}} db", ""),
    ("run", "--env A=1", f"{C} run {{}} db env", ""),
    ("run", "--label a=b", f"{C} run --name one {{}} db true; docker inspect one", ""),
    ("run", "--publish 7777:80", f"{C} run -d --name one {{}} db sleep 9", ""),
    ("run", "--service-ports", f"{C} run -d --name one {{}} web", ""),
    ("run", "--user nobody", f"{C} run {{}} db id", ""),
    ("run", "--volume more:/more", f"{C} run {{}} db true; docker volume ls", ""),
    ("run", "--workdir /tmp", f"{C} run {{}} db pwd", ""),
    ("run", "--use-aliases", f"{C} run -d --name one {{}} db sleep 9; docker inspect one", ""),
    ("run", "--no-deps", f"{J} run {{}} quick true", ""),
    ("run", "--remove-orphans", "docker compose -f fl/less.yaml run {} db true", ""),
    ("run", "--no-TTY", f"{C} run --name one {{}} db true; docker inspect one", ""),
    ("run", "--cap-add SYS_ADMIN", f"{C} run --name one {{}} db true; docker inspect one", ""),
    ("run", "--cap-drop ALL", f"{C} run --name one {{}} db true; docker inspect one", ""),
    ("run", "--rm", f"{C} run --name one {{}} db true", ""),
    ("run", "--detach", f"{C} run --name one {{}} db sleep 3", ""),
    ("cp", "--index 2", f"{C} cp {{}} fl/page.txt web:/tmp/", ""),
    ("config", "--no-env-resolution", "docker compose -f fl/files.yaml config {}", ""),
):  # fmt: skip
    _name = _flag.split()[0]
    PAIRS[f"docker compose {_verb}", _name] = _two(_flag, _line, _before)
FILES["fl/files.yaml"] = "name: f\nservices: {a: {image: alpine, env_file: other.env}}\n"
FILES["fl/deep.yaml"] = (
    "name: deep\nservices:\n  app: {build: made, depends_on: [low]}\n"
    "  low: {build: {context: made, args: {WORD: low}}}\n"
)
FILES["fl/ssh.yaml"] = "name: ssh\nservices: {app: {build: keyed}}\n"
FILES["fl/keyed/Dockerfile"] = "FROM alpine\nRUN --mount=type=ssh,required=true echo hello\n"
PROBES: dict[str, tuple[str, ...]] = {
    "docker compose up": ("docker compose -f fl/shop.yaml ps -a",),
}
