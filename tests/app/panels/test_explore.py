import csv

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt

from app.panels.explore import ExplorePanel
from app.panels.explore_layouts import Layouts
from app.plots import colours
from sslcore.evaluation.projection import pca
from sslcore.evaluation.projection_settings import TsneSettings, UmapSettings
from sslcore.events import EmbeddingSaved, Evaluated
from sslcore.runs.directory import RunDirectory
from tests.app.panels import legend as legends
from tests.app.panels import projecting, replayed
from tests.app.panels.projecting import Server
from tests.app.panels.reachable import unnamed

COUNT = 30


@pytest.fixture(scope="module")
def insects(tmp_path_factory):
    """Three classes of ten pictures, with a texture and a size for each."""
    folder = tmp_path_factory.mktemp("insects")
    generator = np.random.default_rng(1)
    rows = []
    for number, name in enumerate(("ant", "bee", "fly")):
        (folder / name).mkdir()
        for image in range(10):
            pixels = generator.integers(0, 255, (20, 20, 3), dtype=np.uint8)
            path = f"{name}/{image}.png"
            Image.fromarray(pixels).save(folder / path)
            rows.append([path, name, ("dots", "plain")[image % 2], 0.1 * image + number])
    with (folder / "labels.csv").open("w", newline="") as table:
        csv.writer(table).writerows([["path", "label", "texture", "size"], *rows])
    return folder


@pytest.fixture
def run(loaded, insects, qtbot, tmp_path):
    """A workspace with the insects and a run on them open."""
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_folder(insects)
    path = replayed.write(
        tmp_path / "run",
        loaded.recipe,
        rows=np.arange(COUNT)[::-1],
        kinds=loaded.catalogue.labels[::-1],
        classes=loaded.catalogue.classes,
    )
    with qtbot.waitSignal(loaded.record_changed, timeout=10_000):
        loaded.open_run(path)
    return loaded


def show(qtbot, workspace, size=(1300, 800)):
    Server.made = ()
    layouts = Layouts(workspace.tasks, server=Server)
    panel = ExplorePanel(workspace, layouts=layouts)
    layouts.setParent(panel)
    qtbot.addWidget(panel, before_close_func=lambda one: one.layouts.close())
    panel.resize(*size)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def panel(run, qtbot):
    made = show(qtbot, run)
    settle(qtbot, made)
    return made


def settle(qtbot, panel):
    """Until the map stands still and everything asked for has come."""

    def quiet():
        shown = panel.map.layout_shown
        return (
            shown is not None
            and shown.faith is not None
            and not panel._timer.isActive()
            and not panel._workspace.tasks.running()
        )

    qtbot.waitUntil(quiet, timeout=10_000)
    qtbot.wait(350)


def point(panel, position):
    return panel.map.map.place_of(position).toPoint()


def click(qtbot, panel, position, **options):
    qtbot.mouseClick(
        panel.map.map, Qt.MouseButton.LeftButton, pos=point(panel, position), **options
    )


def nearest_plainly(features, position, count):
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosines = rows @ rows[position]
    order = [int(one) for one in np.argsort(-cosines, kind="stable") if one != position]
    return order[:count], cosines


def test_says_what_to_do_while_there_is_no_map(qtbot, workspace, core):
    panel = show(qtbot, workspace)
    assert "Loading" in panel.map.empty.text
    workspace.take_core(core)
    qtbot.waitUntil(lambda: "No map yet" in panel.map.empty.text)
    assert "Start a run" in panel.map.empty.text
    assert not panel.map.header.isVisible()
    assert not unnamed(panel)


def test_the_newest_evaluation_is_mapped_at_once(panel, run):
    layout = panel.map.layout_shown
    assert layout.space.step == 40
    features = replayed.features(40, COUNT, run.catalogue.labels[::-1])
    wanted = pca(features)
    assert np.allclose(layout.points, wanted, atol=1e-4)
    words = panel.map.status.full
    assert "30 of 30 probe images drawn" in words
    assert "PCA of epoch 4.0" in words
    assert "trustworthiness 0." in words or "trustworthiness 1." in words
    assert "drawn on the CPU" in words
    assert panel.map.legend.listed == ["ant", "bee", "fly"]
    assert not unnamed(panel)


