"""Which programs are modelled, which are known and not, and which serve."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.programs.call import Program
from simulator.programs.finding import BUSYBOX, COREUTILS, OTHER_TOOLS
from simulator.programs.tools import (
    awk,
    blocks,
    clocks,
    digging,
    filing,
    identity,
    interfaces,
    interpreters,
    listing,
    ls,
    perl,
    probes,
    resources,
    saying,
    searching,
    shuffling,
    signals,
    testing,
    texts,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PROGRAMS: dict[str, Program] = {
    "[": testing.test,
    "test": testing.test,
    "arch": identity.arch,
    "awk": awk.awk,
    "gawk": awk.awk,
    "mawk": awk.awk,
    "basename": saying.basename,
    "cat": texts.cat,
    "chgrp": filing.chown,
    "chmod": filing.chmod,
    "chown": filing.chown,
    "cp": filing.cp,
    "curl": probes.curl,
    "cut": texts.cut,
    "date": clocks.date,
    "dd": blocks.dd,
    "df": resources.df,
    "dig": digging.dig,
    "dirname": saying.dirname,
    "dmesg": resources.dmesg,
    "du": resources.du,
    "dumb-init": clocks.in_front,
    "echo": saying.echo,
    "egrep": searching.grep,
    "env": identity.env,
    "expr": saying.expr,
    "fallocate": blocks.fallocate,
    "false": saying.false,
    "fgrep": searching.grep,
    "find": listing.find,
    "free": resources.free,
    "getent": probes.getent,
    "gosu": clocks.as_user,
    "grep": searching.grep,
    "groups": identity.groups,
    "head": texts.head,
    "hello": saying.hello,
    "hostname": identity.hostname,
    "id": identity.id_,
    "ifconfig": interfaces.ifconfig,
    "ip": interfaces.ip,
    "kill": signals.kill,
    "ln": filing.ln,
    "ls": ls.ls,
    "mariadb-admin": probes.mysqladmin,
    "md5sum": blocks.checksum,
    "mkdir": filing.mkdir,
    "mktemp": blocks.mktemp,
    "mount": resources.mount,
    "mv": filing.mv,
    "mysqladmin": probes.mysqladmin,
    "nc": probes.nc,
    "netstat": interfaces.netstat,
    "nice": clocks.in_front,
    "nl": texts.nl,
    "nohup": clocks.in_front,
    "nproc": resources.nproc,
    "nslookup": probes.nslookup,
    "pause": clocks.pause,
    "pg_isready": probes.pg_isready,
    "pgrep": resources.pgrep,
    "ping": probes.ping,
    "printenv": identity.printenv,
    "printf": saying.printf,
    "ps": resources.ps,
    "pwd": signals.pwd,
    "readlink": listing.readlink,
    "realpath": listing.readlink,
    "redis-cli": probes.redis_cli,
    "rev": texts.rev,
    "rm": filing.rm,
    "rmdir": filing.rmdir,
    "sed": searching.sed,
    "seq": saying.seq,
    "setsid": clocks.in_front,
    "sha1sum": blocks.checksum,
    "sha256sum": blocks.checksum,
    "sha512sum": blocks.checksum,
    "shuf": shuffling.shuf,
    "sleep": clocks.sleep,
    "sort": texts.sort,
    "stat": listing.stat,
    "stdbuf": clocks.in_front,
    "stress": interpreters.stress,
    "stress-ng": interpreters.stress,
    "su-exec": clocks.as_user,
    "sync": blocks.sync,
    "tac": texts.tac,
    "ss": interfaces.ss,
    "sysctl": resources.sysctl,
    "tail": texts.tail,
    "tee": texts.tee,
    "time": clocks.in_front,
    "timeout": clocks.timeout,
    "tini": clocks.in_front,
    "top": resources.top,
    "touch": filing.touch,
    "tr": texts.tr,
    "true": saying.true,
    "truncate": blocks.truncate,
    "uname": identity.uname,
    "uniq": texts.uniq,
    "uptime": resources.uptime,
    "wc": texts.wc,
    "wget": probes.wget,
    "which": listing.which,
    "whoami": identity.whoami,
    "xargs": texts.xargs,
    "yes": saying.yes,
    **dict.fromkeys(interpreters.NAMES, interpreters.interpreter),
}

SHELLS = ("sh", "bash", "ash", "dash", "zsh")
NOT_MODELLED = _words(
    "apk apt apt-get apt-cache apt-key base64 bc bunzip2 bzip2 c++ cargo cc cmp column comm "
    "composer dc diff dnf docker dpkg ethtool ex expand file flock fold g++ gcc gdb "
    "git gpg gunzip gzip hexdump host htop id3v2 iostat iperf3 iptables jar "
    "javac jq killall less ldd lsblk lscpu lsof make microdnf more mpstat mysql nano ncat "
    "nmap nsenter numfmt od openssl opkg pacman paste patch perf pip pip3 pkill pmap "
    "psql rpm rsync rustc scp script service socat split sqlite3 ssh strace strings "
    "su sudo systemctl tar tcpdump telnet traceroute tree tty unshare unzip useradd "
    "userdel usermod adduser addgroup groupadd vi vim vmstat w watch who xxd xz yum zcat zip "
    "zypper mongo mongosh kubectl helm npm npx yarn pnpm poetry conda mamba umount"
)
"""Programs that exist in ordinary images and are not modelled, or only for what they install."""


NOT_MODELLED |= {name for name in COREUTILS | BUSYBOX | OTHER_TOOLS if name not in PROGRAMS} - {
    *SHELLS,
    "[[",
}


_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun", "poetry", "pipenv", "uv"})
_RUNS = frozenset({"start", "run", "run-script", "exec", "serve", "dev", "preview", "dlx", "x"})
_NAMED_SCRIPTS = frozenset({"yarn", "pnpm", "bun"})
"""Managers to which a word that is no command of their own is a script of the project."""
_OWN_COMMANDS = _words(
    "add audit autoclean bin build cache check ci config create dedupe deploy env generate-lock "
    "global help import info init install licenses link lint list login logout ls outdated owner "
    "pack patch pm prune publish rebuild remove set store tag team test unlink update upgrade "
    "version versions why workspace workspaces"
)


def runs_project(words: Sequence[str]) -> bool:
    """Whether a package manager is to run a program of its project: ``npm start``."""
    if len(words) < 2:
        return False
    name, word = words[0].rpartition("/")[2], words[1]
    if name == "cargo":
        return word in ("run", "watch")
    script = name in _NAMED_SCRIPTS and word[:1] != "-" and word not in _OWN_COMMANDS
    return script or (name in _MANAGERS and word in _RUNS)


_SHELL_WORDS = _words(
    "while until for if case done fi esac { } ( ) ! : . cd exit export set shift trap unset eval "
    "exec read return source wait break continue local umask ulimit type hash command shopt declare"
)
"""Words of a shell's own, as the first one of a command."""


def is_tool(words: Sequence[str]) -> bool:
    """Whether a command is an ordinary tool, and no server that a workload describes."""
    if not words:
        return True
    name = words[0].rpartition("/")[2]
    if runs_project(words):
        return False
    if name == "perl":
        return perl.is_one_liner(words)
    if name in interpreters.NAMES:
        return len(words) > 1 and (words[1] in interpreters.ONE_LINERS)
    return name in PROGRAMS or name in NOT_MODELLED or name in SHELLS or name in _SHELL_WORDS
