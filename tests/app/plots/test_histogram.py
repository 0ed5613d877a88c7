import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app.plots.histogram import HistogramPlot
from sslcore.diagnostics import Histogram, histogram


@pytest.fixture
def plot(qtbot):
    made = HistogramPlot("Similarity")
    qtbot.addWidget(made)
    made.resize(360, 220)
    counts = {"positives": np.array([0, 1, 3]), "negatives": np.array([100, 0, 0])}
    edges = np.array([-1, 0, 1, 2], np.float32)
    made.set_diagnostic(Histogram(edges, counts, "cosine", {"margin": 0.5}))
    made.show()
    made.grab()
    return made


def test_the_mouse_reads_a_bin_off(plot, qtbot):
    x = plot._scales[0]
    for wanted, value in ((0, -0.5), (2, 1.9)):
        qtbot.mouseMove(plot, QPoint(int(x.pixel(value)), 100))
        assert plot._bin == wanted
        texts = [entry.text for row in plot._head().rows for entry in row]
        assert (
            texts == [["positives 0", "negatives 100"], [], ["positives 3", "negatives 0"]][wanted]
        )
    plot.grab()


def test_shares_make_groups_of_different_size_comparable(plot):
    _, y = plot._scales
    assert y.low == 0
    assert y.high >= 1.0  # all negatives lie in one bin


def test_nothing_counted_is_empty(qtbot):
    plot = HistogramPlot()
    qtbot.addWidget(plot)
    assert plot.is_empty()
    plot.set_diagnostic(histogram({"a": np.zeros(0)}, axis="x"))
    assert plot.is_empty()
    plot.grab()


def test_groups_keep_their_colours_where_one_is_missing(plot):
    before = plot._tints(plot._shown)["negatives"]
    alone = Histogram(plot._shown.edges, {"negatives": np.array([1, 2, 3])}, "cosine", {})
    plot.set_diagnostic(alone)
    assert plot._tints(alone)["negatives"] != before
    plot.set_diagnostic(alone, {"positives": 0, "negatives": 1})
    assert plot._tints(alone)["negatives"] == before
    plot.grab()
