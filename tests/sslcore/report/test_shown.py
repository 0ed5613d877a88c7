"""Sections of what the method showed."""

from dataclasses import replace

import numpy as np
import pytest

from sslcore.assessment.watch import Watch
from sslcore.diagnostics import (
    Attention,
    Bars,
    Curve,
    DiagnosticSpec,
    ImageGrid,
    heatmap,
    histogram,
)
from sslcore.export import colours, pictures
from sslcore.export.source import Source
from sslcore.report import shown
from sslcore.report.story import Story

ONES = {
    "heatmap": heatmap(np.eye(4), row_label="dimension of a", column_label="dimension of b"),
    "sequential": heatmap(np.eye(4), low=0, high=1, diverging=False),
    "named": heatmap(np.eye(2), row_label="turned by", row_names=("0°", "90°")),
    "histogram": histogram({"a": np.arange(9.0)}, axis="cosine"),
    "image_grid": ImageGrid(np.zeros((2, 3, 4, 4, 3), np.uint8), ("clean", "made"), np.arange(3)),
    "bars": Bars(tuple(map(str, range(30))), np.ones(30, np.float32), "part", 0.5),
    "percent": Bars(("a",), np.full(1, 0.625, np.float32), "part", 0.5, percent=True),
    "curve": Curve(np.arange(3.0), {"a": np.ones(3)}, "rank", "value", False, {"one": 1.0}),
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


@pytest.mark.parametrize("kind", list(ONES))
def test_every_kind_has_a_picture_with_words(kind: str, matrix: Source) -> None:
    spec = DiagnosticSpec("x", "heatmap", "A title", "What to see.")
    story = replace(Story.read(matrix.directory, Watch()), shown=[(spec, ONES[kind])])
    ((html, wide),) = shown.sections(story)
    assert "<h2>A title</h2>" in html
    assert "What to see. Epoch 2.0." in html
    assert wide == (kind in ("image_grid", "attention"))
    pictures = ("heatmap", "sequential", "named", "image_grid", "attention")
    assert ("<img" in html) == (kind in pictures)
    assert ("<svg" in html) == (kind in ("histogram", "bars", "percent", "curve"))
    said = {
        "heatmap": "dimension of a against dimension of b; 4 x 4; diagonal mean 1.000",
        "named": "turned by (0°, 90°); 2 x 2",
        "image_grid": "rows from above: clean / made",
        "attention": "rows from above: middle of the target / first / last",
        "bars": "6 more are left out",
        "percent": "part, %",
    }
    assert said.get(kind, "") in html


def test_the_middle_of_the_scale_is_the_page() -> None:
    values = np.array([[0.0, 1.0], [-1.0, 0.5]])
    found = shown.see_through(pictures.matrix(heatmap(values)))
    side = found.shape[0]
    assert found[0, 0, 3] == 0
    assert found[0, -1, 3] > 200
    # Laid on white, it is the picture it was made of.
    alpha = found[..., 3:] / 255.0
    laid = found[..., :3] * alpha + 255.0 * (1 - alpha)
    assert np.abs(laid - pictures.matrix(heatmap(values))).max() <= 2
    assert found[side - 1, 0, 2] > found[side - 1, 0, 0]
    assert colours.theme()["diverging"]["low"] == "#468CE6"
