import base64
import io

import numpy as np
import pytest
from PIL import Image

from app import theme
from app.panels.evaluate_dense import Page, painted, pixels, verdict
from sslcore.assessment.kept import Kept
from sslcore.assessment.kinds.dense import DenseConfig, DenseFinding, DenseRow, Example


def png(values):
    file = io.BytesIO()
    Image.fromarray(np.asarray(values, np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def example(size=5):
    grey = np.full((size, size), 127)
    grey[0, 0] = 255
    return Example(
        path="rgb/a.png",
        image=png(np.full((size, size, 3), (200, 10, 30))),
        target=png(grey),
        read={"trained": png(grey), "untrained": png(0 * grey)},
    )


def depth(**relative):
    names = {"mean_depth": "mean depth", "resnet": "resnet18 (fresh)"}
    return DenseFinding(
        folder="rooms",
        target="depth",
        kind="depth",
        training=80,
        held_out=20,
        classes=(),
        low=800.0,
        high=3980.0,
        scores={
            names.get(name, name): DenseRow(rmse=1000 * value, abs_rel=value, delta=0.7)
            for name, value in relative.items()
        },
        examples=(example(), example()),
    )


def classes(**overlap):
    values = depth(trained=0.1).model_dump() | {
        "kind": "classes",
        "classes": (0, 3, 9),
        "scores": {
            name.replace("_", " "): {"mean_iou": value, "accuracy": 0.8}
            for name, value in overlap.items()
        },
    }
    return DenseFinding.model_validate(values)


@pytest.fixture
def page(workspace, qtbot):
    made = Page(workspace)
    qtbot.addWidget(made)
    made.resize(640, 700)
    return made


def show(page, found):
    page.show_finding(Kept("dense", 1, 1.0, 0.0, 1.0, (9, 9), DenseConfig(), found))


def test_depth_is_better_where_the_error_is_smaller():
    found = depth(trained=0.24, untrained=0.27, pixels=0.35, resnet=0.2, mean_depth=0.37)
    assert verdict(found) == (
        "Mean relative error 24.0 %, better than the best of what it must beat (untrained, "
        "27.0 %). From outside: resnet18 (fresh) 20.0 %."
    )
    worse = depth(trained=0.4, untrained=0.27, mean_depth=0.37)
    assert "no better than the best of what it must beat (untrained" in verdict(worse)


def test_classes_are_better_where_they_overlap_more():
    words = verdict(classes(trained=0.3, untrained=0.1, most_frequent_class=0.12))
    assert words == (
        "Mean IoU 30.0 %, better than the best of what it must beat (most frequent class, 12.0 %)."
    )


def test_bars_words_and_pictures(page):
    show(page, depth(trained=0.24, untrained=0.27, mean_depth=0.37))
    words = page.bars.accessibleDescription()
    assert "Mean relative error (less is better): trained 24.0 %" in words
    assert "Pixels within a factor of 1.25: mean depth 70.0 %" in words
    assert "trained 240, untrained 270, mean depth 370" in page.foot.text()
    assert "from 800 (dark) to 3,980" in page.foot.text()
    shown = page.pictures._shown
    assert shown.rows == ("Image", "Target (depth)", "Read, trained", "Read, untrained")
    assert shown.images.shape == (4, 2, 5, 5, 3)
    assert shown.images[0, 0, 2, 2].tolist() == [200, 10, 30]
    assert np.array_equal(shown.images[1], shown.images[2])
    assert not np.array_equal(shown.images[1], shown.images[3])
    page.grab()


def test_pictures_follow_the_theme(page):
    show(page, depth(trained=0.24, untrained=0.27, mean_depth=0.37))
    before = page.pictures._shown.images.copy()
    theme.current().apply("light")
    after = page.pictures._shown.images
    assert np.array_equal(before[0], after[0])
    assert not np.array_equal(before[1], after[1])


def test_shades_stand_for_classes_and_the_unknown_is_grey():
    shades = np.array([0, 127, 254, 255], np.uint8)[None, :, None].repeat(3, 2)
    made = painted(shades, 3)[0]
    assert len({tuple(one) for one in made.tolist()}) == 4
    for number in range(3):
        colour = theme.tokens().series[number].lstrip("#")
        assert made[number].tolist() == [int(colour[i : i + 2], 16) for i in (0, 2, 4)]


def test_a_picture_comes_back_from_its_text():
    values = np.random.default_rng(0).integers(0, 255, (7, 5, 3))
    assert np.array_equal(pixels(png(values)), values)


def test_without_examples_there_are_no_pictures(page):
    show(
        page, depth(trained=0.2, untrained=0.3, mean_depth=0.4).model_copy(update={"examples": ()})
    )
    assert page.pictures.isHidden()
    show(page, classes(trained=0.3, untrained=0.1, most_frequent_class=0.12))
    assert "3 classes" in page.foot.text()
    assert not page.pictures.isHidden()
