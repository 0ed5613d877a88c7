import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.train import TrainPanel
from sslcore.data.reading import Reading
from tests.app.panels import contrasted, trained
from tests.app.panels.reachable import unnamed

LEFT = Qt.MouseButton.LeftButton
SIDE = contrasted.BATCH


@pytest.fixture
def panel(loaded, pictures, qtbot, tmp_path):
    made = TrainPanel(loaded)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    qtbot.waitExposed(made)
    trained.open_run(qtbot, loaded, contrasted.run(pictures, tmp_path / "run"))
    qtbot.waitUntil(lambda: "similarity" in made.diagnostics.pages, timeout=20_000)
    tabs = made.diagnostics.tabs
    names = [tabs.tabText(number) for number in range(tabs.count())]
    tabs.setCurrentIndex(names.index("Similarity"))
    qtbot.waitUntil(lambda: made.diagnostics.images.catalogue is not None, timeout=20_000)
    return made


@pytest.fixture
def page(panel, qtbot):
    made = panel.diagnostics.pages["similarity"]
    qtbot.waitUntil(lambda: made.view.plot.pairs is not None, timeout=20_000)
    return made


def classes(page, catalogue):
    """By the name of the folder each image lies in, not by the labels that were joined."""
    ids = page.view.plot.shown.row_ids
    return [catalogue.paths[row].partition("/")[0] for row in ids.tolist()]


def cells(names, wanted):
    """Row and column of the cells beside the diagonal, by whether both are of one class."""
    return [
        (i, j)
        for i in range(SIDE)
        for j in range(SIDE)
        if i != j and (names[i] == names[j]) == wanted
    ]


def place(plot, row, column):
    rect = plot.matrix_rect()
    step = rect.height() / SIDE
    return QPoint(int(rect.left() + (column + 0.5) * step), int(rect.top() + (row + 0.5) * step))


def click(qtbot, page, cell):
    qtbot.mouseClick(page.view.plot, LEFT, pos=place(page.view.plot, *cell))


def settle(qtbot, workspace):
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=20_000)


def test_false_negatives_of_a_run_are_marked_and_counted(page, loaded):
    names, plot = classes(page, loaded.catalogue), page.view.plot
    false = cells(names, True)
    every = np.arange(SIDE)
    assert np.argwhere(plot.pairs.false_negatives(every, every)).tolist() == [
        list(one) for one in false
    ]
    verb = f"{len(false)} of {SIDE * (SIDE - 1)} negatives are of the same class"
    assert page.pairs.legend.text() == verb
    assert page.pairs.legend.isVisible()
    assert page.pairs.swatch.isVisible()
    assert not unnamed(page)


def test_the_mouse_reads_off_classes_and_what_the_pair_is(page, loaded, qtbot):
    names, plot = classes(page, loaded.catalogue), page.view.plot
    (i, j), (k, m) = cells(names, True)[0], cells(names, False)[0]
    qtbot.mouseMove(plot, place(plot, i, j))
    assert plot.words_at(*plot.cell).endswith(f", false negative: both {names[i]}")
    qtbot.mouseMove(plot, place(plot, k, m))
    assert plot.words_at(*plot.cell).endswith(f", negative: {names[k]} and {names[m]}")
    qtbot.mouseMove(plot, place(plot, 2, 2))
    assert plot.words_at(*plot.cell).endswith(f", positive: {names[2]}")


def test_a_clicked_pair_shows_both_images_and_they_can_be_chosen(page, loaded, qtbot):
    names, plot, catalogue = classes(page, loaded.catalogue), page.view.plot, loaded.catalogue
    assert not page.pairs.images.isVisible()
    i, j = cells(names, True)[0]
    click(qtbot, page, (i, j))
    ids = plot.shown.row_ids.tolist()
    strip = page.pairs.strip
    assert strip.isVisible()
    assert strip.visible_rows == [ids[i], ids[j]]
    assert strip.accessibleDescription() == (
        f"view a of image: {catalogue.paths[ids[i]]}, view b of image: {catalogue.paths[ids[j]]}"
    )
    told = f"i = {i}, j = {j}, value "
    assert told in page.pairs.caption.full
    assert page.pairs.caption.full.endswith(f", false negative: both {names[i]}")
    assert not page.cell.isVisible()  # said once
    assert plot.chosen == (i, j)
    settle(qtbot, loaded)
    assert page.pairs._pictures.get(ids[j]) is not None
    qtbot.mouseClick(strip, LEFT, pos=strip.place(1).center().toPoint())
    assert loaded.selection.rows.tolist() == [ids[j]]
    assert ids[j] in strip._chosen


