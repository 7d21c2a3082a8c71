"""Volumes, folders of the host and file systems in memory, as people use them."""

from __future__ import annotations

import json

import pytest
from image_shop import Shop

from simulator.image.problems import NoSpace, ReadOnly
from simulator.machine.file_traffic import passed_bytes
from simulator.machine.pace import moved_bytes
from simulator.node.file_systems import file_systems, under
from simulator.node.files import Files
from simulator.scenario import build, load


@pytest.fixture
def shop(tmp_path) -> Shop:
    found = Shop(tmp_path)
    found("docker pull -q alpine")
    return found


def files(shop: Shop, name: str) -> Files:
    world = shop.session.world
    container = world.container(name)
    return world.fleet.node_of(container).files(container)


def names(shop: Shop, *flags: str) -> list[str]:
    return shop(" ".join(("docker volume ls -q", *flags))).split()


def test_what_is_in_a_volume_outlives_its_container_and_the_rest_does_not(shop):
    shop("docker run -d --name one -v data:/data alpine sleep 1000")
    files(shop, "one").write("/data/kept", "k")
    files(shop, "one").write("/root/lost", "l")
    shop("docker restart -t 0 one")
    assert files(shop, "one").read("/root/lost").text == "l"
    shop("docker rm -f one; docker run -d --name two -v data:/mnt/d alpine sleep 1000")
    assert files(shop, "two").read("/mnt/d/kept").text == "k"
    assert not files(shop, "two").exists("/root/lost")
    assert shop("docker diff two").split("\n") == ["C /mnt", "A /mnt/d"]


def test_a_volume_is_removed_when_nobody_has_it(shop):
    shop("docker run -d --name one -v data:/data alpine sleep 1000")
    whole = shop("docker inspect -f '{{.Id}}' one")
    assert shop.refuses("docker volume rm data") == (
        f"Error response from daemon: remove data: volume is in use - [{whole}]"
    )
    shop("docker rm -f one")
    assert shop("docker volume rm data") == "data"
    assert "get data: no such volume" in shop.refuses("docker volume rm data")
    assert shop("docker volume rm -f data") == "data"


def test_a_new_volume_gets_what_the_image_has_there_and_a_full_one_keeps_its_own(shop):
    shop.write("app/Dockerfile", "FROM alpine\nCOPY conf /etc/app/conf\nVOLUME /etc/app\n")
    shop.write("app/conf", "x=1\n")
    shop("docker build -q -t app app")
    shop("docker run -d --name one --workload idle -v conf:/etc/app app")
    assert files(shop, "one").read("/etc/app/conf").text == "x=1\n"
    files(shop, "one").write("/etc/app/conf", "x=2\n")
    shop("docker run -d --name two --workload idle -v conf:/etc/app app")
    assert files(shop, "two").read("/etc/app/conf").text == "x=2\n"
    shop("docker run -d --name bare --workload idle --mount src=n1,dst=/etc/app,volume-nocopy app")
    assert files(shop, "bare").entries("/etc/app") == []
    assert names(shop) == ["conf", "n1"]


def test_anonymous_volumes_go_with_rm_and_by_choice(shop):
    run = "docker run -d --workload idle -v /data"
    shop(f"{run} --name stays alpine; {run} --name swept alpine; {run} --name forced alpine")
    assert len(names(shop)) == 3
    shop("docker rm -f stays; docker rm -f -v forced; docker stop -t 0 swept; docker rm -v swept")
    assert len(names(shop, "--filter dangling=true")) == len(names(shop)) == 1
    shop(f"{run} --rm --name brief alpine; docker stop -t 0 brief")
    assert len(names(shop)) == 1
    shop("docker volume create named")
    assert "Total reclaimed space: 0B" in shop("docker volume prune -f")
    assert names(shop) == ["named"]
    assert "named" in shop("docker volume prune -a -f")


def test_databases_keep_what_they_write_in_a_volume_of_their_own(shop):
    for image in ("postgres:16", "mysql:8", "redis:7", "mongo:7"):
        shop(f"docker run -d --name db {image}")
        mounts = json.loads(shop("docker inspect -f '{{json .Mounts}}' db"))
        target = mounts[0]["Destination"]
        files(shop, "db").write(f"{target}/row", "r")
        shop(f"docker run -d --name again --volumes-from db:ro {image}")
        assert files(shop, "again").read(f"{target}/row").text == "r"
        with pytest.raises(ReadOnly):
            files(shop, "again").write(f"{target}/row", "s")
        shop("docker rm -f -v db again")
    assert names(shop) == []


