"""Stories of images, registries and machines, typed as people type them."""

from __future__ import annotations

import re

import pytest
from image_shop import Shop


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    shop.python()
    return shop


# --- registries ---------------------------------------------------------------------------------


def test_a_private_registry_looks_empty_until_login(shop):
    shop("registry add corp.local --private --user ada:secret")
    shop("docker build -t corp.local/web:1 py")
    assert "denied: requested access" in shop.refuses("docker push corp.local/web:1")
    assert "incorrect username or password" in shop.refuses("docker login corp.local -u ada -p x")
    assert shop("docker login corp.local -u ada -p secret") == "Login Succeeded"
    assert "Pushed" in shop("docker push corp.local/web:1")
    shop("host add b; use b")
    error = shop.refuses("docker run -d corp.local/web:1")
    assert "may require 'docker login'" in error
    assert "did you mean" not in error
    shop("docker login corp.local -u ada -p secret; docker run -d --name w corp.local/web:1")
    assert "Removing login credentials" in shop("docker logout corp.local")
    assert "pull access denied" in shop.refuses("docker pull corp.local/web:1")


def test_a_second_push_sends_only_the_new_layer(shop):
    shop("registry add r.local; docker build -t r.local/web:1 py; docker push r.local/web:1")
    shop.write("py/app.py", "import web\nprint('two')\n")
    shop("docker build -t r.local/web:2 py")
    out = shop("docker push r.local/web:2")
    assert out.count("Layer already exists") == 7
    assert len(re.findall(r": Pushed", out)) == 1


def test_a_rate_limit_says_too_many_requests_and_comes_back(shop):
    shop("registry set docker.io --rate-limit 1/1h; docker pull alpine")
    assert "toomanyrequests" in shop.refuses("docker pull busybox")
    shop("advance 1h; docker pull busybox")


def test_the_published_limits_of_the_hub_are_those_of_the_hub_alone(shop):
    shop("registry set docker.io --rate-limit published; registry add r.local")
    hub = shop.session.world.depot.registries.get("docker.io")
    assert (hub.anonymous_limit.pulls, hub.user_limit.pulls) == (100, 200)
    assert "only the limits of docker.io" in shop.refuses(
        "registry set r.local --rate-limit published"
    )


def test_an_outage_refuses_connections(shop):
    shop("registry set docker.io --down")
    assert "connection refused" in shop.refuses("docker pull alpine")
    shop("registry set docker.io --up; docker pull alpine")


def test_pull_policies_decide_who_is_asked(shop):
    assert "No such image: alpine:latest" in shop.refuses("docker run -d --pull never alpine")
    shop("docker run -d --name one --workload idle alpine")
    shop("registry set docker.io --down")
    shop("docker run -d --name two --workload idle alpine")
    assert "connection refused" in shop.refuses("docker run -d --pull always alpine")


def test_a_lazy_pull_is_ready_long_before_a_whole_one(shop):
    whole = shop.took("docker pull golang:1.22")
    shop("host add lazy --lazy; use lazy")
    assert whole > 5 * shop.took("docker pull golang:1.22")


def test_an_image_that_does_not_fit_is_refused(shop):
    shop("host add tiny --disk 100MB; use tiny")
    out, error = shop.prints_and_fails("docker pull python:3.12-slim")
    assert "no space left on device" in error
    assert "Already exists" not in out


def test_unused_images_go_when_the_disk_fills(shop):
    shop("host add n --disk 600MB --image-gc 60:40; use n")
    shop("docker run -d --name w --workload idle node:22-alpine")
    shop("docker pull python:3.12-slim; docker pull golang:1.22-alpine; advance 6m")
    assert shop("docker images --format '{{.Repository}}'") == "node"


def test_unused_images_go_by_the_kubelets_own_thresholds(shop):
    shop("host add n --disk 500MB --image-gc kubelet; use n")
    shop("docker run -d --name w --workload idle node:22-alpine")
    shop("docker pull python:3.12-slim; docker pull golang:1.22-alpine; advance 6m")
    assert shop("docker images --format '{{.Repository}}'").split() == ["golang", "node"]


