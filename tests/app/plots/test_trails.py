import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from app.plots.camera import Camera
from app.plots.trails import FAINT, MOST, STRONG, Trails

CAMERA = Camera(0, 0, 10, 100, 100)
RED = np.array([[255, 0, 0]], np.uint8)


def painted(trails):
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    trails.paint(painter, CAMERA)
    painter.end()
    return np.array(image.constBits(), np.uint8).reshape(100, 100, 4)[..., :3]


def line(*xs, y=0.0):
    return np.array([[[x, y]] for x in xs], np.float32)


def test_a_path_runs_from_moment_to_moment(qapp):
    pixels = painted(Trails(line(-4, 0, 4), RED, 2))
    row = 255 - pixels[50].astype(int)[:, 0]  # blue is missing where red is painted
    assert row[12:88].min() > 20
    assert row[:8].max() == row[96:].max() == 0
    assert row[70:80].mean() > row[20:30].mean() + 50, "newer pieces are stronger"


def test_what_lies_in_the_future_is_faint(qapp):
    trails = Trails(line(-4, 0, 4), RED, 1)
    assert trails.strength(1) == STRONG
    assert trails.strength(2) == FAINT
    row = 255 - painted(trails)[50].astype(int)[:, 0]
    assert row[20:30].mean() > row[70:80].mean() + 50


def test_a_point_that_was_not_there_leaves_a_gap(qapp):
    pixels = painted(Trails(line(-4, np.nan, 4), RED, 2))
    assert (pixels == 255).all()


def test_the_arrow_stands_at_the_present(qapp):
    pixels = 255 - painted(Trails(line(-4, 0, 4), RED, 1)).astype(int)[..., 0]
    assert pixels[47, 44] > 100, "beside the line, behind the tip"
    assert pixels[47, 20] == 0


def test_no_more_paths_than_can_be_told_apart(qapp):
    paths = np.zeros((2, MOST + 1, 2), np.float32)
    paths[1] = 0.2
    paths[:, MOST] = [[3, 3], [4, 4]]
    tints = np.repeat(RED, MOST + 1, 0)
    assert (painted(Trails(paths, tints, 1))[10:22, 78:92] == 255).all()


@pytest.mark.parametrize("now", [0, 1])
def test_one_moment_and_no_points_paint_nothing(qapp, now):
    assert (painted(Trails(line(1), RED, now)) == 255).all()
    assert (painted(Trails(np.zeros((3, 0, 2)), np.zeros((0, 3), np.uint8), now)) == 255).all()
