"""Charts are well-formed, and their lines lie where the numbers are."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from sslcore.report import chart
from sslcore.report.chart import BOTTOM, HEIGHT, LEFT, MOST_POINTS, RIGHT, TOP, WIDTH, Line


def root(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<all>{html}</all>")


def path(html: str, kind: str = "line s0") -> list[list[tuple[float, float]]]:
    """Strokes of the first path of a kind."""
    (found, *_) = [one for one in root(html).iter("path") if one.get("class") == kind]
    strokes = [one for one in found.get("d").split("M") if one]
    return [[tuple(map(float, at.split())) for at in one.split("L")] for one in strokes]


def test_a_line_runs_from_corner_to_corner() -> None:
    x, y = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.5])
    html = chart.lines([Line("a", x, y)], "epochs", "loss", zero=True)
    ((first, top, last),) = path(html)
    assert first == (LEFT, HEIGHT - BOTTOM)
    assert last[0] == WIDTH - RIGHT
    assert TOP < top[1] < last[1] < first[1]
    # Half the value, half the height.
    assert last[1] == pytest.approx((first[1] + top[1]) / 2, abs=0.11)


def test_gaps_and_values_that_a_logarithm_has_not() -> None:
    y = np.array([1.0, 10.0, np.nan, 10.0, 1000.0])
    assert [len(one) for one in path(chart.lines([Line("a", np.arange(5.0), y)], "x", "y"))] == [
        2,
        2,
    ]
    html = chart.lines([Line("a", np.arange(5.0), y)], "x", "y", log=True)
    strokes = path(html)
    assert strokes[0][0][1] - strokes[0][1][1] == pytest.approx(
        (strokes[1][0][1] - strokes[1][1][1]) / 2, abs=0.2
    )


def test_a_long_line_is_thinned_and_keeps_its_means() -> None:
    values = np.random.default_rng(0).normal(size=50_000) + 3
    html = chart.lines([Line("a", np.arange(50_000.0), chart.smoothed(values), values)], "x", "y")
    (stroke,) = path(html)
    assert len(stroke) == MOST_POINTS
    assert len(path(html, "raw s0")[0]) == MOST_POINTS
    assert len(html) < 40_000


def test_smoothing_against_a_plain_mean() -> None:
    values = np.random.default_rng(1).normal(size=101)
    values[7] = np.nan
    found = chart.smoothed(values, 0.03)
    for at in range(101):
        assert found[at] == pytest.approx(np.nanmean(values[max(at - 3, 0) : at + 4]))
    assert np.isnan(chart.smoothed(np.full(9, np.nan))).all()


def test_legend_references_and_description() -> None:
    one = Line("a < b", np.arange(3.0), np.array([0.1, 0.2, 0.4]))
    html = chart.lines([one], "epochs", "accuracy", references={"chance": 0.25}, percent=True)
    keys = [key[1].tail for key in [[*one.iter()] for one in root(html).iter("span")]]
    assert keys == ["a < b", "chance"]
    svg = next(root(html).iter("svg"))
    assert svg.get("aria-label") == "accuracy over epochs: a < b from 10 % to 40 %"
    (line,) = [one for one in root(html).iter("line") if one.get("class") == "reference"]
    assert line.find("title").text == "chance: 25 %"


def test_a_single_point_is_a_dot() -> None:
    html = chart.lines([Line("a", np.array([3.0]), np.array([1.0]))], "x", "y")
    (dot,) = root(html).iter("circle")
    assert dot.get("class") == "dot s0"


def test_histograms_enclose_their_counts() -> None:
    edges = np.linspace(0.0, 1.0, 5)
    counts = {"few": np.array([1, 0, 0, 0]), "many": np.array([10, 20, 10, 0])}
    html = chart.outlines(edges, counts, "cosine", {"zero": 0.0})
    few = path(html, "area s0")[0]
    many = path(html, "area s1")[0]
    base = HEIGHT - BOTTOM
    assert few[0][1] == few[-1][1] == base
    tall = max(base - y for _, y in few)  # all of the few are in one bin
    assert max(base - y for _, y in many) == pytest.approx(tall / 2, abs=0.2)


def test_bars_have_lengths() -> None:
    values = np.array([1.0, 0.5, -0.5, np.nan])
    html = chart.bars(["a", "b" * 40, "c", "d"], values, "seconds", 0.25)
    widths = [float(one.get("width")) for one in root(html).iter("rect")]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2)
    assert widths[1] == pytest.approx(widths[2], abs=0.2)
    assert widths[3] == 1.0
    texts = [one.text for one in root(html).iter("text")]
    assert "b" * 19 + "\u2026" in texts
    assert "seconds" in texts
    assert not re.search("nan(?! *</title>)", html.replace(": nan", ""))
