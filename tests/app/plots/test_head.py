import pytest
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap

from app import theme
from app.plots.head import ROW, Entry, laid_out

NAMES = [Entry(name, QColor("#ffffff")) for name in ("total", "invariance", "redundancy")]


@pytest.fixture(autouse=True)
def application(qapp):
    return qapp


def test_all_stand_beside_the_title_where_there_is_room():
    head = laid_out("Loss", NAMES, 800)
    assert head.beside
    assert head.height == ROW


def test_rows_under_the_title_where_there_is_none():
    head = laid_out("Loss", NAMES, 250)
    assert not head.beside
    assert [entry for row in head.rows for entry in row] == NAMES
    assert head.height == ROW * (1 + len(head.rows))
    metrics = QFontMetricsF(theme.font(12, bold=True))
    for row in head.rows:
        if len(row) > 1:
            assert sum(metrics.horizontalAdvance(entry.text) for entry in row) < 250


def test_a_value_changes_nothing_about_the_height():
    with_values = [Entry(entry.name, entry.colour, "0.123") for entry in NAMES]
    for width in range(120, 700, 20):
        assert laid_out("Loss", NAMES, width).height == laid_out("Loss", with_values, width).height


def test_an_empty_head_has_no_height_and_all_are_painted():
    assert laid_out("", (), 300).height == 0
    pixmap = QPixmap(200, 80)
    pixmap.fill(QColor("#000000"))
    before = pixmap.toImage()
    painter = QPainter(pixmap)
    laid_out("A title that is far too long for it", NAMES, 200, "nats").paint(painter, 0, 0, 200)
    painter.end()
    assert pixmap.toImage() != before