def test_hovering_shows_ring_at_once_and_card_after_a_rest(panel, qtbot):
    card, shown = panel.map.card, panel.map.map
    qtbot.mouseMove(shown, point(panel, 7))
    assert shown.hovered_index == 7
    assert not card.isVisible()
    qtbot.waitUntil(card.isVisible, timeout=2_000)
    assert card.path.full == "fly/2.png"
    qtbot.waitUntil(lambda: "neighbours agree" in card.words.text(), timeout=5_000)
    assert card.words.text() == "fly\n9 of 10 neighbours agree"
    qtbot.waitUntil(lambda: panel.pictures.get(22) is not None, timeout=5_000)
    qtbot.mouseMove(shown, QPoint(2, 2))
    assert not card.isVisible()


def test_a_click_pins_an_image_with_its_neighbours(panel, run, qtbot):
    click(qtbot, panel, 3)
    column = panel.neighbours
    qtbot.waitUntil(lambda: len(column.buttons) == 12, timeout=5_000)
    features = replayed.features(40, COUNT, run.catalogue.labels[::-1])
    order, cosines = nearest_plainly(features, 3, 12)
    assert column.path.full == "fly/6.png"
    assert "9 of 10 neighbours agree" in column.facts.text()
    paths = [run.catalogue.paths[COUNT - 1 - one] for one in order]
    assert [one.toolTip().split(":")[0] for one in column.buttons] == paths
    assert column.buttons[0].text() == f"{cosines[order[0]]:.2f} fly"
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=5_000)
    qtbot.mouseClick(column.buttons[1], Qt.MouseButton.LeftButton)
    assert column.path.full == paths[1]
    qtbot.mouseClick(column.clear, Qt.MouseButton.LeftButton)
    assert not column.pin.isVisible()
    assert "Hover a point" in column.hint.text


def test_an_image_can_be_pinned_with_the_keyboard_alone(panel, qtbot):
    column = panel.neighbours
    qtbot.keyClick(column.any, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(column.buttons) == 12, timeout=5_000)
    first = column.path.full
    assert first.endswith(".png")
    qtbot.keyClick(column.buttons[0], Qt.Key.Key_Space)
    assert column.path.full != first
    assert not unnamed(panel)
    qtbot.waitUntil(lambda: not panel._workspace.tasks.running(), timeout=5_000)


def test_a_pin_stays_on_its_image_when_the_map_moves_on(panel, run, qtbot):
    click(qtbot, panel, 3)
    settle(qtbot, panel)
    before = [one.toolTip() for one in panel.neighbours.buttons]
    run.select_snapshot(20)
    qtbot.waitUntil(lambda: panel.map.layout_shown.space.step == 20, timeout=5_000)
    settle(qtbot, panel)
    assert panel.neighbours.path.full == "fly/6.png"
    assert panel.map.map._pinned == 3
    assert len(before) == len(panel.neighbours.buttons) == 12


def test_colour_by_class_factor_number_split_and_agreement(panel, run, qtbot):
    labels = run.catalogue.labels[::-1]
    seen = {}
    original = panel.map.map.set_colours
    panel.map.map.set_colours = lambda rgb: (seen.update(rgb=np.array(rgb)), original(rgb))
    header = panel.map.header
    assert header.colour.currentText() == "class"
    assert panel.map.legend.title.text() == "Class"
    choices = [header.colour.itemText(n) for n in range(header.colour.count())]
    assert choices == ["class", *choices[1:3], "split", "neighbour agreement", "none"]
    choose(qtbot, header, "texture")
    assert panel.map.legend.listed == ["dots", "plain"]
    kinds = np.array([run.catalogue.metadata["texture"][COUNT - 1 - n] for n in range(COUNT)])
    assert np.array_equal(seen["rgb"], colours.by_class((kinds == "plain").astype(int)))
    choose(qtbot, header, "size")
    assert panel.map.legend.listed == []
    choose(qtbot, header, "class")
    assert np.array_equal(seen["rgb"], colours.by_class(labels))
    choose(qtbot, header, "split")
    assert set(panel.map.legend.listed) == {"trained on", "held out"}
    choose(qtbot, header, "neighbour agreement")
    qtbot.waitUntil(lambda: panel.map.legend.listed == [], timeout=5_000)
    choose(qtbot, header, "none")
    assert np.array_equal(seen["rgb"], colours.by_class(np.zeros(COUNT, int)))
    assert "one colour" in panel.map.legend.title.text()