def test_an_index_is_listed_and_collected(shop):
    shop("registry add r.local; docker build -t r.local/web py; docker push r.local/web")
    assert "web:latest" in shop("registry ls r.local")
    shop.write("py/app.py", "import web\nprint('two')\n")
    shop("docker build -t r.local/web py; docker push r.local/web")
    assert "1 blobs deleted" in shop("registry gc r.local -m")
    assert "no such host" in shop.refuses("docker pull nowhere.local/web")


# --- layers -------------------------------------------------------------------------------------


@pytest.fixture
def running(shop):
    shop("docker build -q -t web py; docker run -d --name w --workload idle web")
    return shop


def test_what_a_container_writes_is_its_own_until_committed(running):
    running("docker exec w sh -c 'echo hello > /app/new && rm /app/app.py && mkdir /data'")
    assert running("docker diff w").split("\n") == [
        "C /app", "D /app/app.py", "A /app/new", "A /data"
    ]  # fmt: skip
    running("docker run -d --name other --workload idle web")
    assert running("docker diff other") == ""
    running("docker commit -m 'by hand' -c 'ENV A=b' w web:patched")
    assert "by hand" in running("docker history web:patched").split("\n")[1]
    assert running("docker inspect -f '{{json .Config.Env}}' web:patched").endswith('"A=b"]')


def test_a_file_of_the_image_is_copied_up_whole_and_once(running):
    running.write("big/Dockerfile", "FROM alpine\nCOPY big.bin /big.bin\n")
    running.write("big/big.bin", "x" * 5_000_000)
    running("docker build -q -t big big; docker run -d --name b --workload idle big")
    assert running("docker exec b sh -c 'echo x >> /big.bin'").startswith("copied up 5MB")
    assert running("docker exec b sh -c 'echo x >> /big.bin'") == ""
    assert "5MB" in running("docker system df")


def test_a_read_only_container_takes_nothing(running):
    running("docker run -d --name ro --read-only --workload idle web")
    assert "Read-only file system" in running.refuses("docker exec ro touch /a")


def test_installing_in_a_container_takes_time_and_bytes(running):
    assert running.took("docker exec w pip install requests") > 1.0
    assert "A /usr/local/lib/python3.12/site-packages/requests" in running("docker diff w")


def test_real_files_are_copied_in_by_size(running):
    running.write("seed/data.csv", "x" * 2000)
    assert running("docker cp seed w:/data") == "Successfully copied 2kB to w:/data"
    assert "A /data/data.csv" in running("docker diff w")


def test_files_are_copied_out_to_the_machine_and_from_there_into_another_container(running):
    running.write("conf/a.txt", "hello")
    running("docker cp conf w:/srv/; docker cp w:/srv/conf here")
    running("docker run -d --name other --workload idle web")
    assert running("docker cp here other:/tmp") == "Successfully copied 5B to other:/tmp"
    assert "A /tmp/here/a.txt" in running("docker diff other")
    session = running.session
    files = session.world.fleet.node(None).files(session.world.container("other"))
    assert files.read("/tmp/here/a.txt").text == "hello"
    assert "Could not find the file /no in container w" in running.refuses("docker cp w:/no here")
    assert "Could not find the file /no in" in running.refuses("docker cp conf w:/no/x")
    assert "between containers is not supported" in running.refuses("docker cp w:/a other:/a")


def test_an_archive_carries_every_layer_to_another_machine(running):
    assert "125MB" in running("docker save -o web.tar web")
    running("host add b")
    assert running("docker -H b load -i web.tar") == "Loaded image: web:latest"
    assert "web" in running("docker -H b images")
    assert "no such file" in running.refuses("docker load -i other.tar")


