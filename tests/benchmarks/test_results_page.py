"""Rows go where they belong, and nothing else of the page changes."""

from pathlib import Path

import pytest

from sslcore.method import registry
from sslcore.recipe import presets
from tests.benchmarks import results_page
from tests.benchmarks.results_page import EXPERIMENTS, HEAD, METHODS, merged

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


def row(name, seed, loss="2.505 to 1.949"):
    return f"| {name} | {seed} | 30 | {loss} | - | 25.1% | 32.2% | 25.8% | 0.49 | 42 | 367 |"


MADE = "\n".join(
    [
        "# Results  ",
        f"| not | this |\n|---|---|\n{row('rotation', 0)}",
        "",
        f"{METHODS}",
        "How it was done.",
        "",
        HEAD,
        row("mae", 0),
        row("rotation", 0),
        row("rotation", 2),
        row("simclr", 1),
        "",
        "What it says.\u2028\ttrailing ",
        f"{EXPERIMENTS} (`command`):",
        "",
        HEAD,
        row("simclr.no_crop", 0),
        row("byol.fixed_target", 0),
        "\n| more | tables |\n|---|---|\n| a | 1 |",
    ]
)
ORDER = ["mae", "rotation", "jigsaw", "simclr", "byol"]


def inserted(before, new):
    """The page with a line behind the one that is given, in its last table with such a line."""
    at = MADE.rindex(before + "\n") + len(before) + 1
    return MADE[:at] + new + "\n" + MADE[at:]


@pytest.mark.parametrize(
    ("new", "behind"),
    [
        (row("rotation", 1), row("rotation", 0)),
        (row("rotation", 11), row("rotation", 2)),
        (row("jigsaw", 4), row("rotation", 2)),
        (row("byol", 0), row("simclr", 1)),
        (row("unheard", 0), row("simclr", 1)),
        (row("simclr", 0), row("rotation", 2)),
        (row("simclr.no_crop", 1), row("simclr.no_crop", 0)),
        (row("mae.words", 0), row("byol.fixed_target", 0)),
    ],
)
def test_a_new_row_comes_behind_its_like_and_nothing_else_changes(new, behind):
    assert merged(MADE, [new], ORDER) == inserted(behind, new)


def test_a_method_before_all_others_comes_first():
    new = row("mae", 0)
    assert merged(MADE.replace(new + "\n", ""), [new], ORDER) == MADE


def test_a_row_that_is_there_is_replaced_only_in_its_own_table():
    new = row("rotation", 0, "1.361 to 0.287")
    changed = merged(MADE, [new], ORDER)
    old = row("rotation", 0)
    assert changed.splitlines().count(old) == 1, "the one of the table above stays"
    assert changed.index(old) == MADE.index(old)
    assert changed == MADE[: MADE.rindex(old)] + new + MADE[MADE.rindex(old) + len(old) :]


def test_several_rows_may_come_in_any_order_and_twice():
    rows = [row("byol", seed) for seed in (2, 0, 1)]
    once = merged(MADE, rows, ORDER)
    assert once == inserted(row("simclr", 1), "\n".join(sorted(rows)))
    assert merged(once, rows[::-1], ORDER) == once
    assert merged(MADE, [], ORDER) == MADE


def test_files_of_other_systems_keep_their_ends_of_lines(tmp_path):
    file = tmp_path / "page.md"
    file.write_bytes(MADE.replace("\n", "\r\n").encode())
    results_page.write(file, [row("rotation", 1)], ORDER)
    expected = inserted(row("rotation", 0), row("rotation", 1)).replace("\n", "\r\n")
    assert file.read_bytes() == expected.encode()


@pytest.mark.parametrize(
    ("page", "rows", "message"),
    [
        (MADE.replace(METHODS, "## Others"), [], "no line that begins with '## All methods"),
        (MADE.replace(EXPERIMENTS, "Experiments"), [], "no line that begins with"),
        (MADE.replace("| RankMe ", ""), [], "has other columns than: . recipe"),
        (f"{METHODS}\n{EXPERIMENTS}\n", [], "has other columns"),
        (MADE, ["| mae | 0 | 30 |"], "not a row of 11 cells"),
        (MADE, ["| mae | all | 30 |"], "not a row of a recipe and a seed"),
    ],
)
def test_another_page_or_row_is_refused(page, rows, message):
    with pytest.raises(ValueError, match=message):
        merged(page, rows, ORDER)


def test_the_page_of_results_can_take_rows_and_stays_as_it_is_with_its_own():
    page = PAGE.read_bytes().decode("utf-8")
    lines = page.split("\n")
    own = []
    for above in (METHODS, EXPERIMENTS):
        table = results_page._table(lines, above)
        own += lines[table.first : table.end]
    known = {results_page._key(one) for one in own}
    assert len(known) == len(own) > 20
    assert {name for name, _ in known} <= presets().keys()
    assert merged(page, own, list(registry())) == page
    changed = merged(page, [row("rotation", 77), row("simclr.no_crop", 77)], list(registry()))
    assert len(changed) - len(page) == len(row("rotation", 77)) + len(row("simclr.no_crop", 77)) + 2
