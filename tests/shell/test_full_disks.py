"""A disk filled by what containers write: whom it stops, who says so, and what frees it."""

from __future__ import annotations

import json

import pytest
from image_shop import Shop


@pytest.fixture
def shop(tmp_path) -> Shop:
    found = Shop(tmp_path)
    found("host add t --disk 3g; use t")
    return found


def sizes(shop: Shop) -> dict[str, str]:
    lines = shop("docker system df").split("\n")[1:5]
    return {line[:16].strip(): line[16:].split()[2] for line in lines}


def test_a_disk_bomb_fills_the_disk_and_the_next_pull_fails(shop):
    shop("docker run -d --name b --workload diskbomb python:3.12-slim; advance 2s")
    block = shop("docker stats --format '{{.BlockIO}}' b")
    assert block.startswith("0B / ")
    assert block != "0B / 0B"
    assert sizes(shop)["Containers"] != "0B"
    shop("advance 5m")
    error = shop.refuses("docker pull redis")
    assert "failed to register layer: write /" in error
    assert "no space left on device" in error
    assert "write error: No space left on device" in shop("docker logs b").split("\n")
    state = json.loads(shop("docker inspect -f '{{json .State}}' b"))
    assert (state["Status"], state["ExitCode"], state["OOMKilled"]) == ("exited", 1, False)
    assert sizes(shop)["Containers"] == "3.1GB"
    assert "3.22GB/3.22GB" in shop("host ls").replace(" / ", "/")
    for line in ("docker run -d python:3.12-slim", "docker create python:3.12-slim"):
        assert "no space left on device" in shop.refuses(line)
    assert "no space left on device" in shop.refuses("docker commit b big")
    assert "no space left on device" in shop.refuses("docker save -o x.tar python:3.12-slim")


def test_what_filled_it_can_be_found_and_removed(shop):
    shop("docker run -d --name b --workload diskbomb python:3.12-slim; advance 1m")
    assert "(virtual 3.22GB)" in shop("docker ps -a -s")
    assert shop("docker inspect -s -f '{{.SizeRw}}' b") > "3000000000"
    assert "the disk of t is full (3.22GB) while 1 program write" in shop("events")
    freed = shop("docker system prune -f").split("\n")[-1]
    assert freed == "Total reclaimed space: 3.1GB"
    shop("docker pull redis")
    assert sizes(shop)["Containers"] == "0B"


def test_a_bomb_with_a_restart_policy_finds_the_disk_full_each_time(shop):
    shop("docker run -d --name b --restart on-failure:2 --workload diskbomb alpine; advance 2m")
    assert shop("docker inspect -f '{{.RestartCount}} {{.State.ExitCode}}' b") == "2 1"
    lines = shop("docker logs b").split("\n")
    assert lines.count("write error: No space left on device") == 3


def test_a_bomb_that_goes_off_in_a_server_leaves_it_running(shop):
    shop("docker run -d --name w --workload 'server cpu=1ms' alpine; advance 2s")
    shop("fault diskbomb w; advance 1m")
    assert shop("docker inspect -f '{{.State.Status}}' w") == "running"
    assert "it goes on, and tries again" in shop("why w")


def test_dd_fills_a_disk_in_the_time_that_the_disk_takes_and_ends_with_1(shop):
    began = shop.session.world.now
    script = "dd if=/dev/zero of=/x bs=1M count=5000; echo $?; dd if=/dev/zero of=/y bs=1M count=1"
    printed, _ = shop.prints_and_fails(f"docker run --name f alpine sh -c '{script}'")
    lines = printed.split("\n")
    written = shop.session.world.fleet.node("t").written_bytes(shop.session.world.container("f"))
    blocks = written >> 20
    at = lines.index("dd: error writing '/x': No space left on device")
    assert lines[at + 1 : at + 3] == [f"{blocks + 1}+0 records in", f"{blocks}+1 records out"]
    assert lines[at + 4] == "1"
    assert shop.session.world.now - began > written / 200e6
    assert "dd: error writing '/y': No space left on device" in lines


def test_a_flood_of_output_fills_the_disk_unless_the_log_is_rotated(shop):
    shop("docker run -d --name loud alpine yes")
    shop("docker run -d --name held --log-opt max-size=10m --log-opt max-file=2 alpine yes")
    shop("docker run -d --name loop alpine sh -c 'while true; do echo x; done'; advance 2m")
    storage = shop.session.world.fleet.node("t").storage
    logs = {name: storage.log_bytes(one) for name, one in shop.session.world.containers.items()}
    assert logs["held"] == 20 << 20
    assert logs["loud"] + logs["loop"] > 3 * 10**9
    assert "its disk is full" in shop("why t")
    assert "what loud prints is lost: no space left on device for its log" in shop("events")
    assert shop("docker ps --format '{{.Names}}'").split() == ["loop", "held", "loud"]
    assert shop("docker ps -s --format '{{.Size}}' --filter name=loud").startswith("0B ")
    assert shop("docker logs --tail 1 loud") == "y"
    shop("docker rm -f loud loop; docker pull -q redis")


def test_a_file_that_a_program_fills_without_end_ends_it(shop):
    shop("docker run -d --name w -v big:/d alpine sh -c 'yes > /d/f'; advance 2m")
    assert shop("docker inspect -f '{{.State.ExitCode}}' w") == "1"
    assert "No space left on device" in shop("docker logs w")
    volume = shop.session.world.fleet.node("t").storage.volumes.get("big")
    assert volume.tree.size_bytes > 3 * 10**9


def test_what_exec_fills_grows_beside_the_program_and_stops_with_the_container(shop):
    shop("docker run -d --name w alpine sleep 1000")
    shop("docker exec -d w sh -c 'yes > /f'; advance 2s")
    world = shop.session.world
    assert world.fleet.node("t").written_bytes(world.container("w")) > 10**8
    shop("advance 1m")
    assert shop("docker inspect -f '{{.State.Status}}' w") == "running"
    assert shop("docker exec w df /").split()[-2] == "100%"
    shop("docker restart -t 0 w")
    shop("docker exec w rm /f; advance 10s")
    assert world.fleet.node("t").written_bytes(world.container("w")) == 0


def test_df_on_a_machine_and_in_its_containers_tells_the_one_disk(shop):
    def used(line: str) -> str:
        return shop(line).split("\n")[1].split()[2]

    assert used("on t df /") == "0"
    shop("docker run -d --name b --workload diskbomb alpine; advance 5m")
    assert shop("on t df -hT").split("\n")[1].split() == (
        ["/dev/vda1", "ext4", "3.0G", "3.0G", "0", "100%", "/"]
    )
    shop("docker rm b; docker run -d --name c alpine sleep 1000")
    assert used("on t df") == used("docker exec c df /") != "0"
    shop("use a; vm create g --disk 20g")
    assert used("on g df -i") == "0"