def test_a_folder_of_the_host_is_one_for_all_and_made_by_v_alone(shop):
    shop("docker run -d --name one -v /srv/shared:/in alpine sleep 1000")
    shop("docker run -d --name two --mount type=bind,src=/srv/shared,dst=/o,ro alpine sleep 1000")
    files(shop, "one").write("/in/x", "1")
    assert files(shop, "two").read("/o/x").text == "1"
    with pytest.raises(ReadOnly):
        files(shop, "two").write("/o/x", "2")
    assert "bind source path does not exist: /srv/none" in shop.refuses(
        "docker run -d --mount type=bind,src=/srv/none,dst=/o alpine"
    )
    shop("docker run -d --name sock -v /var/run/docker.sock:/var/run/docker.sock alpine sleep 9")
    assert files(shop, "sock").stat("/var/run/docker.sock").mode == 0o660


def test_files_in_memory_are_memory_of_the_container_and_gone_with_its_run(shop):
    shop("docker run -d --name one -m 100m --tmpfs /cache:size=32m --shm-size 8m --read-only "
         "alpine sleep 1000")  # fmt: skip
    before = shop.session.world.container("one").memory.usage
    seen = files(shop, "one")
    seen.write("/cache/a", None, 20 << 20)
    assert shop.session.world.container("one").memory.usage == before + (20 << 20)
    for path, size in (("/cache/b", 13 << 20), ("/dev/shm/a", 9 << 20)):
        with pytest.raises(NoSpace):
            seen.write(path, None, size)
    with pytest.raises(ReadOnly):
        seen.write("/a", "a")
    assert shop.session.world.machine("a").space.own_bytes == 0
    shop("docker restart -t 0 one")
    assert not files(shop, "one").exists("/cache/a")
    assert shop.session.world.container("one").memory.usage == before


def test_too_much_in_memory_is_killed_as_all_memory_is(shop):
    shop("docker run -d --name one -m 32m --tmpfs /cache alpine sleep 1000")
    files(shop, "one").write("/cache/a", None, 64 << 20)
    shop("advance 1s")
    assert shop("docker inspect -f '{{.State.OOMKilled}}' one") == "true"


def test_inspect_shows_mounts_as_docker_does(shop):
    shop("docker run -d --name one -v data:/data:ro -v /srv:/s --tmpfs /t alpine sleep 1000")
    mounts = json.loads(shop("docker inspect -f '{{json .Mounts}}' one"))
    folder = "/var/lib/docker/volumes/data/_data"
    assert mounts == [
        {"Type": "volume", "Name": "data", "Source": folder, "Destination": "/data",
         "Driver": "local", "Mode": "ro", "RW": False, "Propagation": ""},
        {"Type": "bind", "Source": "/srv", "Destination": "/s", "Mode": "", "RW": True,
         "Propagation": "rprivate"},
    ]  # fmt: skip
    config = json.loads(shop("docker inspect -f '{{json .HostConfig}}' one"))
    assert (config["Binds"], config["Tmpfs"]) == (["data:/data:ro", "/srv:/s"], {"/t": ""})
    assert config["ShmSize"] == 64 << 20


def test_a_volume_has_labels_and_is_found_by_them(shop):
    shop("docker volume create --label env=test data; docker volume create other")
    assert names(shop, "--filter label=env=test") == ["data"]
    assert shop("docker volume ls --format '{{.Name}} {{.Driver}}'") == "data local\nother local"
    one = json.loads(shop("docker volume inspect data"))[0]
    assert (one["Labels"], one["Scope"], one["CreatedAt"][:10]) == (
        {"env": "test"},
        "local",
        "2026-01-01",
    )
    assert shop("docker volume create data") == "data"
    assert names(shop) == ["data", "other"]


def test_volumes_fill_the_disk_and_pruning_gives_it_back(shop):
    shop("host add t --disk 1g; use t; docker pull -q alpine")
    shop("docker run -d --name w -v data:/data --workload 'idle writes=500MB/s to=/data' alpine")
    shop("advance 10s")
    assert "No space left on device" in shop("docker logs w")
    assert "no space left on device" in shop.refuses("docker run -d alpine")
    assert "no space left on device" in shop.refuses("docker pull redis")
    row = next(line for line in shop("docker system df").split("\n") if "Volumes" in line)
    assert row.split()[2:] == ["1", "1", "1.07GB", "0B", "(0%)"]
    shop("docker rm -f w")
    freed = shop("docker volume prune -a -f").split("\n")[-1]
    assert freed == "Total reclaimed space: 1.07GB"
    shop("docker run -d --name again alpine sleep 10")


def test_a_volume_stays_over_a_power_cut_and_undo_has_it_back(shop):
    shop("docker run -d --name one -v data:/data alpine sleep 1000")
    shop("docker rm -f one")
    shop("docker volume rm data")
    shop("undo")
    assert names(shop) == ["data"]


