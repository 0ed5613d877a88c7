import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.plots.painter import PLOTS, DiagnosticView, paint
from sslcore import diagnostics
from sslcore.diagnostics import Attention, Bars, Curve, DiagnosticSpec, ImageGrid

RNG = np.random.default_rng(0)
EXAMPLES = {
    "heatmap": diagnostics.heatmap(RNG.normal(size=(9, 9))),
    "histogram": diagnostics.histogram({"a": RNG.normal(size=90)}, axis="cosine"),
    "image_grid": ImageGrid(np.zeros((2, 3, 4, 4, 3), np.uint8), ("a", "b"), np.arange(3) + 10),
    "bars": Bars(("a", "b"), np.array([1, 2], np.float32), "count", 1.5),
    "curve": Curve(np.arange(4.0), {"a": np.ones(4)}, "x", "y", False, {}),
    "attention": Attention(
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((1, 2, 4, 4, 3), np.uint8),
        np.full((1, 4, 2, 4), 1 / 8, np.float16),
        (2, 2),
        "target",
        ("first", "last"),
        np.arange(1),
    ),
}


def test_the_table_has_every_kind_and_no_other():
    assert set(PLOTS) == set(diagnostics.KINDS) == set(EXAMPLES)


@pytest.mark.parametrize("kind", list(diagnostics.KINDS))
def test_every_kind_is_painted(qtbot, kind):
    view = DiagnosticView(DiagnosticSpec("name", kind, "A title", "What it means."))
    qtbot.addWidget(view)
    view.resize(300, 320)
    view.show()
    before = view.plot.grab().toImage()
    assert view.plot.is_empty()
    view.set_diagnostic(EXAMPLES[kind])
    assert not view.plot.is_empty()
    assert view.plot.grab().toImage() != before
    assert view.plot.accessibleName() == "A title"


@pytest.mark.parametrize("kind", list(diagnostics.KINDS))
def test_a_widget_is_used_again_only_for_its_own_kind(qtbot, kind):
    first = paint(None, EXAMPLES[kind])
    qtbot.addWidget(first)
    assert type(first) is PLOTS[kind]
    assert paint(first, EXAMPLES[kind]) is first
    other = next(one for one in EXAMPLES if one != kind)
    second = paint(first, EXAMPLES[other])
    qtbot.addWidget(second)
    assert type(second) is PLOTS[other]


def test_another_kind_than_declared_is_refused(qtbot):
    view = DiagnosticView(DiagnosticSpec("matrix", "heatmap", "Matrix", ""))
    qtbot.addWidget(view)
    with pytest.raises(ValueError, match="'matrix' is declared as heatmap, but a bars came"):
        view.set_diagnostic(EXAMPLES["bars"])
    with pytest.raises(ValueError, match="no plot for kind 'video'"):
        DiagnosticView(DiagnosticSpec("film", "video", "Film", ""))


def test_clicks_come_through(qtbot):
    view = DiagnosticView(DiagnosticSpec("pairs", "image_grid", "Pairs", ""))
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.set_diagnostic(EXAMPLES["image_grid"])
    view.show()
    place = view.plot.layout_now().place(0, 2).center().toPoint()
    with qtbot.waitSignal(view.image_clicked) as clicked:
        qtbot.mouseClick(view.plot, Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [12]
    view = DiagnosticView(DiagnosticSpec("matrix", "heatmap", "Matrix", ""))
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.set_diagnostic(EXAMPLES["heatmap"])
    view.show()
    with qtbot.waitSignal(view.cell_clicked) as clicked:
        qtbot.mouseClick(
            view.plot,
            Qt.MouseButton.LeftButton,
            pos=view.plot.matrix_rect().center().toPoint(),
        )
    assert clicked.args == [4, 4]


def test_painting_needs_neither_torch_nor_scipy():
    heavy = "torch scipy sklearn umap pyqtgraph"
    program = (
        "import sys, app.plots.painter, app.plots.point_map, app.forms.form;"
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr
