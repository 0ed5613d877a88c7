import math

import numpy as np
import pytest

from app.panels.evaluate_negatives import Page
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.negatives import (
    Between,
    MethodLine,
    NegativesConfig,
    NegativesFinding,
    SweepPoint,
)
from tests.app.panels.reachable import unnamed


def point(count, *runs, **values):
    made = {key: Between(mean=v, low=v - 0.1, high=v + 0.1) for key, v in values.items()}
    return SweepPoint(negatives=count, ceiling=math.log(count + 1), runs=runs, values=made)


def kept(*points, own=30, beside=()):
    finding = NegativesFinding(
        method="SimCLR",
        own=own,
        points=points,
        epochs=(2.0, 2.0),
        others=(),
        sentences=("First.", "Second."),
        beside=beside,
    )
    return Kept("negatives", 9, 2.0, 0.0, 1.0, (9, 4), NegativesConfig(), finding)


@pytest.fixture
def page(workspace, qtbot):
    made = Page(workspace)
    qtbot.addWidget(made)
    made.resize(700, 640)
    made.show()
    return made


def test_four_plots_over_n(page):
    page.show_finding(
        kept(
            point(30, "a", "b", bound=1.5, knn=0.4, nmi=0.2, shared=0.6, split=0.1),
            point(1022, "c", knn=0.5, nmi=0.3, shared=0.3, split=0.2),
        )
    )
    assert page.words.text() == "First.\nSecond."
    assert page.bound.places == ("30", "1,022")
    bound, ceiling = page.bound.bands
    assert bound.middle[0] == 1.5
    assert np.isnan(bound.middle[1])
    assert ceiling.middle.tolist() == [math.log(31), math.log(1023)]
    assert page.knn.accessibleDescription() == "kNN: 40.0 %, 50.0 %"
    assert page.nmi.bands[0].low.tolist() == pytest.approx([0.1, 0.2])
    under, over = page.faults.bands
    assert under.middle.tolist() == [0.6, 0.3]
    assert over.middle.tolist() == [0.1, 0.2]
    assert "30: a, b, 1,022: c" in page.foot.text()
    assert unnamed(page) == []
    assert not page.grab().isNull()


def test_every_method_is_a_line_over_places_they_share(page):
    queue = MethodLine(
        method="MoCo v2",
        points=(point(62, "q", bound=1.2, knn=0.3, nmi=0.1, shared=0.5, split=0.2),
                point(254, "r", bound=2.2, knn=0.35, nmi=0.15, shared=0.4, split=0.3)),
        sentences=("MoCo v2: third.",),
    )  # fmt: skip
    triplet = MethodLine(method="Triplet", points=(point(7, "t", knn=0.2),), sentences=())
    page.show_finding(
        kept(point(62, "a", bound=1.0, knn=0.4, shared=0.6, split=0.1), beside=(queue, triplet))
    )
    assert page.words.text() == "First.\nSecond."
    assert page.apart.text() == "MoCo v2: third."
    assert page.knn.places == ("7", "62", "254")
    assert [one.name for one in page.knn.bands] == ["SimCLR", "MoCo v2", "Triplet"]
    assert [one.series for one in page.knn.bands] == [0, 1, 2]
    simclr, moco, _ = page.knn.bands
    assert np.isnan(simclr.middle[[0, 2]]).all()
    assert simclr.middle[1] == 0.4
    assert moco.middle[1:].tolist() == [0.3, 0.35]
    assert [one.name for one in page.bound.bands] == ["SimCLR", "MoCo v2", "log(N + 1)"]
    assert page.bound.bands[-1].middle == pytest.approx(np.log([8, 63, 255]))
    assert page.faults.title == "Under-clustering"
    assert page.faults.bands[1].middle[1:].tolist() == [0.5, 0.4]
    assert page.over.isVisible()
    assert page.over.bands[1].middle[1:].tolist() == [0.2, 0.3]
    assert "SimCLR: 62: a. MoCo v2: 62: q, 254: r." in page.foot.text()
    assert unnamed(page) == []
    assert not page.grab().isNull()
    page.show_finding(kept(point(62, "a", knn=0.4, shared=0.6, split=0.1)))
    assert not page.over.isVisible()
    assert not page.apart.isVisible()
    assert page.faults.title == "Faults"
    assert [one.name for one in page.faults.bands] == ["under-clustering", "over-clustering"]


def test_single_runs_have_no_band(page):
    page.show_finding(kept(point(30, "a", knn=0.4), point(62, "b", knn=0.5)))
    assert page.knn.bands[0].low is None
    assert len(page.bound.bands) == 1  # no ceiling without a bound
    assert not page.grab().isNull()


def test_without_negatives_there_are_words_only(page):
    page.show_finding(kept(own=None))
    assert not page.plots.isVisible()
    assert page.words.text() == "First.\nSecond."
    page.show_finding(kept(point(30, "a", knn=0.4)))
    assert page.plots.isVisible()


@pytest.mark.parametrize("size", [(390, 420), (760, 640)])
def test_it_fits_a_small_and_a_large_window(page, size):
    page.resize(*size)
    page.show_finding(kept(point(30, "a", knn=0.4), point(62, "b", knn=0.5)))
    assert page.area.widget().width() <= page.area.viewport().width()
