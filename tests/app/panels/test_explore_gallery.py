import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from app.panels import explore_gallery as module
from app.panels.explore_gallery import GalleryView, by_class, by_score, score_words
from tests.app.panels.reachable import unnamed


@pytest.fixture
def view(opened, qtbot):
    made = GalleryView(opened)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    settled(opened, qtbot)
    return made


def settled(workspace, qtbot):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=20_000)


def pick(qtbot, box: QComboBox, words, workspace):
    """As a person does with the keys: to the top, then down to the words."""
    qtbot.keyClick(box, Qt.Key.Key_Home)
    while box.currentText() != words:
        before = box.currentIndex()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() > before, f"{words} is not in the box"
    settled(workspace, qtbot)


def test_classes_are_sections_in_their_order():
    labels = np.array([1, 0, -1, 1, 2, 0])
    rows = np.array([5, 4, 3, 2, 0])
    found = [(name, part.tolist()) for name, part in by_class(labels, ("a", "b", "c"), rows)]
    assert found == [("a", [5]), ("b", [3, 0]), ("c", [4]), (module.UNLABELLED, [2])]
    assert by_class(labels, ("a", "b", "c"), rows[:0]) == []


def test_scores_order_from_the_largest_and_none_is_last():
    scores = np.array([0.5, np.nan, 2.0, 0.5, -1.0])
    assert by_score(scores, np.array([4, 3, 1, 0, 2])).tolist() == [2, 3, 0, 4, 1]


def test_scores_are_written_with_fitting_digits():
    scores = (2, -1.305, 123.45, 12345.6, 0.00042, 0, np.nan)
    words = ["2.00", "−1.30", "123.5", "12,346", "4.2e−04", "0.00", "no score"]
    assert [score_words(one) for one in scores] == words


def test_all_images_are_shown_and_counted(view, opened, qtbot):
    assert view.grid.rows.tolist() == list(range(24))
    assert view.line.full == "24 images"
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    assert view.line.full == "24 images · 1 chosen · cat/00.png · cat"
    assert opened.selection.rows.tolist() == [0]
    assert not unnamed(view)


def test_one_class_is_shown_or_all_in_sections(view, opened, qtbot):
    pick(qtbot, view.filter, "dog", opened)
    assert view.grid.rows.tolist() == list(range(12, 24))
    assert view.line.full == "12 of 24 images"
    pick(qtbot, view.filter, module.ALL, opened)
    opened.catalogue.labels[3] = -1
    pick(qtbot, view.order, module.CLASS, opened)
    assert view.grid.rows.tolist() == [*(row for row in range(24) if row != 3), 3]
    opened.catalogue.labels[3] = 0


def test_chosen_images_are_those_of_the_selection(view, opened, qtbot):
    pick(qtbot, view.filter, module.CHOSEN, opened)
    assert view.empty.isVisible()
    assert "Nothing is chosen" in view.empty.text
    opened.selection.choose([20, 3, 7])
    settled(opened, qtbot)
    assert view.grid.rows.tolist() == [3, 7, 20]
    qtbot.mouseClick(
        view.grid.viewport(), Qt.MouseButton.LeftButton, pos=view.grid.cell(1).center()
    )
    settled(opened, qtbot)
    assert opened.selection.rows.tolist() == [7]
    assert view.grid.rows.tolist() == [3, 7, 20], "they do not go away under the mouse"


def test_a_score_of_others_orders_and_is_written_below(view, opened, qtbot, monkeypatch):
    scores = np.linspace(0, 1, 24)
    scores[4] = np.nan
    view.offer_order("Outlier score", scores)
    pick(qtbot, view.order, "Outlier score", opened)
    assert view.grid.rows[:3].tolist() == [23, 22, 21]
    assert view.grid.rows[-1] == 4
    written = []
    monkeypatch.setattr(
        "app.gallery_tiles.paint_caption", lambda *given, **_: written.append(given[2])
    )
    view.grid.grab()
    assert written[:3] == ["1.00", "0.96", "0.91"]
    view.offer_order("Outlier score", -scores)
    settled(opened, qtbot)
    assert view.grid.rows[:3].tolist() == [0, 1, 2]
    view.show_order(module.FOLDER)
    settled(opened, qtbot)
    assert view.grid.rows[:3].tolist() == [0, 1, 2]
    assert view.order.currentText() == module.FOLDER
    with pytest.raises(ValueError, match=r"Outlier score: scores of shape \(3,\) for 24 images"):
        view.offer_order("Outlier score", scores[:3])


def test_names_are_written_where_wanted(view, opened, qtbot, monkeypatch):
    written = []
    monkeypatch.setattr(
        "app.gallery_tiles.paint_caption", lambda *given, **_: written.append(given[2])
    )
    view.grid.grab()
    assert written == []
    qtbot.mouseClick(view.names, Qt.MouseButton.LeftButton)
    settled(opened, qtbot)
    view.grid.grab()
    assert written[:2] == ["00.png", "01.png"]


def test_hidden_it_waits_and_then_catches_up(view, opened, qtbot):
    view.hide()
    view.filter.setCurrentText("dog")
    view.refresh()
    assert view.grid.count == 24
    view.show()
    settled(opened, qtbot)
    assert view.grid.count == 12


def test_without_a_folder_it_says_what_to_do(loaded, qtbot):
    made = GalleryView(loaded)
    qtbot.addWidget(made)
    made.show()
    assert "No images are open" in made.empty.text
    assert made.empty.isVisible()
    assert made.line.full == ""
