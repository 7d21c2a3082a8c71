"""The small shell: what scripts print and come to, asked of a container's files and machine."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import DrydockError, Refused
from simulator.image.catalogue import Catalogue
from simulator.image.writable import WritableLayer
from simulator.machine.seat import Proc, Seat
from simulator.node.files import ROOT, Files
from simulator.programs.pauses import Burns, Ended, Waits
from simulator.programs.running import process
from simulator.programs.shell import core
from simulator.programs.view import View

ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


def view(image="alpine"):
    files = Files(WritableLayer(Catalogue.load().resolve(image), "c"))
    texts = {"/etc/hostname": "box", "/etc/passwd": "root:x:0:0:root:/root:/bin/sh"}
    seat = Seat("box", "6.8", cores=4, processes=(Proc(1, "root", "sh"),), files=texts,
                memory_total=8 << 30, programs=frozenset())  # fmt: skip
    return View(seat, files, 100.0, user=ROOT)


def said(script, image="alpine", name="sh"):
    """What a script prints on both streams, and its exit code."""
    machine = process([name, "-c", script], ENV)
    pause = machine.go(view(image))
    assert isinstance(pause, Ended), pause
    return "".join(text for _, text in machine.printed), pause.code


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ('x="a  b"; echo $x "$x" \'$x\' \\$x', "a b a  b $x $x\n"),
        ("echo ${X:-y} ${HOME:+set} ${#HOME} ${HOME##*/} ${HOME%o*}", "y set 5 root /ro\n"),
        ("echo $((2 + 3 * 4)) $(( (1 << 4) | 1 ))", "14 17\n"),
        ("echo $(echo $(echo deep)) `echo old`", "deep old\n"),
        ("false || echo no && echo yes; ! true || echo never", "no\nyes\nnever\n"),
        ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3\n"),
        ("i=0; while [ $i -lt 9 ]; do i=$((i+1)); [ $i = 3 ] && break; done; echo $i", "3\n"),
        ("case a.txt in *.md) echo m;; *.txt|x) echo t;; esac", "t\n"),
        ("f() { echo $1; return 4; }; f a; echo $?", "a\n4\n"),
        ("set -- a 'b c'; for w in \"$@\"; do echo $w; done; shift; echo $#", "a\nb c\n1\n"),
        ("cat <<E\n$HOME $((1+1))\nE\ncat <<'E'\n$HOME\nE", "/root 2\n$HOME\n"),
        ("echo a > /tmp/f; echo b >> /tmp/f; cat < /tmp/f | wc -l", "2\n"),
        ("cat /nope 2>/dev/null; echo $?; cat /nope 2>&1 | grep -c such", "1\n1\n"),
        ("cd /tmp && touch b a && echo *; cd /; echo /tm*/a", "a b\n/tmp/a\n"),
        ("(cd /tmp; x=1); pwd; echo $x", "/\n\n"),
        ("exec echo replaced; echo never", "replaced\n"),
        ("export A=1; sh -c 'echo $A $0 $1' name word; A=2 sh -c 'echo $A'; echo $A",
         "1 name word\n2\n1\n"),
        ("trap 'echo bye' EXIT; echo hi", "hi\nbye\n"),
        ("printf '%s-%03d|' a 1 b 22; echo; seq 1 2 5 | tr '\\n' ' '", "a-001|b-022|\n1 3 5 "),
        ("printf 'b\\na\\nb\\n' | sort | uniq -c | sort -rn | head -1", "      2 b\n"),
        ("echo a:b:c | cut -d: -f2; echo 'x yy' | awk '{print $2, NF}'", "b\nyy 2\n"),
        ("echo root:x | sed -n 's/\\(r.*t\\):/<\\1>/p'; echo b | sed 's/b/[&]/'", "<root>x\n[b]\n"),
        ("uname -r; nproc; hostname; cat /etc/hostname; whoami", "6.8\n4\nbox\nbox\nroot\n"),
        ("yes | head -2; date +%s; date", "y\ny\n1767225700\nThu Jan  1 00:01:40 UTC 2026\n"),
    ],
)  # fmt: skip
def test_scripts_print_what_a_shell_prints(script, printed):
    assert said(script)[0] == printed


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 3", 3), ("false", 1), ("nosuch", 127), ("/etc", 126), ("set -e; false; echo no", 1),
     ("true | false", 1), ("false | true", 0), ("set -o pipefail; false | true", 1),
     ('echo "', 2), ("kill -9 77", 1), ("test -f /bin/busybox", 0), ("[ 1 -gt 2 ]", 1),
     ("curl x", 127), ("set -u; echo $NOPE", 2), ("(exit 7) || exit $?", 7)],
)  # fmt: skip
def test_exit_codes_are_the_script_s(script, code):
    assert said(script)[1] == code


@pytest.mark.parametrize(
    ("image", "name", "told"),
    [("alpine", "sh", "sh: nope: not found\n"), ("debian:12", "sh", "sh: 1: nope: not found\n"),
     ("debian:12", "bash", "bash: line 1: nope: command not found\n")],
)  # fmt: skip
def test_each_shell_has_its_own_words_for_what_is_not_there(image, name, told):
    assert said("nope", image, name) == (told, 127)


def test_bash_expands_braces_and_other_shells_do_not():
    script = "echo {1..3} x{a,b}y '{c,d}' {c..a}"
    assert said(script, "debian:12", "bash")[0] == "1 2 3 xay xby {c,d} c b a\n"
    assert said(script, "debian:12", "sh")[0] == "{1..3} x{a,b}y {c,d} {c..a}\n"


def test_a_script_goes_on_after_what_takes_time_and_sees_what_is_there_then():
    here = view()
    machine = process(["sh", "-c", "echo a; while [ ! -f /ok ]; do sleep 2; done; echo b"], ENV)
    assert machine.go(here) == Waits(2.0, 0, "sleep 2")
    assert machine.printed == [("stdout", "a\n")]
    assert machine.go(here) == Waits(2.0, 0, "sleep 2")
    here.files.write("/ok", "")
    assert machine.go(here) == Ended(0)
    assert machine.printed[-1] == ("stdout", "b\n")


def test_a_loop_without_end_computes_for_ever_and_holds_nobody_up():
    assert process(["sh", "-c", "while true; do :; done"], ENV).go(view()) == Burns(1)


def test_a_trap_answers_a_signal_after_what_the_shell_waits_for():
    machine = process(["sh", "-c", "trap 'echo got; exit 5' TERM; sleep 9; echo no"], ENV)
    assert machine.go(view()) == Waits(9.0, 0, "sleep 9")
    assert (machine.deliver("TERM"), machine.deliver("USR1")) == (True, False)
    assert machine.go(view()) == Ended(5)
    assert machine.printed == [("stdout", "got\n")]


def test_lines_that_are_typed_share_one_shell():
    machine = process(["sh"], ENV, interactive=True)
    here = view()
    assert machine.go(here).prompt == "/ # "
    for line, prompt in (("cd /tmp; x=5", "/tmp # "), ("if true; then", "> "),
                         ("echo $x; fi", "/tmp # ")):  # fmt: skip
        machine.lines.append(line)
        assert machine.go(here).prompt == prompt
    machine.lines.append("exit 4")
    assert (machine.go(here), machine.printed) == (Ended(4), [("stdout", "5\n")])


def test_a_shell_without_a_terminal_ends_at_once():
    assert process(["sh"], ENV).go(view()) == Ended(0)


@pytest.mark.parametrize(
    "script",
    [
        "sleep 1 | wait; select x in a; do :; done",
        "vi",
        "a=(1 2)",
        "cat <(echo)",
        "for ((;;)); do :; done",
    ],
)
def test_what_is_not_modelled_is_said_by_name(script):
    try:
        printed, code = said(script)
    except DrydockError as error:
        printed, code = str(error), 2
    assert ("not modelled" in printed, code) == (True, 2) or "not found" in printed


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="ab $(){}'\"`|&;<>\n\\*?[]#=!-0123", max_size=40))
def test_no_script_breaks_the_shell(script):
    machine = process(["sh", "-c", script], ENV)
    try:
        machine.go(view())
    except DrydockError:
        pass


def test_a_background_job_runs_when_the_script_waits_for_it():
    assert said("(echo job; exit 4) & echo $!; wait $!; echo $?") == ("8\njob\n4\n", 0)
    assert said("echo first; wait; echo last") == ("first\nlast\n", 0)


def test_jobs_in_the_background_go_on_beside_the_script_and_are_waited_for():
    here = view()
    script = "(sleep 2; echo late; exit 4) & sleep 5 & echo early; sleep 1; wait %s; echo $?"
    machine = process(["sh", "-c", script % "$!"], ENV)
    assert (machine.go(here), machine.next_due) == (Waits(1.0, 0, "sleep 1"), 102.0)
    here.now_s = 101.0
    assert machine.go(here).what == "wait"
    for now, joined in ((102.0, False), (105.0, True)):
        here.now_s = now
        assert (machine.tick(here), machine.joins is None) == (joined, joined)
    assert (machine.go(here), machine.status) == (Ended(0), 0)
    assert [text for _, text in machine.printed] == ["early\n", "late\n", "0\n"]
    assert said("(exit 4) & wait $!; echo $?; sleep 99 & kill $!; wait $!; echo $?")[0] == (
        "4\n143\n"
    )


@pytest.mark.parametrize("bomb", ["f() { f | f & }; f", "f() { f & f & f; }; f"])
def test_jobs_that_send_jobs_to_the_background_without_end_are_refused_by_name(bomb):
    with pytest.raises(Refused, match="background jobs"):
        said(bomb)


def test_jobs_in_the_background_share_the_steps_of_an_instant(monkeypatch):
    monkeypatch.setattr(core, "MAX_STEPS", 3000)
    monkeypatch.setattr(core, "LEAST_STEPS", 10)
    steps, before = [], core.Machine.start

    def counted(machine, node, streams):
        steps.append(1)
        before(machine, node, streams)

    monkeypatch.setattr(core.Machine, "start", counted)
    machine = process(["sh", "-c", "i=0; while [ $i -lt 30 ]; do i=$((i+1)); "
                       "(while :; do :; done) & done"], ENV)  # fmt: skip
    machine.go(view())
    assert len(machine.children) == 30
    assert len(steps) < 3 * 3000


@pytest.mark.parametrize(
    ("loop", "most"),
    [(":", 20_000), ("cat /etc/passwd", 5000), ("seq 1 1000", 1500), ("seq 1 9999 | sort", 200),
     ("x=$(seq 1 2000)", 500), ("echo /*/*", 1500), ("mktemp", 5000)],
)  # fmt: skip
def test_what_a_command_of_a_loop_costs_counts_towards_the_steps_of_an_instant(loop, most):
    machine = process(["sh", "-c", f"while :; do {loop}; i=$((i+1)); done"], ENV)
    assert isinstance(machine.go(view()), Burns)
    assert int(machine.scope.variables["i"]) < most


def test_files_made_by_the_thousand_have_names_of_their_own():
    printed, _ = said("for i in $(seq 1 900); do mktemp > /dev/null; done; ls /tmp | wc -l; mktemp")
    assert printed == "900\n/tmp/tmp.0000000901\n"
