import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.train import TrainPanel
from sslcore.diagnostics import heatmap
from sslcore.evaluation.dimensions import separation
from tests.app.panels import trained
from tests.app.panels.reachable import unnamed

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(loaded, pictures, qtbot, tmp_path):
    made = TrainPanel(loaded)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    qtbot.waitExposed(made)
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "run"))
    qtbot.waitUntil(lambda: "cross_correlation" in made.diagnostics.pages, timeout=20_000)
    qtbot.waitUntil(lambda: page_of(made).plot.shown is not None, timeout=20_000)
    return made


def page_of(panel):
    return panel.diagnostics.pages["cross_correlation"]


@pytest.fixture
def page(panel):
    return page_of(panel)


def place(plot, row, column):
    rect = plot.matrix_rect()
    (top, high), (left, wide) = plot.sides[0].span(row), plot.sides[1].span(column)
    return QPoint(
        int(rect.left() + (left + wide / 2) * rect.width()),
        int(rect.top() + (top + high / 2) * rect.height()),
    )


def settle(qtbot, page):
    def calm():
        return page._watch._task is None and page.order._task is None

    qtbot.waitUntil(calm, timeout=20_000)


def click_cell(qtbot, page, row, column):
    qtbot.mouseClick(page.plot, LEFT, pos=place(page.plot, row, column))
    qtbot.waitUntil(lambda: page._watch.now is not None, timeout=20_000)
    settle(qtbot, page)


def test_clustered_by_click_and_by_key_with_true_numbers(page, qtbot):
    qtbot.mouseClick(page.switch.clustered, LEFT)
    qtbot.waitUntil(lambda: page.switch.words.full == "order of epoch 3.0", timeout=20_000)
    order = page.plot.sides[0].order
    assert sorted(order.tolist()) == list(range(trained.DIMENSIONS))
    assert not np.array_equal(order, np.arange(trained.DIMENSIONS))
    assert np.array_equal(order, page.plot.sides[1].order), "rows and columns alike"
    shown = page.plot.shown
    for row, column in ((3, 7), (0, 11), (5, 5)):
        qtbot.mouseMove(page.plot, place(page.plot, row, column))
        assert page.plot.cell == (row, column)
        assert page.plot.value_at(row, column) == shown.values[row, column]
    page.switch.index.setFocus()
    qtbot.keyClick(page.switch.index, Qt.Key.Key_Space)
    assert page.plot.sides[0].order.tolist() == list(range(trained.DIMENSIONS))
    assert not page.switch.words.full
    assert not page.switch.hold.isVisible()


def test_an_order_is_made_anew_unless_it_is_held(panel, page, loaded, qtbot):
    qtbot.mouseClick(page.switch.clustered, LEFT)
    qtbot.waitUntil(lambda: page.switch.words.full == "order of epoch 3.0", timeout=20_000)
    held = page.plot.sides[0].order
    qtbot.mouseClick(page.switch.hold, LEFT)
    first = loaded.record.snapshots[0]
    newest = page.plot.shown
    loaded.select_snapshot(first[0])
    qtbot.waitUntil(lambda: page.plot.shown is not newest, timeout=20_000)
    assert np.array_equal(page.plot.sides[0].order, held)
    assert page.switch.words.full == "order of epoch 3.0"
    qtbot.mouseClick(page.switch.hold, LEFT)
    anew = f"order of epoch {first[1]:.1f}"
    qtbot.waitUntil(lambda: page.switch.words.full == anew, timeout=20_000)


def test_nothing_is_done_for_a_snapshot_that_is_shown_already(
    panel, page, loaded, qtbot, monkeypatch
):
    qtbot.mouseClick(page.switch.clustered, LEFT)
    settle(qtbot, page)
    done = []
    monkeypatch.setattr(page.order, "ask", lambda *given: done.append("order"))
    monkeypatch.setattr(page.plot, "set_diagnostic", lambda *given: done.append("paint"))
    monkeypatch.setattr(page.terms.terms["invariance"], "show_line", lambda *_: done.append("line"))
    loaded.record_changed.emit()
    qtbot.waitUntil(lambda: not panel._timer.isActive() and not panel._stale)
    page.show_diagnostic(page._shown)
    assert done == []