def test_a_click_orders_by_class_and_another_puts_it_back(page, loaded, qtbot):
    names, plot, pairs = classes(page, loaded.catalogue), page.view.plot, page.pairs
    legend = pairs.legend.text()
    assert pairs.by_class.isVisible()
    qtbot.mouseClick(pairs.by_class, LEFT)
    order = sorted(range(SIDE), key=names.__getitem__)
    assert plot.sides[0].order.tolist() == order
    assert pairs.legend.text() == f"{legend}: the framed blocks but for their diagonal"
    assert not pairs.swatch.isVisible()
    click(qtbot, page, (0, 1))  # the first two of the first class
    ids = plot.shown.row_ids.tolist()
    assert pairs.strip.visible_rows == [ids[order[0]], ids[order[1]]]
    assert f"i = {order[0]}, j = {order[1]}, value " in pairs.caption.full
    newest = plot.shown
    loaded.select_snapshot(loaded.record.snapshots[0][0])
    qtbot.waitUntil(lambda: plot.shown is not newest, timeout=20_000)
    names = classes(page, loaded.catalogue)
    assert plot.sides[0].order.tolist() == sorted(range(SIDE), key=names.__getitem__)
    assert not unnamed(page)
    qtbot.mouseClick(pairs.by_class, LEFT)
    assert plot.sides[0].order.tolist() == list(range(SIDE))
    assert pairs.swatch.isVisible()
    settle(qtbot, loaded)


def test_a_positive_is_one_image(page, loaded, qtbot):
    click(qtbot, page, (3, 3))
    row = int(page.view.plot.shown.row_ids[3])
    assert page.pairs.strip.visible_rows == [row]
    words = f"view a of image and view b of image: {loaded.catalogue.paths[row]}"
    assert page.pairs.strip.accessibleDescription() == words
    settle(qtbot, loaded)


@pytest.mark.parametrize("way", ["button", "escape"])
def test_the_images_are_closed(page, loaded, qtbot, way):
    click(qtbot, page, (0, 1))
    assert page.pairs.images.isVisible()
    if way == "button":
        qtbot.mouseClick(page.pairs.close_button, LEFT)
    else:
        qtbot.keyClick(page.view.plot, Qt.Key.Key_Escape)
    assert not page.pairs.images.isVisible()
    assert not page.cell.isVisible()
    assert page.view.plot.chosen is None
    settle(qtbot, loaded)


def test_another_snapshot_is_another_batch(page, loaded, qtbot):
    click(qtbot, page, (0, 1))
    newest = page.view.plot.shown
    loaded.select_snapshot(loaded.record.snapshots[0][0])
    qtbot.waitUntil(lambda: page.view.plot.shown is not newest, timeout=20_000)
    ids = page.view.plot.shown.row_ids.tolist()
    assert ids != newest.row_ids.tolist()
    assert page.pairs.strip.visible_rows == [ids[0], ids[1]]
    false = len(cells(classes(page, loaded.catalogue), True))
    assert page.pairs.legend.text().startswith(f"{false} of 56 ")
    settle(qtbot, loaded)


def reopen(qtbot, workspace, folder, **reading):
    with qtbot.waitSignal(workspace.catalogue_changed, timeout=20_000):
        workspace.open_folder(folder, Reading(**reading))
    settle(qtbot, workspace)


def test_without_labels_or_the_runs_images_it_is_a_matrix_as_any(
    page, panel, loaded, qtbot, pictures, tmp_path
):
    marked = page.view.plot.grab().toImage()
    reopen(qtbot, loaded, pictures, labels="none")
    assert loaded.catalogue.classes == ()
    qtbot.waitUntil(lambda: panel.diagnostics.images.catalogue is loaded.catalogue)
    assert page.view.plot.pairs is None
    assert not page.pairs.isVisible()
    assert page.view.plot.grab().toImage() != marked
    click(qtbot, page, (0, 1))
    assert page.cell.isVisible()
    assert page.cell.text().startswith("Chosen: i = 0, j = 1, value ")
    assert "negative" not in page.cell.text()
    assert not page.pairs.isVisible()
    assert page.view.plot.chosen is None
    reopen(qtbot, loaded, pictures)
    qtbot.waitUntil(lambda: page.view.plot.pairs is not None)
    assert page.pairs.legend.isVisible()
    assert page.pairs.images.isVisible()  # the cell is still chosen
    settle(qtbot, loaded)


def test_a_low_page_gives_the_room_of_the_help_to_the_images(page, panel, loaded, qtbot):
    panel.resize(1024, 520)
    assert page.height() < 420
    assert page.view._help.isVisible()
    click(qtbot, page, (0, 1))
    assert not page.view._help.isVisible()
    qtbot.mouseClick(page.pairs.close_button, LEFT)
    assert page.view._help.isVisible()
    panel.resize(1300, 900)
    click(qtbot, page, (0, 1))
    assert page.view._help.isVisible()
    settle(qtbot, loaded)
