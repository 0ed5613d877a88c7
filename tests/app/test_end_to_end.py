"""The main job from end to end, in the window, with real training on a small demo set."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap

from app.thumbnails import shared
from app.window import Window
from sslcore.data import demo
from tests.sslcore.data.pictures import five_bands

PER_EPOCH = 6
SMALL = {
    "data.image_size": 16,
    "backbone.width": 8,
    "method.head_hidden": 32,
    "method.head_output": 24,
    "schedule.batch_size": 32,
    "schedule.epochs": 400,
    "run.snapshot_every": 4,
    "run.evaluate_every": 4,
    "run.checkpoint_every": 20,
    "run.probe_images": 60,
    "run.threads": 1,
    "run.device": "cpu",
}


SMALL_BANDS = {
    "data.image_size": 16,
    "backbone.width": 8,
    "schedule.batch_size": 8,
    "schedule.epochs": 1,
    "run.threads": 1,
    "run.device": "cpu",
}


def click(qtbot, button):
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def window(loaded, qtbot):
    """The real window with the real places, on a demo set that was made before."""
    demo.make(loaded.settings.demo_folder, count=240, size=24)
    loaded.settings.tour_seen = True
    made = Window(loaded, restore=False)

    def stop(window):
        """A test that failed on the way must not wait for an answer to the closing question."""
        window.workspace.stop()
        qtbot.waitUntil(lambda: not window.workspace.running, timeout=20_000)

    qtbot.addWidget(made, before_close_func=stop)
    made.start()
    qtbot.waitExposed(made)
    return made


def panel(qtbot, window, key):
    """Go to a place with its key on the rail and wait for its panel."""
    click(qtbot, window.rail.buttons[key])
    qtbot.waitUntil(lambda: window.gates[key].panel is not None, timeout=5_000)
    assert window.place == key
    return window.gates[key].panel


def close_map(window):
    window.gates["explore"].panel.layouts.close()


def curve(train, key):
    """Everything a chart says, at the end and on the way."""
    plot = train.curves.plots[key]
    return [plot.values_at(at) for at in (0.5, 1.0, 2.0, np.inf)]


def matrix(train):
    plot = train.diagnostics.pages["cross_correlation"].plot
    return [plot.value_at(row, column) for row in range(4) for column in range(4)]


def test_from_the_demo_set_to_a_reopened_run(window, loaded, qtbot):
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_demo()
    assert len(loaded.catalogue) == 240
    loaded.set_method("barlow_twins")
    loaded.set_recipe(loaded.recipe.with_set(SMALL))

    views = panel(qtbot, window, "views")
    qtbot.waitUntil(lambda: views.preview is not None, timeout=20_000)
    assert [one.title for one in views.preview.views] == ["View A", "View B"]

    click(qtbot, window.run_bar.primary)
    train = panel(qtbot, window, "train")
    record = loaded.record
    qtbot.waitUntil(lambda: record.step >= 3 and matrix_there(train), timeout=60_000)
    qtbot.waitUntil(lambda: curve(train, "loss")[-1] != {}, timeout=5_000)
    loss, first = curve(train, "loss")[-1], matrix(train)
    assert set(loss) == {"total", "invariance", "redundancy"}
    seen = record.step
    qtbot.waitUntil(lambda: record.step >= seen + 8, timeout=60_000)
    qtbot.waitUntil(lambda: matrix(train) != first, timeout=5_000)
    assert curve(train, "loss")[-1] != loss

    click(qtbot, window.run_bar.primary)
    qtbot.waitUntil(lambda: loaded.state == "paused", timeout=20_000)
    at = record.step
    qtbot.wait(300)
    assert record.step == at
    assert window.run_bar.primary.text() == "Resume"
    click(qtbot, window.run_bar.primary)
    qtbot.waitUntil(lambda: record.step > at + PER_EPOCH, timeout=60_000)

    explore = panel(qtbot, window, "explore")
    qtbot.waitUntil(lambda: explore.map.layout_shown is not None, timeout=20_000)
    assert "of epoch" in explore.map.status.full
    assert len(explore.map.legend.listed) == len(loaded.catalogue.classes)
    qtbot.waitUntil(lambda: "knn_20" in record.metrics, timeout=60_000)

    click(qtbot, window.run_bar.stop_button)
    qtbot.waitUntil(lambda: not loaded.running, timeout=30_000)
    assert loaded.state == "stopped"
    assert record.stopped.reason == "stopped"
    assert record.checkpoints
    last = record.embeddings[-1].step
    qtbot.waitUntil(lambda: explore.map.layout_shown.space.step == last, timeout=20_000)
    features = explore.map.layout_shown.space.features.copy()
    train = panel(qtbot, window, "train")
    train.refresh()
    live = {key: curve(train, key) for key in ("loss", "knn", "health")}
    shown, score = matrix(train), train.health.figure.text()
    words = train.health.text
    path = loaded.directory.path

    with qtbot.waitSignal(loaded.run_changed, timeout=20_000):
        loaded.open_run(path)
    assert loaded.record is not record
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)
    train.refresh()
    assert {key: curve(train, key) for key in live} == live
    assert matrix(train) == shown
    assert train.health.figure.text() == score
    assert train.health.text == words
    explore = panel(qtbot, window, "explore")
    qtbot.waitUntil(lambda: explore.map.layout_shown is not None, timeout=20_000)
    assert explore.map.layout_shown.space.step == last
    assert np.array_equal(explore.map.layout_shown.space.features, features)
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)
    close_map(window)


def test_a_folder_of_five_bands_is_opened_looked_at_and_trained_on(window, loaded, tmp_path, qtbot):
    folder = five_bands(tmp_path / "bands")
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_folder(folder)
    loaded.set_method("simclr")
    loaded.set_recipe(loaded.recipe.with_set({**SMALL_BANDS, "method.head_hidden": 32}))
    data = panel(qtbot, window, "data")
    assert "Pixels: 5 channels, 16 bit" in data.facts.text()
    assert data.facts._problems_title.isHidden()

    views = panel(qtbot, window, "views")
    qtbot.waitUntil(lambda: views.preview is not None, timeout=20_000)
    assert [row.step.kind for row in views.steps.rows][2:3] == ["intensity_jitter"]
    bright = np.frombuffer(views.preview.original.constBits(), np.uint8)
    assert int(bright.max()) > 200, "16-bit numbers that use a part of their range are seen"
    thumbnails = shared(loaded.tasks)
    thumbnails.ask("test", loaded.catalogue, [0], 64)
    qtbot.waitUntil(lambda: thumbnails.get(loaded.catalogue, 0) is not None, timeout=20_000)
    assert isinstance(thumbnails.get(loaded.catalogue, 0), QPixmap)

    click(qtbot, window.run_bar.primary)
    qtbot.waitUntil(lambda: loaded.record is not None and loaded.record.stopped is not None,
                    timeout=60_000)  # fmt: skip
    assert loaded.record.stopped.reason == "completed"
    assert "knn_20" in loaded.record.metrics
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)


def matrix_there(train):
    pages = train.diagnostics.pages
    return "cross_correlation" in pages and not pages["cross_correlation"].plot.is_empty()
