"""Settings of a kernel that may be written, by their files below ``/proc/sys``, and their defaults.

They are kept and read back; of these only ``nf_conntrack_max`` and ``overcommit_memory`` change
what happens here. Sources: Linux, Documentation/admin-guide/sysctl and networking/ip-sysctl.rst;
``max_map_count`` as Ubuntu 24.04 sets it (procps, 10-map-count.conf).
"""

from __future__ import annotations

import re

PREFIX = "/proc/sys/"
CONNTRACK = f"{PREFIX}net/netfilter/nf_conntrack_max"
OVERCOMMIT = f"{PREFIX}vm/overcommit_memory"
_DEFAULTS = """
fs.aio-max-nr 65536
fs.file-max 9223372036854775807
fs.inotify.max_queued_events 16384
fs.inotify.max_user_instances 128
fs.inotify.max_user_watches 1048576
fs.nr_open 1048576
kernel.msgmax 8192
kernel.msgmnb 16384
kernel.msgmni 32000
kernel.panic 0
kernel.sem 32000 1024000000 500 32000
kernel.shmall 18446744073692774399
kernel.shmmax 18446744073692774399
kernel.shmmni 4096
net.bridge.bridge-nf-call-ip6tables 1
net.bridge.bridge-nf-call-iptables 1
net.core.netdev_max_backlog 1000
net.core.rmem_default 212992
net.core.rmem_max 212992
net.core.somaxconn 4096
net.core.wmem_default 212992
net.core.wmem_max 212992
net.ipv4.ip_forward 1
net.ipv4.ip_local_port_range 32768 60999
net.ipv4.ip_unprivileged_port_start 0
net.ipv4.ping_group_range 0 2147483647
net.ipv4.tcp_fin_timeout 60
net.ipv4.tcp_keepalive_intvl 75
net.ipv4.tcp_keepalive_probes 9
net.ipv4.tcp_keepalive_time 7200
net.ipv4.tcp_max_syn_backlog 4096
net.ipv4.tcp_rmem 4096 131072 6291456
net.ipv4.tcp_syncookies 1
net.ipv4.tcp_tw_reuse 2
net.ipv4.tcp_wmem 4096 16384 4194304
net.ipv6.conf.all.disable_ipv6 0
net.ipv6.conf.all.forwarding 0
vm.max_map_count 1048576
vm.min_free_kbytes 67584
vm.nr_hugepages 0
vm.overcommit_memory 0
vm.overcommit_ratio 50
vm.swappiness 60
vm.vfs_cache_pressure 100
"""
_NUMBERS = re.compile(r"-?[0-9]{1,20}(?:[ \t]+-?[0-9]{1,20}){0,3}")
_SHARED_ON_A_NETWORK = f"{PREFIX}net/netfilter/", f"{PREFIX}net/bridge/"


def path_of(name: str) -> str:
    """The file of a setting: ``vm.max_map_count``, or with slashes."""
    return PREFIX + (name if "/" in name.split(".")[0] else name.replace(".", "/"))


DEFAULTS = {
    path_of(name): "\t".join(values)
    for name, *values in (line.split() for line in _DEFAULTS.strip().splitlines())
}


def of_network(path: str) -> bool:
    """Whether each network namespace has a setting of its own."""
    return path.startswith(f"{PREFIX}net/") and not path.startswith(_SHARED_ON_A_NETWORK)


def problem_of(path: str, text: str) -> str:
    """Why a setting cannot have a value, in the words of the system; nothing where it can."""
    if path not in DEFAULTS and path != CONNTRACK:
        return "No such file or directory"
    value = " ".join(text.split())
    wanted = len(DEFAULTS.get(path, "0").split())
    if not _NUMBERS.fullmatch(value) or len(value.split()) != wanted:
        return "Invalid argument"
    if path == OVERCOMMIT and value not in ("0", "1", "2"):
        return "Invalid argument"
    return ""
