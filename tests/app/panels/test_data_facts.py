from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.data_facts import LISTED, FactsCard, facts_of


def catalogue(**changes):
    usual = {
        "sizes": np.array([[20, 30], [22, 30], [20, 30]]),
        "channels": 3, "bits": 8, "kinds": ("images",), "classes": ("ant", "bee"),
        "labels": np.array([0, 1, 0]), "splits": ("", "", ""), "groups": None, "metadata": {},
        "problems": (), "paths": ("ant/0.png", "bee/0.png", "ant/1.png"),
        "sequences": None, "targets": None, "captions": None,
        "duplicates": lambda progress, cancelled: (),
    }  # fmt: skip
    found = {**usual, **changes}

    class Catalogue(SimpleNamespace):
        def __len__(self):
            return len(self.paths)

    return Catalogue(**found)


@pytest.fixture
def card(workspace, qtbot):
    made = FactsCard(workspace)
    qtbot.addWidget(made)
    made.resize(380, 700)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=5_000)


@pytest.mark.parametrize(
    ("changes", "what", "value"),
    [
        ({}, "Sizes", "30 × 20 to 30 × 22 px"),
        ({"sizes": np.full((3, 2), 48)}, "Sizes", "48 × 48 px"),
        ({"channels": 1, "bits": 16}, "Pixels", "grey, 16 bit"),
        ({"channels": 4}, "Pixels", "4 channels, 8 bit"),
        ({"channels": 12, "bits": 16}, "Pixels", "12 channels, 16 bit"),
        ({"labels": np.array([0, -1, -1])}, "Classes", "2 (2 without)"),
        ({"classes": ()}, "Classes", "none found"),
        ({"splits": ("train", "test", "train")}, "Own splits", "train 2, test 1"),
        ({"groups": np.array([4, 4, 9])}, "Groups", "2, kept together"),
        (
            {"sequences": SimpleNamespace(lengths=np.array([12, 12])), "groups": np.zeros(3)},
            "Sequences",
            "2 of 12 frames, kept whole",
        ),
        (
            {"sequences": SimpleNamespace(lengths=np.array([5, 1200]))},
            "Sequences",
            "2 of 5 to 1,200 frames, kept whole",
        ),
        (
            {"targets": SimpleNamespace(rows=[0, 2], folder="depth", role="depth")},
            "Targets",
            "2 in depth/ (depth)",
        ),
        ({"captions": ("a cat", "", "a dog")}, "Captions", "2"),
        ({"metadata": {"age": (1, 2, 3), "site": ("a", "b", "b")}}, "Columns", "age, site"),
    ],
)
def test_facts_are_told_with_their_units(changes, what, value):
    assert dict(facts_of(catalogue(**changes)))[what] == value


def test_another_catalogue_replaces_every_line(card):
    card.show_catalogue(catalogue(metadata={"age": (1, 2, 3)}))
    assert "Columns: age" in card.text()
    card.show_catalogue(catalogue(classes=(), labels=np.full(3, -1)))
    assert "Columns" not in card.text()
    assert card.text().count("Images: 3") == 1
    assert not card.bars.isVisible()


def test_problems_are_listed_up_to_a_limit(card):
    problem = SimpleNamespace(path="a.png", reason="is damaged")
    card.show_catalogue(catalogue(problems=(problem,)))
    assert card.problems.item(0).text() == card.problems.item(0).toolTip() == "a.png: is damaged"
    assert "1 file not used as it is" in card.text()
    card.show_catalogue(catalogue(problems=(problem,) * (LISTED + 5)))
    assert card.problems.count() == LISTED + 1
    assert card.problems.item(LISTED).text() == "and 5 more"
    card.show_catalogue(catalogue())
    assert not card.problems.isVisible()
    assert "not used" not in card.text()


@pytest.mark.parametrize(
    ("sets", "lines", "words"),
    [
        ((), [], "No two files are equal."),
        (((0, 2),), ["ant/0.png = ant/1.png"], "1 file is a copy of another"),
        (((0, 1, 2),), ["ant/0.png = bee/0.png = ant/1.png"], "2 files are copies of another"),
    ],
)
def test_duplicates_are_looked_for_on_demand(card, qtbot, sets, lines, words):
    card.show_catalogue(catalogue(duplicates=lambda progress, cancelled: sets))
    qtbot.mouseClick(card.look, Qt.MouseButton.LeftButton)
    assert not card.look.isEnabled()
    qtbot.waitUntil(card.look.isEnabled, timeout=5_000)
    assert words in card.text()
    assert [card.duplicates.item(n).text() for n in range(card.duplicates.count())] == lines


def test_a_folder_that_is_gone_meanwhile_is_told(card, qtbot):
    def gone(progress, cancelled):
        raise OSError("the disk was taken out")

    card.show_catalogue(catalogue(duplicates=gone))
    qtbot.mouseClick(card.look, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "the disk was taken out" in card.text(), timeout=5_000)


def test_an_answer_about_another_folder_is_dropped(card, workspace, qtbot):
    card.show_catalogue(catalogue(duplicates=lambda progress, cancelled: ((0, 2),)))
    qtbot.mouseClick(card.look, Qt.MouseButton.LeftButton)
    card.show_catalogue(catalogue())
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=5_000)
    assert card.duplicates.count() == 0
