"""Stacks as people deploy, change and remove them: what is said, what is there, what is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from swarm_shop import Shop

from simulator.cluster.swarm.objects import FAILED, RUNNING

DAEMON = "Error response from daemon: "
WEB = """\
services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
    configs: [app]
    secrets: [pw]
    deploy: {replicas: 2}
  db: {image: redis, networks: [back]}
networks: {back: {attachable: true}}
configs: {app: {file: ./app.conf}}
secrets: {pw: {file: ./pw.txt}}
"""
FILES = {"shop/stack.yml": WEB, "shop/app.conf": "listen = 80\n", "shop/pw.txt": "s3cret\n"}
DEPLOY = "docker stack deploy -d -c shop/stack.yml shop"
BEGINS = [
    "Creating network shop_back", "Creating network shop_default", "Creating secret shop_pw",
    "Creating config shop_app", "Creating service shop_db", "Creating service shop_web",
]  # fmt: skip


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path, FILES)


def states(shop, service, *words):
    state = shop.swarm.state
    known = state.service_named(service)
    return [one for one in state.tasks_of(known.id) if not words or one.state in words]


# --- what is made ---------------------------------------------------------------------------------


def test_a_stack_is_its_networks_secrets_configs_and_services_in_this_order(shop):
    lines = shop("docker stack deploy -c shop/stack.yml shop")
    assert lines[:2] == [
        "Since --detach=false was not specified, tasks will be created in the background.",
        "In a future release, --detach=false will become the default.",
    ]
    assert lines[2:] == BEGINS
    assert shop("docker stack ls") == ["NAME      SERVICES", "shop      2"]
    shop("advance 60s")
    assert [len(states(shop, name, RUNNING)) for name in ("shop_web", "shop_db")] == [2, 1]


def test_what_has_not_changed_stays_and_an_image_that_has_is_brought_in(shop):
    shop(DEPLOY)
    shop("advance 60s")
    before = [one.id for one in states(shop, "shop_web", RUNNING)]
    again = shop(DEPLOY)
    web, db = (shop.swarm.state.service_named(name) for name in ("shop_web", "shop_db"))
    assert again == [f"Updating service shop_db (id: {db.id})",
                     f"Updating service shop_web (id: {web.id})"]  # fmt: skip
    shop("advance 60s")
    assert [one.id for one in states(shop, "shop_web", RUNNING)] == before
    shop.write("shop/stack.yml", WEB.replace("1.27", "1.28"))
    shop(DEPLOY)
    shop("advance 120s")
    running = states(shop, "shop_web", RUNNING)
    images = [one.spec.container.image.partition("@")[0] for one in running]
    assert images == ["nginx:1.28"] * 2


def test_what_the_tool_ignores_it_names_and_depends_on_is_told_of_once(shop):
    body = ("    build: .\n    restart: always\n    container_name: x\n    expose: ['80']\n"
            "    depends_on: [db]\n")  # fmt: skip
    shop.write("shop/stack.yml", WEB.replace("    ports", f"{body}    ports"))
    lines = shop(DEPLOY)
    assert lines[:8] == [
        "Ignoring unsupported options: build, restart",
        "",
        "Ignoring deprecated options:",
        "",
        "container_name: Setting the container name is not supported.",
        "",
        "expose: Exposing ports is unnecessary - services on the same network can access each "
        "other's containers on any port.",
        "",
    ]
    assert lines[8].startswith("depends_on is not looked at")
    assert not any("depends_on" in one for one in shop(DEPLOY))


def test_services_that_a_file_has_no_more_go_with_prune_alone(shop):
    shop(DEPLOY)
    shop.write("shop/stack.yml", "services: {db: {image: redis}}\n")
    shop(DEPLOY)
    assert shop("docker stack ls --format '{{.Services}}'") == ["2"]
    lines = shop(f"{DEPLOY} --prune")
    assert lines[0] == "Removing service shop_web"
    assert shop("docker stack ls --format '{{.Services}}'") == ["1"]


def test_a_stack_is_removed_with_all_that_is_its_own(shop):
    shop(DEPLOY)
    shop("advance 30s")
    assert shop("docker stack rm shop") == [
        "Removing service shop_db", "Removing service shop_web", "Removing secret shop_pw",
        "Removing config shop_app", "Removing network shop_back", "Removing network shop_default",
    ]  # fmt: skip
    state = shop.swarm.state
    assert (state.services, state.secrets) == ({}, {})
    assert [one.name for one in state.networks.values()] == ["ingress"]
    assert shop("docker stack rm shop") == ["Nothing found in stack: shop"]
    shop("advance 60s")
    assert state.tasks == {}


def test_who_does_not_detach_waits_until_the_tasks_are_gone(shop):
    shop.write("slow.yml", "services: {slow: {image: alpine, command: sleep 1000}}\n")
    shop("docker stack deploy -d -c slow.yml slow")
    shop("advance 30s")
    shop("docker stack rm -d=false slow")  # it does not hear that it is to stop
    assert 40 <= shop.world.now < 42
    assert shop.swarm.state.tasks == {}


def test_who_waits_for_a_stack_sees_each_service_converge(shop):
    shop.write("shop/stack.yml", "services: {web: {image: nginx}, db: {image: redis}}\n")
    lines = shop("docker stack deploy --detach=false -c shop/stack.yml shop")
    assert sum(one.endswith("converged") for one in lines) == 2
    assert [len(states(shop, name, RUNNING)) for name in ("shop_web", "shop_db")] == [1, 1]
    again = shop("docker stack deploy --detach=false -q -c shop/stack.yml shop")
    assert [one.split()[0] for one in again] == ["Updating", "Updating"]


def test_an_image_that_somebody_else_has_changed_stays_where_the_file_names_the_same(shop):
    def images():
        return shop("docker stack services --format '{{.Name}} {{.Image}}' shop")

    shop(DEPLOY)
    shop("docker service update -d --image nginx:1.28 shop_web")
    shop(f"{DEPLOY} --resolve-image changed")
    assert images() == ["shop_db redis:latest", "shop_web nginx:1.28"]
    shop(f"{DEPLOY} --resolve-image never")
    assert images() == ["shop_db redis:latest", "shop_web nginx:1.28"]
    shop(DEPLOY)
    assert images() == ["shop_db redis:latest", "shop_web nginx:1.27"]


def test_an_image_that_no_registry_has_is_told_of_when_a_service_is_updated(shop):
    shop.write("own.yml", "services: {web: {image: 'nginx:nosuch'}}\n")
    line = "docker stack deploy -d -c own.yml own"
    assert not any("could not be accessed" in one for one in shop(line))
    assert "image nginx:nosuch could not be accessed on a registry to record" in shop(line)
    assert len(shop(f"{line} --resolve-image changed")) == 1


def test_tasks_and_services_of_one_stack_are_listed(shop):
    shop(DEPLOY)
    shop.write("other.yml", "services: {web: {image: nginx}}\n")
    shop("docker stack deploy -d -c other.yml other; advance 30s")
    assert shop("docker stack services --format '{{.Name}} {{.Replicas}} {{.Ports}}' shop") == [
        "shop_db 1/1 ", "shop_web 2/2 *:8080->80/tcp",
    ]  # fmt: skip
    assert shop("docker stack ps --format '{{.Name}} {{.DesiredState}}' shop") == [
        "shop_db.1 Running", "shop_web.1 Running", "shop_web.2 Running",
    ]  # fmt: skip
    assert shop("docker stack ps shop")[0].split() == [
        "ID", "NAME", "IMAGE", "NODE", "DESIRED", "STATE", "CURRENT", "STATE", "ERROR", "PORTS",
    ]  # fmt: skip
    assert len(shop("docker stack ps -q --filter node=n1 shop")) == 1
    for line in ("docker stack ps nosuch", "docker stack ps --filter name=x shop"):
        assert shop.refused(line) == f"nothing found in stack: {line.split()[-1]}"
    assert shop("docker stack services nosuch") == ["Nothing found in stack: nosuch"]


def test_several_files_are_one_over_the_other_and_variables_are_those_of_the_shell(shop):
    shop.write("shop/stack.yml", WEB.replace("1.27", "${TAG:-1.27}"))
    shop.write("over.yml", "services: {web: {deploy: {replicas: 1}}}\n")
    shop.write("shop/.env", "TAG=0.1\n")
    shop("TAG=1.28 docker stack deploy -c shop/stack.yml -c over.yml shop")
    spec = shop.swarm.state.service_named("shop_web").spec
    assert spec.task.container.image.startswith("nginx:1.28@sha256:")
    assert spec.mode.replicas == 1
    assert "    image: nginx:1.27" in shop("docker stack config -c shop/stack.yml")
    shown = shop("docker stack config -c shop/stack.yml --skip-interpolation")
    assert "    image: nginx:${TAG:-1.27}" in shown


def test_a_file_can_be_handed_over(shop):
    shop.write("plain.yml", "services: {web: {image: nginx}}\n")
    made = ["Creating network a_default", "Creating service a_web"]
    assert shop("cat plain.yml | docker stack deploy -d -c - a") == made
    lines = shop("docker stack config -c plain.yml | docker stack deploy -d -c - b")
    assert lines == ["Creating network b_default", "Creating service b_web"]
    lines = shop("docker stack deploy -d -c - c <<EOF\nservices: {web: {image: nginx}}\nEOF")
    assert lines == ["Creating network c_default", "Creating service c_web"]


def test_tasks_see_files_of_the_folder_on_the_node_where_it_is_and_on_no_other(shop):
    shop.write("page/stack.yml", "services: {web: {image: nginx, volumes: ['./html:/html'], "
               "deploy: {placement: {constraints: ['node.hostname == n1']}}}}\n")  # fmt: skip
    shop.write("page/html/index.html", "hello\n")
    shop("docker stack deploy -d -c page/stack.yml page")
    shop("advance 30s")
    (task,) = states(shop, "page_web", RUNNING)
    assert shop(f"docker exec {task.full_name} cat /html/index.html") == ["hello"]
    text = (shop.folder / "page/stack.yml").read_text()
    shop.write("page/stack.yml", text.replace("== n1", "== n2"))
    shop("docker stack deploy -d -c page/stack.yml page")
    shop("advance 30s")
    assert 'invalid mount config for type "bind": bind source path does not exist' in (
        states(shop, "page_web")[-2].error
    )


def test_requests_find_a_service_by_its_short_name_where_it_is_the_only_one(shop):
    shop(DEPLOY)
    shop("advance 30s")
    shop("traffic web 50/s")
    shop("advance 10s")
    assert len(shop.world.services["web"].endpoints) == 2
    shop.write("other.yml", "services: {db: {image: redis}}\n")
    shop("docker stack deploy -d -c other.yml other")
    shop("traffic db 5/s; traffic shop_db 5/s; advance 10s")
    assert [len(shop.world.services[name].endpoints) for name in ("db", "shop_db")] == [0, 1]


def test_what_stacks_of_others_have_is_there(shop):
    """Long names of global services, small reservations, and folders that every host has."""
    shop.write(
        "others.yml",
        """\
