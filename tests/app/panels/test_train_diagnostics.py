import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.train_diagnostics import DiagnosticsCard, tab_name
from sslcore.diagnostics import Attention, DiagnosticSpec
from tests.app.panels import replayed

SIMILARITY = DiagnosticSpec("similarity", "heatmap", "Similarity", "Pairs of images.")


@pytest.fixture
def card(workspace, qtbot):
    made = DiagnosticsCard(workspace)
    qtbot.addWidget(made)
    made.resize(420, 480)
    made.show()
    made.declare(replayed.SPECS, anew=True)
    qtbot.waitExposed(made)
    return made


def visible(card):
    return [name for name, page in card.pages.items() if page.isVisible()]


def test_the_matrix_comes_first_and_tabs_turn_by_key(card, qtbot):
    assert [card.tabs.tabText(n) for n in range(2)] == ["Cross correlation", "Spectrum"]
    assert card.tabs.tabToolTip(1) == "Directions in use"
    assert visible(card) == ["cross_correlation"]
    card.tabs.setFocus()
    qtbot.keyClick(card.tabs, Qt.Key.Key_Right)
    assert visible(card) == ["spectrum"]
    assert tab_name(replayed.SPECS[1]) == "Cross correlation"


def test_a_declaration_that_is_known_keeps_page_and_tab(card):
    card.tabs.setCurrentIndex(1)
    pages = dict(card.pages)
    card.declare(replayed.SPECS, anew=False)
    assert card.pages == pages
    card.declare(replayed.SPECS, anew=True)
    assert not set(pages.values()) & set(card.pages.values()), "pictures of two runs do not mix"
    assert visible(card) == ["spectrum"], "the same tab is open"
    card.declare(replayed.SPECS[1:], anew=True)
    assert visible(card) == ["cross_correlation"]
    assert not card.tabs.isVisible()


def test_a_method_without_pictures_says_so(card):
    card.declare((), anew=True)
    assert card.nothing.isVisible()
    card.declare((DiagnosticSpec("spectrum", "curve", "Directions", "Flat."),), anew=True)
    assert not card.nothing.isVisible()
    assert visible(card) == ["spectrum"]


def test_a_clicked_cell_is_read_off_in_every_snapshot(card, qtbot):
    card.declare((*replayed.SPECS, SIMILARITY), anew=True)
    card.tabs.setCurrentIndex(2)
    page = card.pages["similarity"]

    def show(number):
        matrix = replayed.snapshot(number).diagnostics["cross_correlation"]
        card.show_diagnostics({"similarity": matrix})

    show(10)
    assert not page.cell.isVisible()
    page.view.cell_clicked.emit(0, 1)
    assert page.cell.text() == "Chosen: i = 0, j = 1, value 0.100"
    show(40)
    assert page.cell.text() == "Chosen: i = 0, j = 1, value 0.400"


def test_only_the_matrix_of_dimensions_is_looked_into(card):
    card.declare((*replayed.SPECS, SIMILARITY), anew=True)
    kinds = {name: type(page).__name__ for name, page in card.pages.items()}
    assert kinds == {
        "cross_correlation": "MatrixPage", "spectrum": "DiagnosticPage",
        "similarity": "DiagnosticPage",
    }  # fmt: skip


def test_a_picture_that_a_snapshot_lacks_keeps_what_it_showed(card):
    card.show_diagnostics(replayed.snapshot(10).diagnostics)
    later = dict(replayed.snapshot(40).diagnostics)
    del later["cross_correlation"]
    card.show_diagnostics(later)
    plot = card.pages["cross_correlation"].plot
    assert plot.value_at(0, 1) == pytest.approx(0.1)


def test_the_same_picture_is_not_painted_twice(card, monkeypatch):
    given = []
    plot, view = card.pages["cross_correlation"].plot, card.pages["spectrum"].view
    monkeypatch.setattr(plot, "set_diagnostic", lambda shown, _order: given.append(shown))
    monkeypatch.setattr(view, "set_diagnostic", given.append)
    shown = replayed.snapshot(10).diagnostics
    card.show_diagnostics(shown)
    card.show_diagnostics(shown)
    assert given == [shown["cross_correlation"], shown["spectrum"]]


def test_only_matrices_and_pictures_fill_the_height(card):
    card.resize(420, 1200)
    tall = card.pages["cross_correlation"].plot.height()
    card.tabs.setCurrentIndex(1)
    assert card.pages["spectrum"].view.height() <= 300 < tall
    assert card.tabs.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_a_clicked_place_of_a_picture_stays_while_snapshots_come(card, qtbot):
    def attention(seed):
        shares = np.random.default_rng(seed).random((2, 16, 2, 16)).astype(np.float16) / 16
        pixels = np.zeros((2, 3, 8, 8, 3), np.uint8)
        names = ("reference 1", "last reference")
        return Attention(pixels[:, 0], pixels[:, 1:], shares, (4, 4), "target", names, np.arange(2))

    spec = DiagnosticSpec("attention", "attention", "Where a place looks", "Click a place.")
    card.declare((spec,), anew=True)
    plot = card.pages["attention"].view.plot
    assert plot.is_empty()
    first, second = attention(0), attention(1)
    card.show_diagnostics({"attention": first})
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.cell(0, (0, 3)).center().toPoint())
    card.show_diagnostics({"attention": second})
    assert plot.place == (0, 3)
    assert np.array_equal(plot.shares(), second.shares[0, 3].reshape(2, 4, 4).astype(np.float32))
    card.show_diagnostics({"attention": first})  # the timeline goes back
    assert np.array_equal(plot.shares(), first.shares[0, 3].reshape(2, 4, 4).astype(np.float32))
    card.resize(420, 900)
    assert plot.height() > 300, "pictures fill the height"
