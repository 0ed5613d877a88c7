import pytest

from app.panels.evaluate_knn import Page, compared
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding


def test_the_verdict_looks_at_the_best_reference():
    clear = compared({"trained": 0.5, "untrained": 0.3, "pixels": 0.25}, 0.01)
    assert clear.startswith("Above everything")
    assert "+20.0 points against untrained" in clear
    assert "within what chance can do" in compared({"trained": 0.31, "pixels": 0.3}, 0.01)
    below = compared({"trained": 0.2, "pixels": 0.3}, 0.01)
    assert compared({"trained": 0.2}, 0.01) == "Nothing was measured beside it."
    assert below.startswith("Not above")
    assert "−10.0 points against pixels" in below


def test_bars_and_words(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    accuracy = {"trained": (0.5, 0.4), "untrained": (0.2, 0.1)}
    finding = KnnFinding(neighbours=(20, 200), accuracy=accuracy)
    page.show_finding(Kept("knn", 1, 1.0, 0.0, 1.0, (900, 100), KnnConfig(), finding))
    words = page.bars.accessibleDescription()
    assert "k = 20: trained 50.0 % ± 5.0" in words  # sqrt(.5 * .5 / 100)
    assert "k = 200: untrained 10.0 % ± 3.0" in words
    assert "100 held-out images" in page.foot.text()


def test_a_part_of_all_has_no_error(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    finding = KnnFinding(neighbours=(1,), accuracy={"trained": (1.0,), "pixels": (0.0,)})
    page.show_finding(Kept("knn", 1, 1.0, 0.0, 1.0, (9, 4), KnnConfig(), finding))
    assert "trained 100.0 %" in page.bars.accessibleDescription()
    assert page.bars.grab().width() == pytest.approx(page.bars.width())
