"""PySide6 6.12.0 on Python 3.11 aborts within 100 redraws; a plot must live through thousands."""

import numpy as np

from app.plots.curves import CurvesPlot
from app.plots.heatmap import HeatmapPlot
from sslcore.diagnostics import heatmap


def test_two_thousand_redraws(qtbot):
    curves, matrix = CurvesPlot("Loss"), HeatmapPlot("Matrix")
    for plot in (curves, matrix):
        qtbot.addWidget(plot)
        plot.resize(240, 220)
        plot.show()
    curves.set_smoothing(0.9)
    rng = np.random.default_rng(0)
    matrices = [heatmap(rng.normal(size=(32, 32))) for _ in range(4)]
    x, y = np.arange(400.0), rng.random(400) + 0.1
    for count in range(1000):
        length = 2 + count % 399
        curves.set_line("total", x[:length], y[:length])
        curves.set_log(count % 50 > 25)
        matrix.set_diagnostic(matrices[count % 4])
        curves.repaint()
        matrix.repaint()
    assert len(curves.names()) == 1
    assert not matrix.is_empty()
