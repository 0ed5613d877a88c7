import numpy as np

from app.plots.lines import LinesPlot
from sslcore.diagnostics import Curve


def curve(names, **marks):
    x = np.arange(1, 9, dtype=np.float32)
    return Curve(x, dict.fromkeys(names, x * 2), "index", "value", True, marks)


def test_lines_and_marks_are_exactly_those_of_the_diagnostic(qtbot):
    plot = LinesPlot("Spectrum")
    qtbot.addWidget(plot)
    plot.set_diagnostic(curve(["now", "untrained"], noise=0.5))
    assert plot.names() == ["now", "untrained"]
    assert plot.values_at(3.0) == {"now": 6.0, "untrained": 6.0}
    plot.set_diagnostic(curve(["untrained"], floor=0.1))
    assert plot.names() == ["untrained"]
    assert plot.reference_names() == ["floor"]
    assert plot._lines["untrained"].index == 1  # keeps its colour
    plot.resize(300, 200)
    plot.grab()
