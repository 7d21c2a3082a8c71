"""The isolation matrix: every neighbour under every arrangement, against what was published."""

import pytest

from simulator.report.isolation import ARRANGEMENTS, BOMBS, Lab, matrix, to_text


@pytest.fixture(scope="module")
def cells():
    """Loss by (arrangement, bomb)."""
    rows = matrix(seed=1)
    return {(row.name, cell.bomb): cell for row, found in rows for cell in found}


NAMES = [each.name for each in ARRANGEMENTS]
UNLIMITED, LIMITED, SANDBOX, MICRO, VM = NAMES


def test_every_neighbour_is_measured_under_every_arrangement(cells):
    assert set(cells) == {(name, bomb) for name in NAMES for bomb in BOMBS}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("name", [MICRO, VM])
def test_a_kernel_of_its_own_loses_at_most_two_percent(cells, name, bomb):
    assert cells[name, bomb].loss <= 0.02


def test_without_limits_a_memory_bomb_takes_at_least_half(cells):
    assert cells[UNLIMITED, "membomb"].finished
    assert cells[UNLIMITED, "membomb"].loss >= 0.5


def test_without_limits_nothing_ends_beside_a_fork_bomb(cells):
    assert not cells[UNLIMITED, "forkbomb"].finished


@pytest.mark.parametrize("name", [LIMITED, SANDBOX])
def test_limits_keep_the_cpu(cells, name):
    assert cells[name, "cpubomb"].loss <= 0.05
    assert cells[name, "forkbomb"].loss <= 0.05


@pytest.mark.parametrize("bomb", ["membomb", "diskbomb"])
@pytest.mark.parametrize("name", [LIMITED, SANDBOX])
def test_limits_do_not_keep_caches_and_writeback(cells, name, bomb):
    assert 0.05 <= cells[name, bomb].loss <= 0.30


def test_fair_shares_alone_keep_the_cpu_as_published_of_lxc(cells):
    assert cells[UNLIMITED, "cpubomb"].loss == pytest.approx(0.0, abs=0.01)


def test_the_disk_leak_is_near_the_published_nine_percent(cells):
    assert cells[UNLIMITED, "diskbomb"].loss == pytest.approx(0.09, abs=0.03)


def test_the_table_prints_every_row(cells):
    text = to_text(matrix(seed=2))
    assert sum(any(name in line for name in NAMES) for line in text) == len(NAMES)


def test_on_one_processor_guests_press_each_others_cache_as_containers_do():
    rows = matrix(seed=1, lab=Lab(sockets=1))
    found = {(row.name, cell.bomb): cell.loss for row, cells in rows for cell in cells}
    assert found[VM, "membomb"] == pytest.approx(found[LIMITED, "membomb"], abs=0.02)
    assert found[VM, "membomb"] > 0.25
    assert all(found[VM, bomb] <= 0.02 for bomb in BOMBS if bomb != "membomb")


def test_with_little_swap_the_killer_ends_a_memory_bomb_before_it_has_hurt_for_long():
    rows = matrix(seed=1, lab=Lab(swap_bytes=4 << 30))
    found = {(row.name, cell.bomb): cell.loss for row, cells in rows for cell in cells}
    assert 0.2 < found[UNLIMITED, "membomb"] < 0.5