services:
  an-exporter-of-many-numbers:
    image: others/exporter:1
    volumes: ["/var/lib/docker/containers:/c:ro", "/etc/machine-id:/id:ro", "/dev/disk:/disk"]
    deploy:
      mode: global
      resources: {limits: {memory: 32M}, reservations: {memory: 5M}}
""",
    )
    shop("docker stack deploy -d -c others.yml others")
    shop("advance 30s")
    assert len(states(shop, "others_an-exporter-of-many-numbers", RUNNING)) == 3


def test_services_may_be_on_the_network_of_their_machine(shop):
    shop.write("host.yml", "services: {exp: {image: nginx, networks: [out]}}\n"
               "networks: {out: {external: true, name: host}}\n")  # fmt: skip
    assert shop("docker stack deploy -d -c host.yml s") == ["Creating service s_exp"]
    shop("advance 30s")
    (task,) = states(shop, "s_exp", RUNNING)
    host = shop.swarm.state.nodes[task.node].hostname
    line = f"docker -H {host} inspect -f {{{{.HostConfig.NetworkMode}}}} {task.full_name}"
    assert shop(line) == ["host"]


def test_logs_that_would_be_sent_away_are_kept_and_that_is_said(shop):
    shop.write("s.yml", "services: {web: {image: alpine, command: echo hello, logging: "
               "{driver: gelf, options: {gelf-address: 'udp://a:1'}}}}\n")  # fmt: skip
    assert shop("docker stack deploy -d -c s.yml s")[0] == (
        "note: services.web.logging.driver gelf is not modelled: it has no effect"
    )
    shop("advance 5s")
    assert any("hello" in one for one in shop("docker service logs s_web"))


def test_keys_without_an_effect_are_named_once(shop):
    body = (
        "tmpfs: /a, sysctls: {a: 1}, ulimits: {nproc: 3}, networks: {d: {ipv4_address: 10.9.0.9}}"
    )
    shop.write(
        "shop/stack.yml", f"services: {{web: {{image: a, {body}}}}}\nnetworks: {{d: {{}}}}\n"
    )
    lines = [one for one in shop(DEPLOY) if one.startswith("note: ")]
    assert [one.split()[1].removeprefix("services.web.") for one in lines] == [
        "tmpfs", "networks.d.ipv4_address", "sysctls", "ulimits.nproc",
    ]  # fmt: skip
    assert not any(one.startswith("note: ") for one in shop(DEPLOY))


def test_programs_that_nobody_knows_are_healthy_unless_their_test_always_fails(shop):
    service = "{{image: others/app:1, user: app, healthcheck: {{test: '{0}', interval: 3s}}}}"
    shop.write("s.yml", f"services:\n  good: {service.format('curl -f localhost || exit 1')}\n"
               f"  bad: {service.format('exit 1')}\n")  # fmt: skip
    shop("docker stack deploy -d -c s.yml s; advance 60s")
    assert [len(states(shop, name, RUNNING)) for name in ("s_good", "s_bad")] == [1, 0]


# --- two stories ----------------------------------------------------------------------------------

IMPATIENT = """\
services:
  web:
    image: alpine
    command: sh -c "nc -z -w 1 db 6379 || exit 1; sleep 100000"
    depends_on: {order}
  db: {{image: redis, command: sh -c "sleep 20; exec redis-server"}}