def test_the_layer_explorer_counts_what_is_wasted(shop):
    text = "FROM alpine\nCOPY data.bin /data.bin\nRUN rm /data.bin\n"
    shop.python("waste", text)
    shop.write("waste/data.bin", "x" * 3_000_000)
    shop("docker build -t waste waste")
    out = shop("layers waste")
    assert re.search(r"^2 +3MB +1 +3MB +COPY", out, re.MULTILINE)
    assert "wasted 3MB" in out
    assert shop("layers waste 3").split("\n")[1].startswith("-      3MB  /data.bin")
    assert "1 to 3" in shop.refuses("layers waste 4")


def test_an_official_image_wastes_next_to_nothing(shop):
    shop("docker pull python:3.12-slim")
    assert "efficiency 100.0%" in shop("layers python:3.12-slim")


def test_secrets_are_found_wherever_they_hide(shop):
    text = "FROM alpine\nENV API_TOKEN=a\nCOPY .env /app/.env\nRUN rm /app/.env\n"
    shop.python("leaky", text)
    shop.write("leaky/.env", "KEY=1\n")
    shop("docker build -t leaky leaky")
    out = shop("secrets leaky")
    assert "/app/.env" in out
    assert "removed by a later layer, still in this one" in out
    assert "API_TOKEN" in out
    shop("docker build -t web py")
    assert shop("secrets web").startswith("no secrets found")


def test_advice_is_given_for_a_folder_and_for_what_was_built_of_it(shop):
    shop.python("slow", "FROM python:3.12\nCOPY . /app\nRUN pip install -r /app/requirements.txt\n")
    shop("docker build -t slow slow")
    assert "start from python:3.12-slim" in shop("advise slow")
    assert shop("advise slow 1").startswith("FROM python:3.12-slim")
    assert "neither a folder here nor an image" in shop.refuses("advise nothing")


def test_disk_space_is_counted_once_and_given_back(running):
    running("docker run -d --name w2 --workload idle web")
    out = running("docker system df -v")
    assert re.search(r"^Images +2 +1 +125MB", out, re.MULTILINE)
    assert "of image files in memory for 2 containers" in out
    running("docker rm -f w w2; docker system prune -a")
    assert re.search(r"^Images +0 +0 +0B", running("docker system df"), re.MULTILINE)
    assert "0 cached" in running("docker build py")


# --- places -------------------------------------------------------------------------------------


def test_a_foreign_image_starts_and_dies_at_once(shop):
    shop("docker pull --platform linux/arm64 alpine")
    shop("docker run -d --name x alpine")
    assert "Exited (255)" in shop("docker ps -a")
    assert "exec format error" in shop("docker logs x")
    assert "platform: refused: exec /bin/sh: exec format error" in shop("why x")


def test_an_emulated_container_says_what_it_costs(shop):
    shop("host add e --emulation on; use e")
    shop("docker run -d --name x --platform linux/arm64 --workload 'server cpu=20ms' alpine")
    assert "about 4 times the CPU time" in shop("why x")
    assert shop.session.world.container("x").settings.slowdown == 4


def test_a_kernel_that_is_too_old_is_named(shop):
    shop.python("new", 'FROM alpine\nLABEL drydock.kernel="5.6"\nCMD ["app"]\n')
    shop("host add old --kernel 4.4; use old; docker build -t new new")
    shop("docker run -d --name n new")
    assert "kernel too old" in shop("docker logs n")
    assert "this kernel is 4.4" in shop("platforms new")


def test_windows_builds_must_match(shop):
    image = "mcr.microsoft.com/windows/servercore:ltsc2022"
    shop("host add win --os windows; host add win19 --os windows --kernel 10.0.17763")
    shop(f"docker -H win run -d --name s {image}")
    assert "the builds must match" in shop.refuses(f"docker -H win19 pull {image}")
    assert "no matching manifest for linux/amd64" in shop.refuses(f"docker -H a pull {image}")
    assert "no matching manifest for windows/amd64" in shop.refuses("docker -H win pull alpine")


