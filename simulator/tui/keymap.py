"""The table of all actions and their keys."""

from __future__ import annotations

from simulator.tui.action import ALL, CHART, HOME, WORKBENCH, Action

TIME, LOOK, MOVE, LESSON, TALK, LEAVE = (
    "Time",
    "Looking closer",
    "Moving about",
    "Lesson",
    "Typing",
    "Help and leaving",
)

ACTIONS: tuple[Action, ...] = (
    Action("pause", ("space",), "pause/run", "Stop simulated time, or let it pass.", TIME, bar=1),
    Action(
        "step",
        ("full_stop",),
        "step",
        "Go to the next instant at which something happens.",
        TIME,
        bar=9,
    ),
    Action(
        "faster", ("plus", "equals_sign"), "faster", "Let simulated time pass faster.", TIME, bar=8
    ),
    Action("slower", ("minus", "underscore"), "slower", "Let simulated time pass slower.", TIME),
    Action("undo", ("u",), "undo", "Take back the last line that changed the world.", TIME, bar=7),
    Action("redo", ("U",), "redo", "Have again what undo or rewind took back.", TIME),
    Action(
        "rewind_back",
        ("left_square_bracket",),
        "rewind",
        "Choose an earlier instant on the timeline; enter goes there, esc stays here.",
        TIME,
    ),
    Action(
        "rewind_on",
        ("right_square_bracket",),
        "forward on the timeline",
        "Move the chosen instant of a rewind later again.",
        TIME,
    ),
    Action(
        "prompt", ("colon", "i"), "type", "Type a command. Esc gives the keys back.", TALK, bar=2
    ),
    Action(
        "filter",
        ("slash",),
        "filter",
        "Show only rows of the map or of the events that contain a text; !text inverts.",
        LOOK,
        bar=11,
    ),
    Action(
        "describe",
        ("d",),
        "describe",
        "Why is it so? All about what is under the cursor.",
        LOOK,
        bar=5,
    ),
    Action("logs", ("l",), "logs", "What the container under the cursor wrote.", LOOK, bar=6),
    Action("charts", ("f",), "full charts", "Full-size charts with axes.", LOOK, bar=10),
    Action(
        "service",
        ("v",),
        "next service",
        "Show the curves of the next service.",
        LOOK,
        screens=(WORKBENCH, CHART),
    ),
    Action(
        "window",
        ("w",),
        "time shown",
        "How much time the charts show: all of it, the last minutes, the last seconds.",
        LOOK,
    ),
    Action("zoom", ("z",), "zoom", "Give the whole screen to this pane, or take it back.", LOOK),
    Action("copy", ("y",), "copy", "Copy the row under the cursor to the clipboard.", LOOK),
    Action(
        "describe_screen",
        ("D",),
        "describe the screen",
        "Everything on this screen as plain sentences, for screen readers and for copying.",
        LOOK,
        screens=(WORKBENCH, HOME),
    ),
    Action(
        "choose",
        ("enter",),
        "drill in",
        "Go into a host, a VM, a node or a workload; describe a container, a pod or an event.",
        MOVE,
    ),
    Action(
        "open",
        ("enter",),
        "open",
        "Open the lesson, the scenario or the sandbox.",
        MOVE,
        screens=(HOME,),
        bar=1,
    ),
    Action(
        "back",
        ("escape",),
        "back",
        "One level back: out of a filter, a drill, a wait.",
        MOVE,
        screens=(WORKBENCH, CHART),
    ),
    Action("down", ("j", "down"), "down", "Next row.", MOVE, screens=(WORKBENCH, HOME)),
    Action("up", ("k", "up"), "up", "Previous row.", MOVE, screens=(WORKBENCH, HOME)),
    Action(
        "left",
        ("left",),
        "left",
        "Scroll wide output to the left; go to the box on the left.",
        MOVE,
    ),
    Action(
        "right",
        ("right",),
        "right",
        "Scroll wide output to the right; go to the box on the right.",
        MOVE,
    ),
    Action(
        "half_down",
        ("ctrl+d", "pagedown"),
        "half a page down",
        "Half a page down.",
        MOVE,
        screens=(WORKBENCH, HOME),
    ),
    Action(
        "half_up",
        ("ctrl+u", "pageup"),
        "half a page up",
        "Half a page up.",
        MOVE,
        screens=(WORKBENCH, HOME),
    ),
    Action(
        "top", ("g", "home"), "first row", "Go to the first row.", MOVE, screens=(WORKBENCH, HOME)
    ),
    Action(
        "end",
        ("G", "end"),
        "last row",
        "Go to the last row; logs follow again.",
        MOVE,
        screens=(WORKBENCH, HOME),
    ),
    Action("next_pane", ("tab",), "next pane", "Go to the next pane.", MOVE, bar=12),
    Action("previous_pane", ("shift+tab",), "previous pane", "Go to the previous pane.", MOVE),
    Action(
        "pane_lesson", ("1",), "lesson pane", "Go to the lesson.", MOVE, action="pane('lesson')"
    ),
    Action("pane_map", ("2",), "map pane", "Go to the map.", MOVE, action="pane('map')"),
    Action(
        "pane_charts", ("3",), "charts pane", "Go to the charts.", MOVE, action="pane('charts')"
    ),
    Action(
        "pane_events", ("4",), "events pane", "Go to the events.", MOVE, action="pane('events')"
    ),
    Action(
        "pane_output", ("5",), "output pane", "Go to the output.", MOVE, action="pane('output')"
    ),
    Action(
        "pane_cluster",
        ("6",),
        "cluster pane",
        "Go to the cluster. Typed there: pods nodes deploy svc hpa queue events ns ctx, rs sts "
        "jobs pvc quota or any kind; of a swarm services tasks nodes.",
        MOVE,
        action="pane('cluster')",
    ),
    Action(
        "all_namespaces",
        ("0",),
        "all namespaces",
        "All namespaces of the cluster again. Typed: pods shop is of one, pods /web filters, ctx b "
        "turns to another cluster.",
        MOVE,
    ),
    Action("next_step", ("n",), "next", "Next step of the lesson.", LESSON, bar=3, lesson=True),
    Action(
        "previous_step", ("p",), "previous", "Previous step of the lesson.", LESSON, lesson=True
    ),
    Action(
        "run_block",
        ("x",),
        "run it",
        "Answer the prediction if there is one, then run this step's commands, visibly.",
        LESSON,
        bar=4,
        lesson=True,
    ),
    Action(
        "check",
        ("c",),
        "check",
        "Measure the task: all its checks, with points.",
        LESSON,
        bar=5,
        lesson=True,
    ),
    Action(
        "hint",
        ("h",),
        "hint",
        "A hint that fits the state of the world.",
        LESSON,
        bar=6,
        lesson=True,
    ),
    Action(
        "solution",
        ("S",),
        "solution",
        "Show a solution of the task; before it is solved this gives the task up.",
        LESSON,
        destructive=True,
        lesson=True,
    ),
    Action(
        "reset",
        ("r",),
        "reset",
        "Put the lesson's world back to how it began.",
        LESSON,
        destructive=True,
        lesson=True,
    ),
    Action(
        "lesson",
        ("t",),
        "lesson text",
        "Show or hide the lesson on a small screen.",
        LESSON,
        lesson=True,
    ),
    Action(
        "home",
        ("H",),
        "home screen",
        "Leave this world and choose another lesson.",
        LEAVE,
        destructive=True,
    ),
    Action(
        "help",
        ("question_mark", "f1"),
        "help",
        "The keys of this screen.",
        LEAVE,
        screens=ALL,
        bar=13,
    ),
    Action(
        "palette",
        ("ctrl+p",),
        "palette",
        "All actions by name.",
        LEAVE,
        screens=ALL,
        action="app.command_palette",
    ),
    Action(
        "quit",
        ("q", "ctrl+q"),
        "quit",
        "Leave Drydock; asks when a lesson is unsaved.",
        LEAVE,
        screens=ALL,
        bar=14,
        action="app.leave",
    ),
)