def test_a_scenario_has_volumes_too(tmp_path):
    text = """\
format: 1
hosts: [{name: h}]
images: [{pull: alpine}]
containers:
  - {name: one, image: alpine, workload: idle, volumes: ["data:/data"], tmpfs: ["/t:size=1m"],
     shm_size: 1m, read_only: true}
"""
    path = tmp_path / "s.yaml"
    path.write_text(text)
    world = build(load(path)).world
    one = world.container("one")
    points = world.fleet.node_of(one).storage.points(one)
    assert [(point.name, point.destination) for point in points] == [("data", "/data")]
    seen = world.fleet.node_of(one).files(one)
    with pytest.raises(NoSpace):
        seen.write("/dev/shm/x", None, 2 << 20)
    with pytest.raises(ReadOnly):
        seen.write("/x", "")


def test_df_knows_the_disk_behind_each_mount(shop):
    shop("docker run -d --name one -v data:/data:ro --tmpfs /t:size=1m alpine sleep 1000")
    files(shop, "one").write("/t/x", None, 4096)
    found = {one.target: one for one in file_systems(files(shop, "one"))}
    assert [(path, found[path].source) for path in ("/", "/data", "/t", "/dev/shm")] == [
        ("/", "overlay"),
        ("/data", "/dev/vda1"),
        ("/t", "tmpfs"),
        ("/dev/shm", "shm"),
    ]
    space = shop.session.world.machine("a").space
    assert (found["/"].used_bytes, found["/"].inodes) == (space.used_bytes, space.inodes)
    assert (found["/t"].size_bytes, found["/t"].used_bytes) == (1 << 20, 4096)
    assert under(files(shop, "one"), "/data/x").read_only


def test_a_build_fails_at_the_step_that_fills_the_disk_and_leaves_nothing(shop):
    shop("host add t --disk 10m; use t; docker pull -q alpine")
    shop.write("big/Dockerfile", "FROM alpine\nCOPY one /one\nCOPY two /two\nRUN touch /z\n")
    shop.write("big/one", "x" * 1_500_000)
    shop.write("big/two", "y" * 1_800_000)
    space = shop.session.world.machine("t").space
    before = space.used_bytes
    printed, error = shop.prints_and_fails("docker build -t big big")
    assert "failed to copy files: write: no space left on device: 3.3MB needed" in error
    assert "[4/4]" not in printed
    assert space.used_bytes == before
    assert "its disk is full" not in shop("why t")


def test_why_says_that_a_disk_is_full(shop):
    shop("host add t --disk 1g; use t; docker run -d --name b --workload diskbomb alpine")
    shop("advance 20s")
    assert "its disk is full" in shop("why t")
    assert "b cannot write: No space left on device; it ends" in shop("why b")
    assert shop("docker ps -a --format '{{.Status}}'").startswith("Exited (1)")
    assert "(virtual 1.07GB)" in shop("docker ps -a -s")


def test_what_a_program_writes_is_block_io_and_page_cache(shop):
    shop("docker run -d --name one -v data:/data --tmpfs /t alpine sleep 1000; advance 1s")
    one = shop.session.world.container("one")
    for path in ("/data/x", "/x", "/t/x"):
        files(shop, "one").write(path, None, 10 << 20)
    files(shop, "one").write("/x", None, 1 << 20, append=True)
    assert moved_bytes(one)[1] == 21 << 20
    assert passed_bytes(one) == 21 << 20


def test_a_guest_has_a_disk_of_its_own_and_files_outlive_its_reboot(shop):
    shop("vm create v --disk 60m; use v; docker pull -q alpine")
    assert "1MiB to 100GiB" in shop.refuses("vm create w --host a --disk 1t")
    shop("docker run -d --name one --restart always -v data:/data alpine sleep 1000")
    files(shop, "one").write("/data/x", None, 20 << 20)
    files(shop, "one").write("/root/x", None, 1 << 20)
    files(shop, "one").write("/dev/shm/x", None, 1 << 20)
    assert "no space left on device" in shop.refuses("docker pull redis")
    assert "no space left on device" in shop.refuses("docker pull mysql:8")
    assert shop.session.world.machine("a").space.own_bytes == 0
    shop("reboot v; advance 60s")
    seen = files(shop, "one")
    found = [seen.exists(path) for path in ("/data/x", "/root/x", "/dev/shm/x")]
    assert found == [True, True, False]


def test_a_disk_without_inodes_takes_no_image_however_small(shop):
    shop("host add t --disk 20m")
    before = shop.session.world.machine("t").space.free_inodes()
    shop.session.world.machine("t").space.take(0, before)
    assert "inodes needed, 0 free" in shop.refuses("docker -H t pull alpine")


def test_a_commit_needs_room_for_what_was_written(shop):
    shop("host add t --disk 60m; use t; docker run -d --name one alpine sleep 1000")
    files(shop, "one").write("/x", None, 40 << 20)
    assert "no space left on device" in shop.refuses("docker commit one big")


