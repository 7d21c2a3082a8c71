"""Files that a Linux kernel has in ``/proc`` and ``/sys/fs/cgroup``, whether modelled or not.

What exists and has no numbers here is refused by name; only what does not exist is not there.
Names: kernel documentation, filesystems/proc.rst and cgroup-v2.rst; a host with cgroup v2 has none
of the folders of version 1.
"""

from __future__ import annotations

from collections.abc import Collection


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PROC = _words(
    "buddyinfo cgroups cmdline config.gz consoles cpuinfo crypto devices diskstats dma "
    "execdomains fb filesystems interrupts iomem ioports kallsyms kcore key-users keys kmsg "
    "kpagecgroup kpagecount kpageflags loadavg locks mdstat meminfo misc modules mounts mtrr "
    "pagetypeinfo partitions schedstat slabinfo softirqs stat swaps sysrq-trigger timer_list "
    "uptime version version_signature vmallocinfo vmstat zoneinfo"
)
"""Plain files of ``/proc``."""
PROC_FOLDERS = _words(
    "acpi asound bus dri driver dynamic_debug fs irq net pressure scsi self sys sysvipc "
    "thread-self tty"
)
OF_PROCESS = _words(
    "arch_status attr autogroup auxv cgroup clear_refs cmdline comm coredump_filter "
    "cpu_resctrl_groups cpuset cwd environ exe fd fdinfo gid_map io ksm_merging_pages ksm_stat "
    "latency limits loginuid map_files maps mem mountinfo mounts mountstats net ns numa_maps "
    "oom_adj oom_score oom_score_adj pagemap patch_state personality projid_map root sched "
    "schedstat sessionid setgroups smaps smaps_rollup stack stat statm status syscall task "
    "timens_offsets timers timerslack_ns uid_map wchan"
)
"""Files and folders of a process in ``/proc``."""
SYS = {
    "kernel": _words(
        "acct bootloader_type cap_last_cap core_pattern core_uses_pid ctrl-alt-del dmesg_restrict "
        "domainname hostname hung_task_timeout_secs io_uring_disabled keys kptr_restrict "
        "max_lock_depth modprobe modules_disabled msgmax msgmnb msgmni ngroups_max numa_balancing "
        "osrelease ostype panic panic_on_oops perf_event_paranoid pid_max poweroff_cmd printk pty "
        "random randomize_va_space sched_autogroup_enabled sched_cfs_bandwidth_slice_us "
        "sched_rt_period_us sched_rt_runtime_us seccomp sem shmall shmmax shmmni sysrq tainted "
        "threads-max unprivileged_bpf_disabled unprivileged_userns_clone usermodehelper version "
        "watchdog yama"
    ),
    "vm": _words(
        "admin_reserve_kbytes compact_memory compaction_proactiveness dirty_background_bytes "
        "dirty_background_ratio dirty_bytes dirty_expire_centisecs dirty_ratio "
        "dirty_writeback_centisecs drop_caches extfrag_threshold hugetlb_shm_group laptop_mode "
        "legacy_va_layout lowmem_reserve_ratio max_map_count memfd_noexec memory_failure_recovery "
        "min_free_kbytes min_slab_ratio min_unmapped_ratio mmap_min_addr nr_hugepages "
        "nr_overcommit_hugepages numa_stat oom_dump_tasks oom_kill_allocating_task "
        "overcommit_kbytes overcommit_memory overcommit_ratio page-cluster page_lock_unfairness "
        "panic_on_oom percpu_pagelist_high_fraction stat_interval swappiness "
        "unprivileged_userfaultfd user_reserve_kbytes vfs_cache_pressure watermark_boost_factor "
        "watermark_scale_factor zone_reclaim_mode"
    ),
}
"""Files of ``/proc/sys/kernel`` and ``/proc/sys/vm``."""
CGROUP = _words(
    "cgroup.controllers cgroup.events cgroup.freeze cgroup.kill cgroup.max.depth "
    "cgroup.max.descendants cgroup.pressure cgroup.procs cgroup.stat cgroup.subtree_control "
    "cgroup.threads cgroup.type cpu.idle cpu.max cpu.max.burst cpu.pressure cpu.stat "
    "cpu.stat.local cpu.uclamp.max cpu.uclamp.min cpu.weight cpu.weight.nice cpuset.cpus "
    "cpuset.cpus.effective cpuset.cpus.exclusive cpuset.cpus.exclusive.effective "
    "cpuset.cpus.partition cpuset.mems cpuset.mems.effective hugetlb.1GB.current hugetlb.1GB.max "
    "hugetlb.2MB.current hugetlb.2MB.events hugetlb.2MB.max io.bfq.weight io.latency io.max "
    "io.pressure io.prio.class io.stat io.weight irq.pressure memory.current memory.events "
    "memory.events.local memory.high memory.low memory.max memory.min memory.numa_stat "
    "memory.oom.group memory.peak memory.pressure memory.reclaim memory.stat "
    "memory.swap.current memory.swap.events memory.swap.high memory.swap.max memory.swap.peak "
    "memory.zswap.current memory.zswap.max memory.zswap.writeback misc.current misc.events "
    "misc.max pids.current pids.events pids.events.local pids.max pids.peak rdma.current rdma.max"
)
"""Files of a cgroup of version 2."""
CGROUP_ROOT = _words(
    "cgroup.controllers cgroup.max.depth cgroup.max.descendants cgroup.pressure cgroup.procs "
    "cgroup.stat cgroup.subtree_control cgroup.threads cpu.pressure cpu.stat cpu.stat.local "
    "cpuset.cpus.effective cpuset.cpus.isolated cpuset.mems.effective io.cost.model io.cost.qos "
    "io.pressure io.prio.class io.stat irq.pressure memory.numa_stat memory.pressure "
    "memory.reclaim memory.stat memory.zswap.writeback misc.capacity misc.current"
)
"""Those that the root of the tree has."""


def exists(path: str, *, root: bool = False, processes: Collection[int] = (1,)) -> bool:
    """Whether a Linux kernel has this file. ``root``: seen from the machine, not a container.

    ``processes``: the numbers of those that there are.
    """
    parts = path.strip("/").split("/")
    if parts[0] == "proc" and len(parts) > 1:
        if parts[1].isascii() and parts[1].isdigit():
            number = int(parts[1][:9])
            return number in processes and (len(parts) == 2 or parts[2] in OF_PROCESS)
        return _in_proc(parts[1:])
    if parts[:3] == ["sys", "fs", "cgroup"] and len(parts) > 3:
        if len(parts) == 4:
            return parts[3] in (CGROUP_ROOT if root else CGROUP)
        return root and parts[3].endswith((".slice", ".scope")) and parts[-1] in CGROUP
    return parts[0] == "sys" and len(parts) > 1 and parts[1] in _SYS_FOLDERS


_SYS_FOLDERS = _words("block bus class dev devices firmware fs hypervisor kernel module power")


def _in_proc(parts: list[str]) -> bool:
    first, rest = parts[0], parts[1:]
    if not rest:
        return first in PROC or first in PROC_FOLDERS
    if first in ("self", "thread-self"):
        return rest[0] in OF_PROCESS
    if first == "pressure":
        return rest in (["cpu"], ["memory"], ["io"], ["irq"])
    if first == "sys":
        known = SYS.get(rest[0])
        return known is None if len(rest) < 2 or known is None else rest[1] in known
    return first in PROC_FOLDERS
