from PySide6.QtCore import QRectF

from app.plots import frame
from app.plots.axis import Scale


def test_axes_stand_within_their_place(qapp):
    rect = QRectF(0, 20, 300, 150)
    x, y = frame.scales(rect, (0, 100), (0, 1), False, frame.Units("epochs", percent=True))
    assert rect.contains(frame.inner(x, y))
    assert x.start > 24
    assert y.stop < y.start


def test_wider_ticks_take_more_room(qapp):
    rect = QRectF(0, 0, 300, 150)
    narrow, _ = frame.scales(rect, (0, 1), (0, 1), False, frame.Units())
    wide, _ = frame.scales(rect, (0, 1), (0, 1_000_000), False, frame.Units())
    assert wide.start > narrow.start


def test_ticks_keep_their_distance():
    scale = Scale(0.0, 1.0, 100.0, 10.0)
    values = frame.y_ticks(scale)
    assert len(values) >= 2
    assert abs(scale.pixel(values[1]) - scale.pixel(values[0])) >= 18


def test_units_write_per_cent():
    assert frame.Units(percent=True).reading(0.714) == "71.4 %"
    assert frame.Units(percent=True).tick(0.5, 0.1) == "50 %"
    assert frame.Units().reading(0.714) == "0.714"
