import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal

from app.panels.train_matrix_images import CellImages
from app.panels.train_matrix_projections import PROJECTING, Projections
from app.pictures import Pictures
from sslcore.evaluation.dimensions import standardised

LEFT = Qt.MouseButton.LeftButton
INDEX = np.arange(24)[::-1].copy()
Z = standardised(np.random.default_rng(0).normal(size=(24, 9)))


class Watch(QObject):
    """Projections as they come, without a run."""

    changed = Signal()

    def __init__(self, parent):
        super().__init__(parent)
        self.now, self.words = None, PROJECTING

    def come(self, now):
        self.now, self.words = now, now.words
        self.changed.emit()


@pytest.fixture
def watch(opened):
    return Watch(opened)


@pytest.fixture
def images(opened, watch, qtbot):
    made = CellImages(opened, watch, Pictures(opened, opened))
    qtbot.addWidget(made)
    made.resize(380, 300)
    made.show()
    return made


def projections(tmp_path, z=Z, images=24):
    return Projections(tmp_path, 40, 4.0, INDEX, z, images)


def one(number):
    return range(number, number + 1)


def wait_pictures(qtbot, opened):
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def test_says_what_it_waits_for(images):
    images.show_cell(one(2), one(5), 9)
    assert images.problem.text() == PROJECTING
    assert not any(strip.isVisible() for strip in images.strips)


def test_images_of_a_cell(images, watch, tmp_path, qtbot, opened):
    images.show_cell(one(2), one(5), 9)
    watch.come(projections(tmp_path))
    assert not images.problem.isVisible()
    assert images.caption.full == "z of epoch 4.0, standardised over 24 probe images"
    product, first, second = images.strips
    mean = float(np.mean([Z[n, 2] * Z[n, 5] for n in range(24)]))
    assert product.name.full.startswith("largest z₂ · z₅, mean ")
    assert float(product.name.full.rpartition(" ")[2].replace("−", "-")) == pytest.approx(
        mean, abs=5e-3
    )
    assert (first.name.full, second.name.full) == ("largest z₂", "largest z₅")
    best = sorted(range(24), key=lambda n: -Z[n, 5])
    assert second.strip.visible_rows == [int(INDEX[n]) for n in best[:7]]
    wait_pictures(qtbot, opened)


def test_the_diagonal_has_two_strips(images, watch, tmp_path, qtbot, opened):
    watch.come(projections(tmp_path))
    images.show_cell(one(3), one(3), 9)
    assert [strip.isVisible() for strip in images.strips] == [True, True, False]
    assert images.strips[0].name.full == "largest z₃², mean 1.000"
    wait_pictures(qtbot, opened)


def test_a_mean_is_looked_into_by_its_strongest_pair(images, watch, tmp_path, qtbot, opened):
    watch.come(projections(tmp_path, images=80))
    images.show_cell(range(0, 3), range(4, 8), 9)
    c = np.abs(Z.T @ Z / 24)
    i, j = max(((i, j) for i in range(3) for j in range(4, 8)), key=lambda pair: c[pair])
    words = "z of epoch 4.0, standardised over 24 of 80 probe images"
    assert images.caption.full == f"strongest pair {i}, {j} · {words}"
    wait_pictures(qtbot, opened)


def test_a_matrix_of_another_layer_is_not_mixed_up(images, watch, tmp_path):
    watch.come(projections(tmp_path))
    images.show_cell(one(2), one(5), 128)
    assert "128 dimensions, the projection 9" in images.problem.text()
    assert not images.strips[0].isVisible()


def test_clicks_and_the_button_make_the_selection(images, watch, tmp_path, qtbot, opened):
    watch.come(projections(tmp_path))
    images.show_cell(one(2), one(5), 9)
    strip = images.strips[1].strip
    rows = strip.visible_rows
    centre = [strip.place(number).center().toPoint() for number in range(3)]
    qtbot.mouseClick(strip, LEFT, pos=centre[1])
    assert opened.selection.rows.tolist() == [rows[1]]
    qtbot.mouseClick(strip, LEFT, Qt.KeyboardModifier.ShiftModifier, centre[2])
    assert opened.selection.rows.tolist() == sorted(rows[1:3])
    images.strips[1].choose.setFocus()
    qtbot.keyClick(images.strips[1].choose, Qt.Key.Key_Space)
    assert opened.selection.rows.tolist() == sorted(rows)
    assert strip._chosen == frozenset(rows)
    wait_pictures(qtbot, opened)


def test_pictures_arrive_and_close_is_asked(images, watch, tmp_path, qtbot, opened):
    watch.come(projections(tmp_path))
    images.show_cell(one(2), one(5), 9)
    strip = images.strips[0].strip
    before = strip.grab().toImage()
    wait_pictures(qtbot, opened)
    assert strip.grab().toImage() != before
    with qtbot.waitSignal(images.closed):
        qtbot.mouseClick(images.close_button, LEFT, pos=QPoint(5, 5))
