import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.explore import ExplorePanel
from app.panels.explore_layouts import FLAT, Layouts, UmapSettings
from app.panels.explore_projection import HELP
from sslcore.evaluation.layout_cache import LayoutCache
from sslcore.events import EmbeddingSaved
from sslcore.runs import arrays
from tests.app.panels import projecting, replayed
from tests.app.panels.projecting import Server

WAIT = 10_000
STEPS = (0, 20, 40)


@pytest.fixture
def panel(opened, qtbot, tmp_path):
    path = replayed.write(tmp_path / "run", opened.recipe)
    for number in (20, 40):
        random = np.random.default_rng(number).normal(size=(24, replayed.SIZE))
        features = replayed.features(0, 24) + random.astype(np.float32)
        file = path / "embeddings" / f"step_{number:08d}.npz"
        file.write_bytes(arrays.to_bytes({"index": np.arange(24), "features": features}))
    with qtbot.waitSignal(opened.record_changed, timeout=WAIT):
        opened.open_run(path)
    made = show(qtbot, opened, tmp_path)
    settle(qtbot, made)
    return made


def show(qtbot, workspace, tmp_path):
    Server.made = ()
    cache = LayoutCache(tmp_path / "layouts")
    layouts = Layouts(workspace.tasks, server=Server, cache=cache)
    made = ExplorePanel(workspace, layouts=layouts)
    layouts.setParent(made)
    qtbot.addWidget(made, before_close_func=lambda one: one.layouts.close())
    made.resize(1300, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


def settle(qtbot, panel):
    def quiet():
        shown = panel.map.layout_shown
        timers = (panel._timer, panel._rest)
        busy = panel._workspace.tasks.running() or any(one.isActive() for one in timers)
        return shown is not None and shown.faith is not None and not busy

    qtbot.waitUntil(quiet, timeout=WAIT)
    qtbot.wait(350)


def choose_umap(qtbot, panel):
    panel.map.header.projection.setFocus()
    qtbot.keyClick(panel.map.header.projection, Qt.Key.Key_Down)
    settle(qtbot, panel)


def lay_out_all(qtbot, panel, answers=3):
    """Click the button and answer so many jobs as the child would."""
    settings = panel.map.header.settings
    begin = len(projecting.jobs())
    qtbot.mouseClick(settings.every, Qt.MouseButton.LeftButton)
    for number in range(begin, begin + answers):
        qtbot.waitUntil(lambda n=number: len(projecting.jobs()) > n, timeout=WAIT)
        projecting.finish(projecting.jobs()[number])


def lies_at(panel, wanted):
    """Whether the points of the map are where they should be on it."""
    x, y = panel.map.map.camera.pixels(np.asarray(wanted, float))
    places = [panel.map.map.place_of(number) for number in range(len(wanted))]
    return all(
        abs(place.x() - one) < 1 and abs(place.y() - other) < 1
        for place, one, other in zip(places, x, y, strict=True)
    )


def test_the_timeline_glides_through_umap_once_all_epochs_are_laid_out(panel, opened, qtbot):
    choose_umap(qtbot, panel)
    settings, run = panel.map.header.settings, str(opened.directory.path)
    assert settings.every.isVisible()
    assert "0 of 3 are there" in settings.every.toolTip()
    lay_out_all(qtbot, panel)
    qtbot.waitUntil(lambda: "UMAP of epoch 4.0" in panel.map.status.full, timeout=WAIT)
    settle(qtbot, panel)
    assert settings.every.text() == "All epochs laid out"
    assert not settings.every.isEnabled()
    assert not settings.compute.isEnabled(), "the map of now is among them"
    asked = []
    show = panel.layouts.show
    panel.layouts.show = lambda *a: (asked.append(a[1].step), show(*a))[1]
    for step in (0, 20, 0, 20):
        opened.select_snapshot(step)
    assert asked == [], "nothing is read while the slider moves"
    wanted = panel.layouts.series.at(run, 20, UmapSettings()).points
    qtbot.waitUntil(lambda: lies_at(panel, wanted), timeout=WAIT)
    qtbot.waitUntil(lambda: "UMAP of epoch 2.0" in panel.map.status.full, timeout=WAIT)
    assert asked == [20]
    assert np.array_equal(panel.map.layout_shown.points, wanted)
    assert len(projecting.jobs()) == 3


def test_half_of_the_epochs_are_of_use_too(panel, opened, qtbot):
    choose_umap(qtbot, panel)
    settings = panel.map.header.settings
    lay_out_all(qtbot, panel, answers=2)
    qtbot.waitUntil(lambda: len(projecting.jobs()) == 3, timeout=WAIT)
    qtbot.waitUntil(lambda: settings.stage.full.startswith("3 of 3, epoch 4.0: "), timeout=WAIT)
    assert settings.bar.value() == 67
    qtbot.mouseClick(settings.cancel, Qt.MouseButton.LeftButton)
    assert projecting.jobs()[2].poll().state == "cancelled"
    assert "PCA of epoch 4.0" in panel.map.status.full
    settle(qtbot, panel)
    assert "2 of 3 are there" in settings.every.toolTip()
    assert settings.every.isEnabled()
    opened.select_snapshot(20)
    qtbot.waitUntil(lambda: "UMAP of epoch 2.0" in panel.map.status.full, timeout=WAIT)
    opened.select_snapshot(0)
    qtbot.waitUntil(lambda: "UMAP of epoch 0.0" in panel.map.status.full, timeout=WAIT)
    opened.select_snapshot(None)
    qtbot.waitUntil(lambda: "Compute shows epoch 4.0" in panel.map.status.full, timeout=WAIT)
    assert settings.stage.full.startswith("This is epoch 0.0, the timeline stands at 4.0")
    opened.select_snapshot(20)
    qtbot.waitUntil(lambda: "UMAP of epoch 2.0" in panel.map.status.full, timeout=WAIT)
    assert settings.stage.full == HELP["umap"]
    opened.select_snapshot(None)
    qtbot.waitUntil(lambda: "Compute shows epoch 4.0" in panel.map.status.full, timeout=WAIT)
    assert settings.compute.isEnabled()
    settle(qtbot, panel)


def test_a_map_that_was_computed_alone_gives_way_to_the_one_of_all_epochs(panel, opened, qtbot):
    choose_umap(qtbot, panel)
    qtbot.mouseClick(panel.map.header.settings.compute, Qt.MouseButton.LeftButton)
    projecting.finish(projecting.jobs()[0])
    qtbot.waitUntil(lambda: "UMAP of epoch 4.0" in panel.map.status.full, timeout=WAIT)
    settle(qtbot, panel)
    alone = panel.map.layout_shown.points
    lay_out_all(qtbot, panel)
    run = str(opened.directory.path)
    qtbot.waitUntil(lambda: not panel.layouts.computing, timeout=WAIT)
    settle(qtbot, panel)
    wanted = panel.layouts.series.at(run, 40, UmapSettings()).points
    assert np.array_equal(panel.map.layout_shown.points, wanted)
    assert not np.allclose(alone, wanted)


def test_trails_follow_the_umap(panel, opened, qtbot):
    choose_umap(qtbot, panel)
    panel.trails.switch(True)
    opened.selection.choose([1, 2])
    lay_out_all(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.layouts.computing, timeout=WAIT)
    settle(qtbot, panel)
    assert panel.trails.words == "trails"
    trails, run = panel.map.map._trails, str(opened.directory.path)
    assert trails.paths.shape == (3, 2, 2)
    for moment, step in enumerate(STEPS):
        points = panel.layouts.series.at(run, step, UmapSettings()).points
        assert np.array_equal(trails.paths[moment], points[[1, 2]])


def test_another_day_all_epochs_are_there(panel, opened, qtbot, tmp_path):
    choose_umap(qtbot, panel)
    lay_out_all(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.layouts.computing, timeout=WAIT)
    settle(qtbot, panel)
    panel.hide()
    again = show(qtbot, opened, tmp_path)
    settle(qtbot, again)
    choose_umap(qtbot, again)
    qtbot.waitUntil(lambda: "UMAP of epoch 4.0" in again.map.status.full, timeout=WAIT)
    settle(qtbot, again)
    assert again.map.header.settings.every.text() == "All epochs laid out"
    assert projecting.jobs() == []
    opened.select_snapshot(0)
    qtbot.waitUntil(lambda: "UMAP of epoch 0.0" in again.map.status.full, timeout=WAIT)
    made = panel.layouts.series.at(str(opened.directory.path), 0, UmapSettings())
    assert np.array_equal(again.map.layout_shown.points, made.points)


def test_the_evaluation_at_or_before_the_timeline_counts(panel, opened):
    for position, step in ((None, 40), (39, 20), (5, 0), (0, 0)):
        opened.snapshot_position = position
        assert panel.ahead.saved.step == step
    opened.snapshot_position = None


def evaluate(workspace, step):
    """One more evaluation, as a run that goes on brings it."""
    features = replayed.features(step, 24)
    path = workspace.directory.save_array(
        f"embeddings/step_{step:08d}", {"index": np.arange(24), "features": features}
    )
    workspace.record.apply(EmbeddingSaved(step, step / 10, path, *features.shape))
    workspace.record_changed.emit()


def test_where_all_epochs_are_laid_out_new_ones_follow_by_themselves(panel, opened, qtbot):
    choose_umap(qtbot, panel)
    lay_out_all(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.layouts.computing, timeout=WAIT)
    settle(qtbot, panel)
    run, begin = str(opened.directory.path), len(projecting.jobs())
    before = panel.layouts.series.at(run, 40, UmapSettings()).points
    evaluate(opened, 50)
    qtbot.waitUntil(lambda: len(projecting.jobs()) == begin + 1, timeout=WAIT)
    assert np.array_equal(projecting.jobs()[-1].initial, before)
    evaluate(opened, 60)  # comes while the one before is computed
    projecting.finish(projecting.jobs()[-1])
    qtbot.waitUntil(lambda: len(projecting.jobs()) == begin + 2, timeout=WAIT)
    projecting.finish(projecting.jobs()[-1])
    qtbot.waitUntil(lambda: "UMAP of epoch 6.0" in panel.map.status.full, timeout=WAIT)
    assert panel.layouts.series.steps(run, UmapSettings()) == (0, 20, 40, 50, 60)


def test_whoever_calls_it_off_asks_for_new_ones_again(panel, opened, qtbot):
    choose_umap(qtbot, panel)
    lay_out_all(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.layouts.computing, timeout=WAIT)
    settle(qtbot, panel)
    settings, begin = panel.map.header.settings, len(projecting.jobs())
    evaluate(opened, 50)
    qtbot.waitUntil(lambda: len(projecting.jobs()) == begin + 1, timeout=WAIT)
    qtbot.waitUntil(settings.cancel.isVisible, timeout=WAIT)
    qtbot.mouseClick(settings.cancel, Qt.MouseButton.LeftButton)
    evaluate(opened, 60)
    qtbot.waitUntil(lambda: "3 of 5 are there" in settings.every.toolTip(), timeout=WAIT)
    settle(qtbot, panel)
    assert len(projecting.jobs()) == begin + 1
    lay_out_all(qtbot, panel, answers=2)
    qtbot.waitUntil(lambda: "UMAP of epoch 6.0" in panel.map.status.full, timeout=WAIT)


def test_one_that_fails_is_not_tried_again_by_itself(panel, opened, qtbot):
    choose_umap(qtbot, panel)
    lay_out_all(qtbot, panel)
    qtbot.waitUntil(lambda: not panel.layouts.computing, timeout=WAIT)
    settle(qtbot, panel)
    begin = len(projecting.jobs())
    evaluate(opened, 50)
    qtbot.waitUntil(lambda: len(projecting.jobs()) == begin + 1, timeout=WAIT)
    projecting.fail(projecting.jobs()[-1], "no memory")
    qtbot.waitUntil(lambda: not panel.layouts.computing, timeout=WAIT)
    evaluate(opened, 60)
    settle(qtbot, panel)
    assert len(projecting.jobs()) == begin + 1


def test_pca_is_laid_out_ahead_by_itself(panel, opened):
    run = str(opened.directory.path)
    for step in STEPS:
        assert np.array_equal(panel.ahead.points(run, step, FLAT), panel.trails.made(run, step))
    assert panel.ahead.points(run, 20, UmapSettings()) is None
    assert panel.ahead.waits(40) is False
    assert not panel.map.header.settings.isVisible()