def choose(qtbot, header, name):
    """Walk to an entry of the combo box with the keyboard."""
    combo = header.colour
    combo.setFocus()
    wanted = combo.findText(name)
    while combo.currentIndex() != wanted:
        down = combo.currentIndex() < wanted
        qtbot.keyClick(combo, Qt.Key.Key_Down if down else Qt.Key.Key_Up)


def test_the_legend_isolates_by_greying_the_others(panel, run, qtbot):
    labels = run.catalogue.labels[::-1]
    legend, shown = panel.map.legend, panel.map.map
    control = Qt.KeyboardModifier.ControlModifier
    legends.click(qtbot, legend, "bee")
    assert np.array_equal(shown.emphasis, labels == 1)
    legends.click(qtbot, legend, "fly", control)
    assert np.array_equal(shown.emphasis, labels != 0)
    legends.click(qtbot, legend, "bee", control)
    assert np.array_equal(shown.emphasis, labels == 2)
    legends.click(qtbot, legend, "bee", control)
    legends.click(qtbot, legend, "ant", control)
    assert shown.emphasis is None
    qtbot.keyClick(legends.enter(qtbot, legend, "ant"), Qt.Key.Key_Return)
    assert np.array_equal(shown.emphasis, labels == 0)
    legends.click(qtbot, legend, "ant")
    assert shown.emphasis is None


def test_the_timeline_takes_the_evaluation_at_or_before_it(panel, run, qtbot):
    for position, step in ((30, 20), (10, 0), (None, 40)):
        run.select_snapshot(position)
        qtbot.waitUntil(lambda step=step: panel.map.layout_shown.space.step == step, timeout=5_000)
        settle(qtbot, panel)


def test_a_new_evaluation_moves_the_map_but_does_not_turn_it(panel, run, qtbot):
    before = panel.map.layout_shown
    turned = before.space.features @ np.diag([-1, 1, -1, 1, -1, 1]).astype(np.float32)
    path = run.directory.save_array(
        "embeddings/step_00000050", {"index": before.space.index, "features": turned}
    )
    run.record.apply(EmbeddingSaved(50, 5.0, path, *turned.shape))
    run.record.apply(Evaluated(50, 5.0, replayed.metrics(50)))
    run.record_changed.emit()
    qtbot.waitUntil(lambda: "epoch 5.0" in panel.map.status.full, timeout=5_000)
    assert np.allclose(panel.map.layout_shown.points, before.points, atol=1e-3)
    assert panel.map.layout_shown.space.step == 50


def test_features_that_are_not_finite_are_told_not_drawn(loaded, insects, qtbot, tmp_path):
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_folder(insects)
    directory = RunDirectory.create(tmp_path / "run", loaded.recipe)
    directory.append(replayed.started())
    features = np.full((COUNT, 4), np.nan, np.float32)
    path = directory.save_array(
        "embeddings/step_00000000", {"index": np.arange(COUNT), "features": features}
    )
    directory.append(EmbeddingSaved(0, 0.0, path, COUNT, 4))
    directory.close()
    panel = show(qtbot, loaded)
    loaded.open_run(tmp_path / "run")
    qtbot.waitUntil(lambda: "cannot be drawn" in panel.map.empty.text, timeout=5_000)
    assert "diverged" in panel.map.empty.text


def choose_projection(qtbot, header, steps):
    header.projection.setFocus()
    for _ in range(steps):
        qtbot.keyClick(header.projection, Qt.Key.Key_Down)


