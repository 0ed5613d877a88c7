import pytest

from app.panels.evaluate_knn import Page
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.knn import KnnConfig, KnnFinding


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


def test_the_error_is_of_those_that_have_a_label(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    accuracy = {"trained": (0.5,), "untrained": (0.2,), "resnet18 (pretrained)": (0.9,)}
    finding = KnnFinding(neighbours=(20,), accuracy=accuracy, asked=25)
    page.show_finding(Kept("knn", 1, 1.0, 0.0, 1.0, (900, 100), KnnConfig(), finding))
    assert "trained 50.0 % ± 10.0" in page.bars.accessibleDescription()
    assert page.foot.text().startswith("Part of 25 held-out images that have a label, whose class")
    words = page.verdict.text()  # a network from outside need not be beaten
    assert words.startswith("Above everything it must beat: +30.0 points against untrained.")
    assert words.endswith("From outside: resnet18 (pretrained) 90.0 %.")


def test_a_part_of_all_has_no_error(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    finding = KnnFinding(neighbours=(1,), accuracy={"trained": (1.0,), "pixels": (0.0,)})
    page.show_finding(Kept("knn", 1, 1.0, 0.0, 1.0, (9, 4), KnnConfig(), finding))
    assert "trained 100.0 %" in page.bars.accessibleDescription()
    assert page.bars.grab().width() == pytest.approx(page.bars.width())
