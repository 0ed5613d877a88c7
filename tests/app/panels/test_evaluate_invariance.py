import pytest
from PySide6.QtCore import Qt

from app.panels.evaluate_invariance import Page, verdict
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.invariance import (
    Answered,
    Different,
    InvarianceConfig,
    InvarianceFinding,
    Response,
)


def response(*normalised):
    known = tuple(one or 0.0 for one in normalised)
    return Response(
        mean=tuple(0.5 + one / 2 for one in known),
        lower=tuple(0.4 + one / 2 for one in known),
        median=tuple(0.5 + one / 2 for one in known),
        upper=tuple(0.6 + one / 2 for one in known),
        normalised=normalised,
        retrieved=known,
    )


def answered(title, trained, untrained, strengths=(5.0, 90.0)):
    return Answered(
        key=title.lower(),
        title=title,
        scale="angle (°)",
        unit="°",
        neutral=0.0,
        strengths=strengths,
        responses={"trained": response(*trained), "untrained": response(*untrained)},
    )


def finding(*augmentations, collapsed=False):
    different = Different(
        mean=0.9996 if collapsed else 0.5, lower=0.4, upper=0.6, collapsed=collapsed
    )
    return InvarianceFinding(
        images=400,
        augmentations=augmentations,
        different={"trained": different, "untrained": different},
    )


@pytest.fixture
def found():
    return finding(
        answered("Grey", (0.95, 0.9), (0.5, 0.4)),
        answered("Gaussian noise", (0.3, 0.1), (0.8, 0.6)),
        answered("JPEG", (0.7, 0.6), (0.7, 0.6)),
        answered("Crop", (0.6, 0.4), (0.55, 0.4)),
    )


def test_the_verdict_names_both_ends_and_what_training_did(found):
    words = verdict(found)
    assert words == (
        "Ignores most: grey, JPEG. Moved most by: crop, Gaussian noise. Training made the encoder "
        "more invariant to grey (+48), less to Gaussian noise (−50) (points against untrained)."
    )
    same = finding(
        answered("Crop", (0.5,), (0.5,), (5.0,)), answered("Hue", (0.4,), (0.4,), (5.0,))
    )
    assert verdict(same).endswith("That is no different from the untrained encoder.")


def test_a_collapsed_encoder_is_called_so():
    words = verdict(finding(answered("Crop", (None, None), (0.5, 0.5)), collapsed=True))
    assert "mean cosine 0.9996" in words
    assert "has collapsed" in words


def test_charts_begin_with_nothing_done_and_turn_to_invariance(workspace, qtbot, found):
    page = Page(workspace)
    qtbot.addWidget(page)
    page.resize(700, 500)
    page.show_finding(Kept("invariance", 1, 1.0, 0.0, 1.0, (9, 400), InvarianceConfig(), found))
    page.show()
    qtbot.waitExposed(page)
    assert page.count.text() == "400 held-out images"
    first = page.grid._charts[0]
    assert first.strengths == (0.0, 5.0, 90.0)
    assert first.words == ("0°", "5°", "90°")
    assert first.lines["trained"] == pytest.approx((1.0, 0.975, 0.95))
    assert first.band is not None
    assert first.floor == 0.5
    qtbot.mouseClick(page.views["invariance"], Qt.MouseButton.LeftButton)
    first = page.grid._charts[0]
    assert first.lines["trained"] == pytest.approx((1.0, 0.95, 0.9))
    assert first.band is None
    assert first.floor is None
    assert "90°: trained 90 %, untrained 40 %" in page.grid.accessibleDescription()
    assert page.grid.height() >= page.grid.minimumSizeHint().height()


def test_what_a_collapsed_encoder_has_not_is_not_drawn(workspace, qtbot):
    page = Page(workspace)
    qtbot.addWidget(page)
    flat = finding(answered("Crop", (None, None), (0.5, 0.5)), collapsed=True)
    page.show_finding(Kept("invariance", 1, 1.0, 0.0, 1.0, (9, 400), InvarianceConfig(), flat))
    page.views["invariance"].click()
    assert "trained unknown" in page.grid.accessibleDescription()
    page.grab()
