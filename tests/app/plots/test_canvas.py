import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter
from PySide6.QtWidgets import QApplication

from app import theme
from app.plots.canvas import Canvas, ink


class Counted(Canvas):
    """Counts how often its still layer is painted."""

    still = live = 0

    def is_empty(self):
        return False

    def paint_still(self, painter: QPainter):
        self.still += 1
        painter.fillRect(self.rect(), ink("surface"))

    def paint_live(self, painter: QPainter):
        self.live += 1


@pytest.fixture
def canvas(qtbot):
    made = Counted("A plot")
    qtbot.addWidget(made)
    made.resize(120, 80)
    made.grab()
    return made


def test_the_still_layer_is_painted_once(canvas):
    for _ in range(5):
        canvas.grab()
    assert canvas.still == 1
    assert canvas.live == 6
    canvas.resize(130, 80)
    canvas.grab()
    assert canvas.still == 2
    canvas.invalidate()
    canvas.grab()
    assert canvas.still == 3


def test_another_theme_paints_all_anew(canvas):
    for name in ("light", "dark"):
        theme.current().apply(name)
        image = canvas.grab().toImage()
        assert image.pixelColor(60, 40) == QColor(theme.tokens().surface)


def test_the_keyboard_s_place_is_shown_but_not_the_mouse_s(canvas):
    plain = canvas.grab().toImage()

    def focused(reason):
        QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusIn, reason))
        return canvas.grab().toImage()

    assert focused(Qt.FocusReason.MouseFocusReason) == plain
    assert focused(Qt.FocusReason.TabFocusReason) != plain
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
    assert canvas.grab().toImage() == plain


def test_the_title_is_its_name_for_screen_readers(canvas):
    assert canvas.accessibleName() == "A plot"
    canvas.set_title("Another")
    assert canvas.accessibleName() == canvas.title == "Another"


def test_a_plain_canvas_says_that_there_is_nothing(qtbot):
    canvas = Canvas("Nothing")
    qtbot.addWidget(canvas)
    canvas.resize(200, 80)
    canvas.set_empty_text("")
    blank = canvas.grab().toImage()
    canvas.set_empty_text("No values yet")
    assert canvas.grab().toImage() != blank