def test_why_tells_of_an_image_what_its_last_build_had_to_run(shop):
    shop("docker build -q -t web py")
    shop.write("py/app.py", "import web\nprint('two')\n")
    shop("docker build -q -t web py")
    out = shop("why web")
    assert "4 steps, 3 cached" in out
    assert "  [5/5] COPY . .: not cached: app.py changed" in out
    assert "on a: native" in out


def test_a_table_tells_where_an_image_runs(shop):
    shop("host add arm --arch arm64; host add emu --emulation on; host add win --os windows")
    shop("docker build -t web py")
    out = shop("platforms web")
    verdicts = dict(re.findall(r"^(\w+) +\w+/\w+ +\S+ +(\w+)", out, re.MULTILINE))
    assert verdicts == {"a": "native", "arm": "refused", "emu": "native", "win": "refused"}
    assert "linux/arm64" in shop("platforms python:3.12-slim")


def test_a_move_is_planned_both_ways(shop):
    shop("host add us --region aws/us-east-1; host add eu --region gcp/europe-west3; use us")
    shop("docker build -q -t web py; docker run -d --name w --network-alias s web; advance 3s")
    out = shop("move s eu --plan")
    assert "aws/us-east-1 to gcp/europe-west3" in out
    totals = next(line for line in out.split("\n") if line.startswith("total")).split()
    assert float(totals[3]) < float(totals[7])  # US dollars
    assert "can only be planned" in shop.refuses("move s eu --as vm-disk")


def test_a_service_moves_without_being_missed(shop):
    shop("host add us --region aws/us-east-1; host add eu --region gcp/europe-west3; use us")
    program = "--workload 'server cpu=5ms startup=2s'"
    shop(f"docker build -q -t web py; docker run -d --name w --network-alias s {program} web")
    shop("service create s; advance 5s; traffic s constant 20/s; advance 5s")
    out = shop("move s eu")
    assert "w: push" in out
    assert "w-eu on eu" in out
    shop("advance 5s")
    outcomes = shop.session.reader.snapshot().service("s").outcomes
    assert outcomes["ok"] > 200
    assert outcomes["unavailable"] == outcomes["reset"] == outcomes["refused"] == 0
    assert shop("docker ps -q") == ""
    assert "push of registry.europe-west3.gcp/web:latest by us: 45.4MB" in shop("cost")


def test_a_service_does_not_move_where_it_cannot_run(shop):
    shop("host add arm --arch arm64; docker build -q -t web py")
    shop("docker run -d --name w --workload idle web")
    assert "cannot run on arm" in shop.refuses("move w arm")
    assert "is on a already" in shop.refuses("move w a")


def test_a_host_in_a_cloud_has_a_price_by_its_cores(shop):
    shop("host add us --region aws/us-east-1 --cores 8; advance 1h")
    assert re.search(r"us +1.000 h at 0.4032/h", shop("cost"))
    assert "illustrative list prices" in shop("clouds ls")
    assert "region of Amazon" in shop.refuses("host add x --region aws/nowhere")


def test_the_same_lines_give_the_same_history(shop):
    shop("registry add r.local; docker build -t r.local/web --push py; host add b")
    shop("docker -H b run -d --name w --workload idle r.local/web; docker exec w touch /a")
    world = shop.session.world
    assert world.rewound(world.now).journal.digest == world.journal.digest


# --- tags that others stand in for ----------------------------------------------------------------


def test_a_tag_that_another_stands_in_for_says_so_once(shop):
    note = "note: nginx:1.27.3-alpine is not in the catalogue; taken as nginx:1.27-alpine"
    assert shop("docker run -d nginx:1.27.3-alpine").count(note) == 1
    assert note not in shop("docker run -d nginx:1.27.3-alpine")
    assert "note:" not in shop("docker pull nginx:1.27-alpine")
    shop.write("near/Dockerfile", "FROM python:3.11.9-slim AS a\nFROM python:3.11.9-slim\nRUN id\n")
    built = shop("docker build -t near near")
    assert built.count("python:3.11.9-slim is not in the catalogue; taken as python:3.11-slim") == 1
    assert "note:" not in shop("docker build --no-cache -t near near")