"""


def test_nothing_waits_for_a_database_and_what_needs_it_is_replaced_every_five_seconds(shop):
    shop.write("stack.yml", IMPATIENT.format(order="[db]"))
    shop("docker stack deploy -d -c stack.yml shop")
    shop("advance 60s")
    tasks = states(shop, "shop_web")
    ended = [one.changed for one in tasks if one.state == FAILED]
    assert [one.error for one in tasks[:-1]] == ["task: non-zero exit (1)"] * len(ended)
    gaps = [after - before for before, after in pairwise(ended)]
    assert all(5.0 < gap < 6.0 for gap in gaps)
    assert tasks[-1].state == RUNNING
    assert 20 < tasks[-1].changed < 32


def test_conditions_of_depends_on_are_refused_before_anything_is_made(shop):
    shop.write("stack.yml", IMPATIENT.format(order="{db: {condition: service_healthy}}"))
    assert "services.web.depends_on must be a list" in (
        shop.refused("docker stack deploy -c stack.yml shop")
    )
    assert shop.swarm.state.services == {}
    assert [one.name for one in shop.swarm.state.networks.values()] == ["ingress"]


@pytest.mark.parametrize(("kind", "file"), [("config", "app.conf"), ("secret", "pw.txt")])
def test_a_file_cannot_be_changed_and_a_new_name_is_the_cure(shop, kind, file):
    name = "shop_app" if kind == "config" else "shop_pw"
    shop(DEPLOY)
    shop.write(f"shop/{file}", "changed\n")
    shop.write("shop/stack.yml", WEB.replace("1.27", "1.28"))
    assert shop.refused(DEPLOY) == (
        f"failed to update {kind} {name}: {DAEMON}rpc error: code = InvalidArgument desc = only "
        "updates to Labels are allowed"
    )
    image = shop.swarm.state.service_named("shop_web").spec.task.container.image
    assert image.startswith("nginx:1.27@sha256:")
    assert shop.refused(f"docker {kind} rm {name}").endswith(
        f"{kind} '{name}' is in use by the following service: shop_web"
    )
    shop.write(
        "shop/stack.yml",
        WEB.replace(f"{{file: ./{file}}}", f"{{file: ./{file}, name: new_v2}}"),
    )
    assert f"Creating {kind} new_v2" in shop(DEPLOY)
    assert shop(f"docker {kind} rm {name}") == [name]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("networks: {back: {external: true}}",
         'network "back" is declared as external, but could not be found. You need to create a '
         "swarm-scoped network before the stack is deployed"),
        ("networks: {back: {external: true, name: local}}",
         'network "local" is declared as external, but it is not in the right scope: "local" '
         'instead of "swarm"'),
        ("networks: {back: {driver: bridge}}",
         f"failed to create service shop_db: {DAEMON}The network shop_back cannot be used with "
         "services. Only networks scoped to the swarm can be used, such as those created with the "
         "overlay driver."),
        ("secrets: {pw: {external: true}}", "service web: secret not found: pw"),
        ("configs: {app: {external: true}}", "service web: config not found: app"),
        ("configs: {app: {file: ./no.conf}}", "open /root/shop/no.conf: no such file or directory"),
        ("secrets: {}", 'service web: undefined secret "pw"'),
        ("networks: {}", 'service db: undefined network "back"'),
        ("secrets: {pw: {driver: vault}}", "secrets.pw.driver is not modelled"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_the_words_of_the_tool_before_anything_is_made(
    shop, text, words
):
    shop("docker network create local")
    kind = text.partition(":")[0]
    kept = [line for line in WEB.splitlines() if not line.startswith(kind)]
    shop.write("shop/stack.yml", "\n".join([*kept, text]))
    before = shop.swarm.state.version
    lines, error = shop.both(DEPLOY)
    assert (lines, error) == ([], words) or words in error
    assert shop.swarm.state.version == before


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("{}", "invalid image reference for service web: no image specified"),
        ("{image: 'Shop:1'}", "invalid image reference for service web: invalid reference format"),
        ("{image: a, mem_limit: 1g}", "mem_limit: Set resource limits using deploy.resources"),
        ("{image: a, deploy: {replicas: x}}", "services.web.deploy.replicas must be a integer"),
        ("{image: a, deploy: {mode: global, replicas: 2}}",
         "replicas can only be used with replicated or replicated-job mode"),
        ("{image: a, deploy: {mode: sometimes}}", "unknown mode: sometimes"),
        ("{image: a, foo: 1}", "services.web Additional property foo is not allowed"),
    ],
)  # fmt: skip
def test_services_that_cannot_be_are_refused_before_anything_is_made(shop, service, words):
    shop.write("shop/stack.yml", f"services:\n  web: {service}\n")
    before = shop.swarm.state.version
    assert words in shop.refused(DEPLOY)
    assert shop.swarm.state.version == before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("docker stack deploy shop", "specify a Compose file (with --compose-file)"),
        ("docker stack deploy -c nofile shop", "open nofile: no such file or directory"),
        (
            "docker stack deploy -c shop/stack.yml my.shop",
            f"failed to create service my.shop_db: {DAEMON}rpc error: code = InvalidArgument desc "
            "= name must be valid as a DNS name component",
        ),
        (
            f"docker stack deploy -c shop/stack.yml {'s' * 61}",
            "name must be 63 characters or fewer",
        ),
        ("docker stack deploy -c shop/stack.yml ' '", 'invalid stack name: " "'),
        ("docker stack deploy -c shop/stack.yml --resolve-image x shop", "--resolve-image"),
        ("docker -H n2 stack deploy -c shop/stack.yml shop", "this node is not a swarm manager."),
        ("docker -H n2 stack ls", f"{DAEMON}This node is not a swarm manager. Worker nodes"),
        ("docker stack depoy -c x shop", "did you mean 'docker stack deploy'?"),
    ],
)
def test_lines_that_cannot_be_are_refused(shop, line, words):
    assert words in shop.refused(line)
    assert shop.swarm.state.services == {}


def test_a_port_in_use_is_told_when_its_service_is_made_and_what_came_before_stays(shop):
    shop(DEPLOY)
    shop.write("two.yml", "services: {a: {image: a}, b: {image: b, ports: ['8080:1']}}\n")
    lines, error = shop.both("docker stack deploy -d -c two.yml two")
    assert lines == ["Creating network two_default", "Creating service two_a",
                     "Creating service two_b"]  # fmt: skip
    assert error.startswith(f"failed to create service two_b: {DAEMON}rpc error: code = "
                            "InvalidArgument desc = port '8080' is already in use")  # fmt: skip


def test_a_network_that_another_service_is_on_stays_when_its_stack_goes(shop):
    shop(DEPLOY)
    shop.write("guest.yml", "services: {a: {image: redis, networks: [x]}}\n"
               "networks: {x: {external: true, name: shop_back}}\n")  # fmt: skip
    shop("docker stack deploy -d -c guest.yml guest")
    lines, error = shop.both("docker stack rm shop")
    assert error == "failed to remove some resources from stack: shop"
    assert any(one.startswith("Failed to remove network") for one in lines)
    assert "shop_default" not in shop("docker network ls --format '{{.Name}}'")


def test_a_line_that_deploys_is_taken_back_as_a_whole(shop):
    shop(DEPLOY)
    shop("advance 30s")
    shop("undo")
    assert shop("docker stack ls") == ["NAME      SERVICES"]