def test_a_clicked_cell_shows_its_images_and_they_can_be_chosen(page, loaded, qtbot):
    assert not page.images.isVisible()
    click_cell(qtbot, page, 2, 7)
    assert page.images.isVisible()
    assert page.plot.chosen == (2, 7)
    now = page._watch.now
    products = sorted((-float(a) * float(b), n) for n, (a, b) in enumerate(now.z[:, [2, 7]]))
    product, alone, other = (strip.strip for strip in page.images.strips)
    seen = product.visible_rows
    assert seen == [int(now.index[n]) for _, n in products[: len(seen)]]
    assert len(seen) >= 4
    assert other.visible_rows[0] == int(now.index[now.z[:, 7].argmax()])
    qtbot.mouseClick(page.images.strips[1].choose, LEFT)
    assert loaded.selection.rows.tolist() == sorted(alone.visible_rows)
    assert alone.visible_rows[0] == int(now.index[now.z[:, 2].argmax()])


def test_a_cell_by_keyboard_and_escape(page, qtbot):
    page.plot.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(page.plot, key)
    assert page.plot.chosen == (1, 1)
    assert page.images.isVisible()
    assert not unnamed(page)
    qtbot.keyClick(page.plot, Qt.Key.Key_Escape)
    assert not page.images.isVisible()
    assert page.plot.chosen is None
    assert not page._watch._wanted
    settle(qtbot, page)


def test_the_images_follow_the_timeline(panel, page, loaded, qtbot):
    click_cell(qtbot, page, 4, 4)
    assert page.images.caption.full.startswith("z of epoch 3.0")
    assert not page.images.strips[2].isVisible(), "z4 squared and z4"
    first = loaded.record.checkpoints[0]
    loaded.select_snapshot(first.step)
    qtbot.waitUntil(
        lambda: page.images.caption.full.startswith(f"z of epoch {first.epoch:.1f}"), timeout=20_000
    )
    assert page.plot.chosen == (4, 4), "the cell stays"
    settle(qtbot, page)
    qtbot.mouseClick(page.images.close_button, LEFT)
    assert not page.images.isVisible()


def test_chosen_images_tell_their_dimensions(page, loaded, qtbot):
    assert not page.bars.isVisible()
    click_cell(qtbot, page, 0, 1)
    page.look_away()
    index = page._watch.now.index
    loaded.selection.choose(index[:5])
    qtbot.waitUntil(page.bars.isVisible, timeout=20_000)
    settle(qtbot, page)
    far = np.abs(separation(page._watch.now.z, np.arange(len(index)) < 5))
    assert page.bars.title == "Dimensions in which the 5 chosen images differ most, in deviations"
    assert page.bars.accessibleDescription().startswith(f"{far.argmax()}: ")
    qtbot.mouseClick(page.bars, LEFT, pos=page.bars.bar(0).center().toPoint())
    assert page.plot.marked == far.argmax()
    loaded.selection.clear()
    assert not page.bars.isVisible()
    assert page.plot.marked is None


def test_a_hidden_page_asks_for_nothing(panel, page, loaded, qtbot):
    panel.diagnostics.tabs.setCurrentIndex(1)
    assert not page.isVisible()
    loaded.selection.choose([0, 1])
    assert page._watch._task is None
    panel.diagnostics.tabs.setCurrentIndex(0)
    qtbot.waitUntil(page.bars.isVisible, timeout=20_000)
    settle(qtbot, page)


def test_another_run_forgets_the_cell(page, panel, loaded, pictures, qtbot, tmp_path):
    click_cell(qtbot, page, 2, 7)
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "second"))
    qtbot.waitUntil(lambda: page_of(panel) is not page, timeout=20_000)
    fresh = page_of(panel)
    qtbot.waitUntil(lambda: fresh.plot.shown is not None, timeout=20_000)
    assert not fresh.images.isVisible()
    assert fresh.plot.chosen is None
    settle(qtbot, fresh)


def test_a_smaller_matrix_closes_a_cell_it_has_not(page, qtbot):
    click_cell(qtbot, page, 2, 11)
    page.show_diagnostic(heatmap(np.eye(5)), 4.0)
    assert page.plot.chosen is None
    assert not page.images.isVisible()
    assert page.terms.diagonal.value == 1.0


@pytest.mark.parametrize("height", [528, 740, 900])
def test_the_matrix_keeps_its_room(panel, page, qtbot, height):
    panel.resize(1000, height)
    click_cell(qtbot, page, 0, 5)
    assert page.images.isVisible()
    qtbot.waitUntil(lambda: page.images.geometry().bottom() < page.height())
    assert page.plot.matrix_rect().height() >= 100
    first, *_, last = (one.strip for one in page.images.strips)
    assert first.visibleRegion().boundingRect().height() == first.height()
    if height >= 740:
        assert last.visibleRegion().boundingRect().height() == last.height(), "nothing scrolls"
