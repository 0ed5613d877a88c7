import pytest

from app.panels.evaluate_transfer import Page
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.transfer import TransferConfig, TransferFinding, TransferScores


def finding(**scores):
    return TransferFinding(
        folder="birds",
        classes=4,
        training=900,
        held_out=100,
        chance=0.25,
        neighbours=20,
        scores={
            name: TransferScores(knn=near, top_1=top, top_5=1.0)
            for name, (near, top) in scores.items()
        },
    )


@pytest.fixture
def page(workspace, qtbot):
    made = Page(workspace)
    qtbot.addWidget(made)
    return made


def show(page, found):
    page.show_finding(Kept("transfer", 1, 1.0, 0.0, 1.0, (9, 9), TransferConfig(), found))


def test_every_encoder_has_its_bars_beside_chance(page):
    show(page, finding(trained=(0.4, 0.5), untrained=(0.3, 0.3), pixels=(0.2, 0.25)))
    words = page.bars.accessibleDescription()
    assert "Linear classifier, top 1: trained 50.0 % ± 5.0" in words  # sqrt(.5 * .5 / 100)
    assert "Nearest neighbours, k = 20: pixels 20.0 % ± 4.0" in words
    assert page.bars._chance == 0.25
    assert page.verdict.text().startswith("On birds: above everything it must beat: +20.0 points")
    assert "900 images of 4 classes" in page.foot.text()


def test_an_encoder_from_outside_is_a_yardstick_and_need_not_be_beaten(page):
    scores = {"trained": (0.4, 0.5), "untrained": (0.3, 0.3), "resnet18 (pretrained)": (0.8, 0.9)}
    show(page, finding(**scores))
    words = page.verdict.text()
    assert "above everything it must beat" in words
    assert words.endswith("From outside: resnet18 (pretrained) 90.0 %.")
    assert "resnet18 (pretrained) 90.0 %" in page.bars.accessibleDescription()
    page.resize(600, 400)
    page.grab()


def test_few_labels_clusters_and_rank_stand_below(page):
    found = finding(trained=(0.4, 0.5), untrained=(0.3, 0.3))
    more = {
        "trained": {"few": {"1 %": (0.3, 0.02)}, "mlp": 0.6, "nmi": 0.5, "ari": 0.25},
        "untrained": {"few": {"1 %": (0.2, 0.01)}, "mlp": 0.4, "nmi": 0.1, "ari": 0.0},
    }
    scores = {
        name: one.model_copy(update={**more[name], "effective_rank": 7.5})
        for name, one in found.scores.items()
    }
    show(page, found.model_copy(update={"scores": scores}))
    words = page.bars.accessibleDescription()
    assert "Linear classifier with 1 % of the labels: trained 30.0 % ± 2.0" in words
    assert "MLP: untrained 40.0 %" in words
    words = page.more.accessibleDescription()
    assert "NMI" in words
    assert "0.50" in words
    assert "Effective rank there: trained 7.5, untrained 7.5." in page.foot.text()
    page.resize(600, 300)
    page.grab()
    show(page, found)
    assert page.more.isHidden(), "a finding of before has none of these"
    assert "rank" not in page.foot.text()
