"""An order by class: where rows stand, which names fit, which lines are drawn."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app import theme
from app.plots.class_blocks import MANY, NO_CLASS, Block, ClassBlocks

NAMES = ("ant", "bee", "cow")


def test_rows_stand_by_class_and_within_it_as_they_came():
    found = ClassBlocks.of(np.array([2, -1, 0, 2, 0, 2]), NAMES)
    assert found.order.tolist() == [2, 4, 0, 3, 5, 1]
    assert found.order.dtype == np.int64
    assert found.blocks == (
        Block("ant", 0, 2, known=True),
        Block("cow", 2, 5, known=True),
        Block(NO_CLASS, 5, 6, known=False),
    )
    assert [one.rows for one in found.blocks] == [2, 3, 1]


def test_one_class_is_one_block():
    found = ClassBlocks.of(np.array([1, 1, 1]), NAMES)
    assert found.order.tolist() == [0, 1, 2]
    assert found.blocks == (Block("bee", 0, 3, known=True),)


def test_names_take_room_only_where_most_can_be_read(qapp):
    few = ClassBlocks.of(np.repeat(np.arange(3), 32), NAMES)
    assert few.margin(200.0) == 0.0, "a narrow plot"
    assert 15 < few.margin(400.0) < 100
    long = ClassBlocks.of(np.repeat(np.arange(3), 32), ("a" * 200, "b", "c"))
    assert long.margin(400.0) == 100.0, "a quarter at most"
    many = ClassBlocks.of(np.arange(96), [str(one) for one in range(96)])
    assert many.margin(400.0) == 0.0


def painted(blocks, side=90, margin=40):
    """Which pixels left of an empty matrix, and in it, are not as they were."""
    image = QImage(margin + side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    blocks.paint(painter, QRectF(margin, 0, side, side), margin)
    painter.end()
    raw = np.frombuffer(image.constBits(), np.uint32).reshape(side, -1)
    changed = raw != QColor("magenta").rgb()
    return changed[:, :margin], changed[:, margin:]


@pytest.mark.parametrize("name", theme.NAMES)
def test_lines_part_classes_and_frames_hold_pairs_of_one(qapp, name):
    theme.current().apply(name)
    words, matrix = painted(ClassBlocks.of(np.array([0] * 4 + [1] * 4 + [-1]), NAMES))
    # A column far right of both frames meets the two lines: rows are ten pixels high.
    assert np.flatnonzero(matrix[:, 85]).tolist() == [39, 79]
    # A row through the first block meets the sides of its frame, then the lines.
    sides = np.flatnonzero(matrix[20])
    assert sides[0] == 0
    assert set(sides[1:].tolist()) <= {38, 39, 79}
    assert not matrix[82:88, 81:].any(), "rows without a class have no frame"
    assert words[:40].any()
    assert words[40:80].any()
    assert not words[80:].any(), "a row of 10 pixels is no room for words"


def test_of_many_classes_only_those_with_pairs_are_framed(qapp):
    classes = np.append(np.arange(MANY), [0])
    names = [f"{one}" for one in range(MANY)]
    words, matrix = painted(ClassBlocks.of(classes, names), side=330, margin=0)
    assert not words.any()
    assert 0 < np.argwhere(matrix).max() < 20, "the first two rows"
    fewer = ClassBlocks.of(np.append(np.arange(MANY - 2), [0]), names)
    assert np.argwhere(painted(fewer, side=330, margin=0)[1]).max() > 300
