"""Linear evaluation in the Evaluate place: confusions open their images and share the selection."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.evaluate_linear import Page
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.linear import LinearConfig, LinearFinding, LinearScores
from sslcore.evaluation.scores import scored


def finding(opened, classes=("cat", "dog"), wrong=3):
    """Scores of all images of the catalogue, of which the first few cats are taken for dogs."""
    import torch

    labels = opened.catalogue.labels
    count = len(classes)

    def scores(bad):
        guess = labels.copy()
        guess[:bad] = 1
        raw = torch.from_numpy(np.eye(count)[guess])
        found = scored(raw, labels)
        return LinearScores(
            top_1=found.top_1,
            top_5=1.0,
            penalty=0.1,
            converged=bad < 5,
            per_class=tuple(None if one != one else float(one) for one in found.per_class),
            confusion=tuple(map(tuple, found.confusion.tolist())),
            predicted=tuple(found.predicted.tolist()),
        )

    return LinearFinding(
        classes=classes,
        rows=tuple(range(len(labels))),
        truth=tuple(labels.tolist()),
        scores={"trained": scores(wrong), "untrained": scores(8)},
    )


@pytest.fixture
def page(opened, qtbot):
    made = Page(opened)
    qtbot.addWidget(made)
    made.resize(800, 900)
    made.show()
    return made


def shown(page, found):
    page.show_finding(Kept("linear", 1, 1.0, 0.0, 1.0, (90, 24), LinearConfig(), found))


def test_accuracies_and_classes(page, opened):
    shown(page, finding(opened))
    assert "Top 1: trained 87.5 % ± 6.8" in page.bars.accessibleDescription()
    assert "Top 5" not in page.bars.accessibleDescription()  # of two classes that says nothing
    assert "+20.8 points against untrained" in page.verdict.text()
    told = page.classes.accessibleDescription()
    assert told.startswith("cat (12 images): found trained 75 %, untrained 33 %; dog")
    assert "constant" not in told
    assert "penalties" in page.foot.text().lower()
    assert "stopped before its end for untrained" in page.foot.text()


def test_an_encoder_from_outside_need_not_be_beaten(page, opened):
    found = finding(opened)
    outside = found.scores["trained"].model_copy(update={"top_1": 0.99})
    scores = {**found.scores, "resnet18 (pretrained)": outside}
    shown(page, found.model_copy(update={"scores": scores}))
    words = page.verdict.text()
    assert words.startswith("Above everything it must beat: +20.8 points against untrained.")
    assert words.endswith("From outside: resnet18 (pretrained) 99.0 %.")


def test_a_cell_opens_its_images_and_they_share_the_selection(page, opened, qtbot):
    shown(page, finding(opened))
    cell = page.matrix.cell_rect(0, 1).center().toPoint()
    page.area.ensureWidgetVisible(page.matrix)
    qtbot.mouseClick(page.matrix, Qt.MouseButton.LeftButton, pos=cell)
    assert page.images.isVisible()
    assert page.images.grid.rows.tolist() == [0, 1, 2]
    assert page.images.words.text().startswith("cat, taken for dog: 3 images")
    qtbot.mouseClick(page.images.choose, Qt.MouseButton.LeftButton)
    assert opened.selection.rows.tolist() == [0, 1, 2]
    page.matrix.setFocus()
    qtbot.keyClick(page.matrix, Qt.Key.Key_Left)
    qtbot.keyClick(page.matrix, Qt.Key.Key_Return)
    assert len(page.images.grid.rows) == 9
    assert page.images.words.text().startswith("cat, found: 9 images")


def test_the_worst_pairs_are_told_with_their_images(page, opened, qtbot):
    shown(page, finding(opened))
    assert [one.words.text() for one in page.pairs] == [
        "cat is taken for dog: 3 of 12 images (25\u00a0%)."
    ]
    qtbot.mouseClick(page.pairs[0].link, Qt.MouseButton.LeftButton)
    assert page.images.grid.rows.tolist() == [0, 1, 2]
    shown(page, finding(opened, wrong=0))
    assert page.pairs == []
    assert page.images.isHidden()


def test_confusions_of_another_encoder(page, opened, qtbot):
    shown(page, finding(opened))
    assert [(one.text(), one.isChecked()) for one in page.chips] == [
        ("trained", True),
        ("untrained", False),
    ]
    qtbot.mouseClick(page.chips[1], Qt.MouseButton.LeftButton)
    assert page.pairs[0].words.text().startswith("cat is taken for dog: 8 of 12")
    qtbot.mouseClick(page.pairs[0].link, Qt.MouseButton.LeftButton)
    assert page.images.grid.rows.tolist() == list(range(8))
    shown(page, finding(opened))
    assert len(page.chips) == 2
    assert page.chips[0].isChecked()


def test_many_classes_are_a_map_of_colours(page, opened, qtbot):
    names = ("cat", "dog", *(f"kind {number}" for number in range(18)))
    shown(page, finding(opened, names))
    assert page.map.isVisible()
    assert page.matrix.isHidden()
    assert "Top 5" in page.bars.accessibleDescription()
    rect = page.map.matrix_rect()
    place = rect.topLeft().toPoint()
    place.setX(int(rect.left() + 1.5 * rect.width() / 20))
    place.setY(int(rect.top() + 0.5 * rect.height() / 20))
    qtbot.mouseClick(page.map, Qt.MouseButton.LeftButton, pos=place)
    assert page.images.grid.rows.tolist() == [0, 1, 2]