def test_umap_is_computed_when_asked_and_kept_until_computed_again(panel, run, qtbot):
    header, settings = panel.map.header, panel.map.header.settings
    choose_projection(qtbot, header, 1)
    assert settings.isVisible()
    qtbot.waitUntil(lambda: len(Server.made) == 1, timeout=3_000)
    assert Server.made[0].started
    assert "PCA" in panel.map.status.full
    settings.neighbours.setValue(5)
    settings.spread.setValue(0.25)
    settings.seed.setValue(3)
    settings.seed.setFocus()
    settle(qtbot, panel)
    settings.compute.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # as in the window
    qtbot.mouseClick(settings.compute, Qt.MouseButton.LeftButton)
    (job,) = projecting.jobs()
    assert job.settings == UmapSettings(5, 0.25, seed=3)
    assert settings.cancel.isVisible()
    assert panel.window().focusWidget() is panel.map.map
    job.tell(0.4, "laying out")
    qtbot.waitUntil(lambda: settings.bar.value() == 40, timeout=3_000)
    assert settings.stage.full == "laying out"
    projecting.finish(job)
    qtbot.waitUntil(lambda: "UMAP of epoch 4.0" in panel.map.status.full, timeout=3_000)
    assert "trustworthiness 0.97, continuity 0.94 (15 neighbours)" in panel.map.status.full
    settle(qtbot, panel)
    assert settings.compute.isVisible()
    assert not settings.compute.isEnabled()
    assert panel.window().focusWidget() is panel.map.map
    run.select_snapshot(20)
    qtbot.waitUntil(lambda: "Compute shows epoch 2.0" in panel.map.status.full, timeout=3_000)
    assert panel.map.layout_shown.space.step == 40
    assert settings.compute.isEnabled()
    qtbot.mouseClick(settings.compute, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(projecting.jobs()) == 2, timeout=3_000)
    assert np.array_equal(projecting.jobs()[1].initial, panel.map.layout_shown.points)
    projecting.finish(projecting.jobs()[1])
    qtbot.waitUntil(lambda: "UMAP of epoch 2.0" in panel.map.status.full, timeout=3_000)
    run.select_snapshot(None)
    qtbot.waitUntil(lambda: "UMAP of epoch 4.0" in panel.map.status.full, timeout=3_000)
    assert len(projecting.jobs()) == 2


def test_a_projection_can_be_cancelled_and_may_fail(panel, qtbot):
    header, settings = panel.map.header, panel.map.header.settings
    choose_projection(qtbot, header, 2)
    settle(qtbot, panel)
    qtbot.mouseClick(settings.compute, Qt.MouseButton.LeftButton)
    assert projecting.jobs()[0].settings == TsneSettings()
    qtbot.mouseClick(settings.cancel, Qt.MouseButton.LeftButton)
    assert projecting.jobs()[0].poll().state == "cancelled"
    assert settings.compute.isVisible()
    assert "PCA" in panel.map.status.full
    qtbot.mouseClick(settings.compute, Qt.MouseButton.LeftButton)
    projecting.fail(projecting.jobs()[1], "t-SNE failed: out of memory")
    qtbot.waitUntil(lambda: "out of memory" in panel.map.status.full, timeout=3_000)
    assert settings.compute.isVisible()


def test_a_map_of_another_day_is_there_at_once(panel, run, qtbot):
    choose_projection(qtbot, panel.map.header, 1)
    settle(qtbot, panel)
    qtbot.mouseClick(panel.map.header.settings.compute, Qt.MouseButton.LeftButton)
    projecting.finish(projecting.jobs()[0], "of the first day")
    qtbot.waitUntil(lambda: "UMAP of epoch 4.0" in panel.map.status.full, timeout=3_000)
    settle(qtbot, panel)
    again = show(qtbot, run)
    settle(qtbot, again)
    choose_projection(qtbot, again.map.header, 1)
    qtbot.waitUntil(lambda: "of the first day" in again.map.status.full, timeout=5_000)
    assert np.array_equal(again.map.layout_shown.points, panel.map.layout_shown.points)
    qtbot.waitUntil(lambda: not again.map.header.settings.compute.isEnabled(), timeout=3_000)
    assert projecting.jobs() == []
    settle(qtbot, again)


def test_the_size_of_the_dots_can_be_chosen(panel, qtbot):
    automatic = panel.map.map.diameter()
    panel.map.header.dots.setFocus()
    for _ in range(12):
        qtbot.keyClick(panel.map.header.dots, Qt.Key.Key_Right)
    assert panel.map.map.diameter() == 12
    qtbot.keyClick(panel.map.header.dots, Qt.Key.Key_Home)
    assert panel.map.map.diameter() == automatic


def test_another_run_forgets_the_map(panel, run, qtbot):
    click(qtbot, panel, 3)
    settle(qtbot, panel)
    run.start()
    assert panel.map.layout_shown is None
    assert not panel.neighbours.isVisible()
    run.stop()
    qtbot.waitUntil(lambda: not run.running, timeout=30_000)