def test_volumes_are_found_by_inspect_and_by_ps(shop):
    shop(
        "docker run -d --name one -v data:/data -v /srv:/s alpine sleep 9; docker volume create v1"
    )
    assert json.loads(shop("docker inspect v1"))[0]["Mountpoint"].endswith("/v1/_data")
    assert "get one: no such volume" in shop.refuses("docker inspect --type volume one")
    shop("docker run -d --name two alpine sleep 9")
    found = shop(
        "docker ps --filter volume=data --format '{{.Names}} {{.Mounts}} {{.LocalVolumes}}'"
    )
    assert found == "one data,/srv 1"
    assert shop("docker ps -q --filter volume=/s") == shop("docker ps -q --filter name=one")


def test_a_part_of_a_volume_must_be_there(shop):
    shop("docker run -d --name one -v data:/d alpine sleep 9")
    part = "docker run -d --name two --mount src=data,dst=/p,volume-subpath=a/b alpine sleep 9"
    assert "/var/lib/docker/volumes/data/_data/a/b: no such file" in shop.refuses(part)
    files(shop, "one").mkdir("/d/a/b", parents=True)
    files(shop, "one").write("/d/a/b/x", "1")
    shop(part)
    assert files(shop, "two").read("/p/x").text == "1"


PASSWORD = "-e POSTGRES_PASSWORD=x"
ROWS = "rows:/var/lib/postgresql/data"


def test_a_database_lays_its_files_down_once_and_finds_them_again(shop):
    shop(f"docker run -d --name db {PASSWORD} -v {ROWS} postgres:16; advance 10s")
    volume = shop.session.world.fleet.node("a").storage.volumes.get("rows")
    assert volume.tree.size_bytes == 39 << 20
    assert shop("docker stats --format '{{.BlockIO}}' db") == "0B / 40.9MB"
    shop("docker rm -f db")
    shop(f"docker run -d --name db {PASSWORD} -v {ROWS} postgres:16; advance 10s")
    assert volume.tree.size_bytes == 39 << 20
    assert shop("docker stats --format '{{.BlockIO}}' db") == "0B / 0B"
    shop(f"host add t --disk 440m; use t; docker run -d --name full {PASSWORD} postgres:16")
    shop("advance 10s")
    assert shop("docker inspect -f '{{.State.ExitCode}}' full") == "1"
    assert "write error: No space left on device" in shop("docker logs full")


def test_programs_see_what_is_mounted_and_meet_the_end_of_it(shop):
    mounted = shop("docker run --rm -v data:/a:ro --tmpfs /t:size=1m alpine mount").split("\n")
    assert "/dev/vda1 on /a type ext4 (ro,relatime)" in mounted
    assert any(line.startswith("tmpfs on /t type tmpfs") for line in mounted)
    table = shop("docker run --rm -v data:/a alpine cat /proc/mounts").split("\n")
    assert "/dev/vda1 /a ext4 rw,relatime 0 0" in table
    assert shop("docker run --rm -v data:/a alpine sh -c 'echo one > /a/x; cat /a/x'") == "one"
    assert shop("docker run --rm -v data:/b alpine cat /b/x") == "one"
    error = "Read-only file system"
    assert error in "".join(shop.prints_and_fails("docker run --rm --read-only alpine touch /x"))
    assert error in "".join(shop.prints_and_fails("docker run --rm -v data:/a:ro alpine rm /a/x"))
    full = (
        "docker run --rm --shm-size 1m alpine sh -c 'dd if=/dev/zero of=/dev/shm/x bs=1M count=2'"
    )
    assert "No space left on device" in "".join(shop.prints_and_fails(full))


def test_each_line_that_is_printed_lies_in_the_log_of_its_daemon(shop):
    world = shop.session.world
    storage, space = world.fleet.node("a").storage, world.machine("a").space
    for name, flags, size in (
        ("one", "", 3 * (71 + 1)),
        ("two", "--log-driver none", 0),
        ("cut", "--log-opt max-size=100", 100),
    ):
        shop(f"docker run --name {name} {flags} alpine sh -c 'echo a; echo b; echo c'")
        assert storage.log_bytes(world.container(name)) == size
    assert space.own_bytes == 3 * 72 + 100
    shop("docker rm one two cut")
    assert space.own_bytes == 0


def test_what_is_written_later_is_dated_later_and_ls_t_shows_it_first(shop):
    shop("docker run -d --name c alpine sleep inf")
    shop("docker exec c touch /tmp/a")
    shop("advance 3m")
    shop("docker exec c touch /tmp/b")
    assert shop("docker exec c ls -t /tmp").split() == ["b", "a"]
    assert shop("docker exec c ls -l /tmp/b").strip().endswith(":03 /tmp/b")
