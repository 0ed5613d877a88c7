"""Linear evaluation in the Evaluate place: confusions open their images and share the selection."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app import theme
from app.panels.evaluate_linear import READING, Page
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.linear import LinearConfig, LinearFinding, LinearScores
from sslcore.evaluation.scores import scored
from sslcore.events import EmbeddingSaved, packed
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord


def finding(opened, classes=("cat", "dog"), wrong=3, rows=None):
    """Scores of all images of the catalogue, of which the first few cats are taken for dogs."""
    import torch

    rows = np.arange(len(opened.catalogue)) if rows is None else rows
    labels = opened.catalogue.labels[rows]
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
        rows=tuple(rows.tolist()),
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


def shown(page, found, changed=False):
    page.show_finding(Kept("linear", 1, 1.0, 0.0, 1.0, (90, 24), LinearConfig(), found, changed))
    compared(page)


def compared(page):
    """Wait until it is known whether the open images are those of the finding."""
    tasks = page._workspace.tasks
    while any(one.key == "linear/rows" for one in tasks.running()):
        QTest.qWait(5)


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


@pytest.fixture
def held_out(opened, tmp_path):
    """Rows that the open run holds out."""
    opened.set_recipe(opened.recipe.with_set({"data.held_out": 0.5}))
    opened.directory, opened.record = RunDirectory.create(tmp_path, opened.recipe), RunRecord()
    return opened.recipe.data.split(opened.catalogue).held_out


def ringed(plot, cell):
    """Whether a cell of a table has a ring, by its left edge."""
    place, image = plot.cell_rect(*cell), plot.grab().toImage()
    places = range(int(place.left()) + 1, int(place.left()) + 7)
    seen = {image.pixelColor(x, int(place.center().y())).name() for x in places}
    return theme.tokens().accent.lower() in seen


def test_the_chosen_images_ring_their_cells(page, opened, held_out, qtbot):
    shown(page, finding(opened, rows=held_out))
    assert page.matrix.confusions.ringed == []
    assert page.hint.text() == READING
    labels = opened.catalogue.labels
    cats, dogs = held_out[labels[held_out] == 0], held_out[labels[held_out] == 1]
    away = int(np.setdiff1d(np.arange(24), held_out)[0])
    opened.selection.choose([*cats[1:5], dogs[0], away])
    assert page.matrix.confusions.selected.tolist() == [[2, 2], [0, 1]]
    assert page.matrix.confusions.ringed == [(0, 0), (0, 1), (1, 1)]
    assert ringed(page.matrix, (0, 1))
    assert not ringed(page.matrix, (1, 0))
    assert page.hint.text() == f"{READING} Rings: 5 chosen images."
    for _ in range(2):  # to the first cell, and on
        qtbot.keyClick(page.matrix, Qt.Key.Key_Right)
    words = f"cat taken for dog: 3 of {len(cats)} images ({300 / len(cats):.0f} %)"
    assert page.matrix.toolTip() == f"{words}, 2 chosen"
    opened.selection.choose([int(cats[0])])
    assert page.matrix.confusions.selected.tolist() == [[0, 1], [0, 0]]
    assert page.matrix.toolTip() == f"{words}, 1 chosen"
    assert not ringed(page.matrix, (0, 0))
    assert page.hint.text().endswith("Rings: 1 chosen image.")
    qtbot.mouseClick(page.chips[1], Qt.MouseButton.LeftButton)
    assert page.matrix.confusions.ringed == [(0, 1)], "of the other encoder"
    opened.selection.clear()
    assert page.matrix.confusions.selected is None
    assert not ringed(page.matrix, (0, 1))
    assert page.hint.text() == READING


def test_what_was_chosen_before_is_ringed_and_a_click_chooses(page, opened, held_out, qtbot):
    opened.selection.choose(held_out)
    shown(page, finding(opened, rows=held_out))
    assert page.matrix.confusions.ringed == [(0, 0), (0, 1), (1, 1)]
    page.area.ensureWidgetVisible(page.matrix)
    place = page.matrix.cell_rect(0, 1).center().toPoint()
    qtbot.mouseClick(page.matrix, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(page.images.choose, Qt.MouseButton.LeftButton)
    assert page.matrix.confusions.selected.tolist() == [[0, 3], [0, 0]]


def test_many_classes_are_ringed_too(page, opened, held_out):
    names = ("cat", "dog", *(f"kind {number}" for number in range(18)))
    opened.catalogue = replace(opened.catalogue, classes=names)
    shown(page, finding(opened, names, rows=held_out))
    opened.selection.choose(held_out[:2])
    assert page.map.confusions.ringed == [(0, 1)]
    assert "taken for dog: 3 of" in page.map.words_at(0, 1)
    assert page.map.words_at(0, 1).endswith(", 2 chosen")
    opened.selection.clear()
    assert page.map.confusions.ringed == []


def keep_features(opened, rows, paths):
    """Let the run have features of images at these rows, which lay at these paths."""
    arrays = {"index": rows, "features": np.zeros((len(rows), 2), np.float32)}
    arrays["paths"] = packed(paths)
    path = opened.directory.save_array("embeddings/step_00000001", arrays)
    opened.record.apply(EmbeddingSaved(1, 1.0, path, len(rows), 2))


@pytest.mark.parametrize(
    "how", ["changed before", "other folder", "other split", "moved", "damaged", "closed", "no run"]
)
def test_nothing_is_ringed_where_rows_may_mean_other_images(page, opened, held_out, how):
    opened.selection.choose(held_out)
    found = finding(opened, rows=np.arange(24) if how == "other split" else held_out)
    if how == "other folder":
        data = opened.recipe.data.changed(folder="somewhere")
        opened.set_recipe(opened.recipe.changed(data=data))
    elif how == "moved":
        keep_features(opened, held_out, [f"was/{row}.png" for row in held_out])
    elif how == "damaged":
        keep_features(opened, held_out, [opened.catalogue.paths[row] for row in held_out])
        (opened.directory.path / "embeddings/step_00000001.npz").write_bytes(b"")
    elif how == "closed":
        opened.catalogue = None
    elif how == "no run":
        opened.directory = None
    shown(page, found, changed=how == "changed before")
    assert page.matrix.confusions.selected is None
    assert page.hint.text() == READING


def test_rings_come_and_go_with_the_folder(page, opened, held_out, pictures, qtbot):
    keep_features(opened, held_out, [opened.catalogue.paths[row] for row in held_out])
    shown(page, finding(opened, rows=held_out))
    opened.selection.choose(held_out)
    assert page.matrix.confusions.ringed
    folder = pictures / "cat"
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(folder)
    compared(page)
    opened.selection.choose(held_out[held_out < 12])
    assert page.matrix.confusions.ringed == []
    with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
        opened.open_folder(pictures)
    opened.selection.choose(held_out)
    compared(page)
    assert page.matrix.confusions.ringed
