"""Jobs in line upon whose end somebody must act are found without walking along the line."""

from collections import deque

from calls import calls
from hypothesis import given
from hypothesis import strategies as st

from simulator.machine.cpu.acting import Acting


class Owner:
    acts = True


def job(at, reference=None):
    return 0.02, float(at), reference


def test_to_look_again_costs_the_same_however_long_the_line_is():
    mine = Owner()
    line, acting = deque([job(0, mine)]), Acting()

    def grown_to(count):
        line.extend(job(at) for at in range(len(line), count))
        assert acting.among(line) == [job(0, mine)]
        return calls(lambda: acting.among(line))

    short, long = grown_to(1_000), grown_to(32_000)
    assert long <= short + 12  # five more halvings, each a look at a key


@given(
    st.lists(
        st.one_of(st.tuples(st.integers(0, 2), st.booleans()), st.sampled_from(["leave", "look"])),
        max_size=60,
    )
)
def test_it_finds_what_a_walk_along_the_line_finds(deeds):
    line, acting, now = deque(), Acting(), 0
    for deed in [*deeds, "look"]:
        if deed == "leave":
            if line:
                line.popleft()
        elif deed == "look":
            walked = [one for one in line if one[2] is not None]
            assert acting.among(line) == walked
        else:
            now += deed[0]
            line.append(job(now, Owner() if deed[1] else None))
