import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app.panels import explore_trails
from app.panels.explore import ExplorePanel
from app.panels.explore_layouts import FLAT, Layout, PcaSettings, Space, UmapSettings
from app.panels.explore_map import MapCard
from app.panels.explore_probe import CLASS, Probe
from app.panels.explore_trails import MOMENTS, TrailKeeper, thinned
from app.pictures import Pictures
from app.plots.trails import MOST
from sslcore.runs import arrays
from sslcore.runs.directory import RunDirectory
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed


@pytest.fixture
def card(opened, qtbot):
    made = MapCard(Pictures(opened))
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    yield made
    qtbot.mouseMove(made.map, QPoint(1, 1))
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


@pytest.fixture
def keeper(card, opened, tmp_path, qtbot):
    path = replayed.write(tmp_path / "run", opened.recipe)
    moved = np.random.default_rng(5).normal(size=(24, replayed.SIZE)).astype(np.float32)
    file = path / "embeddings" / "step_00000020.npz"
    file.write_bytes(arrays.to_bytes({"index": np.arange(24), "features": moved}))
    directory = RunDirectory.open(path)
    opened.directory, opened.record = directory, RunRecord.fold(directory.replay())
    made = TrailKeeper(opened, card, card)
    with qtbot.waitSignal(made.sequence.grew, timeout=10_000):
        made.follow()
    yield made
    directory.close()


def show(card, opened, keeper, step, way=FLAT):
    run = str(opened.directory.path)
    index, features = opened.directory.embedding(step)
    probe = Probe(index, opened.catalogue, opened.recipe)
    points = keeper.made(run, step)
    card.show_layout(Layout(Space(run, step, step / 10, index, features), way, points), probe)
    card.colour_by(probe.colouring(CLASS))
    keeper.refresh()


def switch(card, on):
    action = next(one for one in card.header.tools.look.menu().actions() if "Trails" in one.text())
    action.setChecked(on)


def picture(card):
    """Pixels of the map without its glide."""
    card.map.fit()
    image = card.map.grab().toImage()
    return np.array(image.constBits(), np.uint8).copy()


def test_trails_of_the_chosen_images_are_painted_and_taken_away(card, keeper, opened, qtbot):
    show(card, opened, keeper, 40)
    opened.selection.choose([1, 2])
    without = picture(card)
    with qtbot.waitSignal(keeper.changed):
        switch(card, True)
    assert keeper.words == "trails"
    assert (picture(card) != without).sum() > 100
    switch(card, False)
    assert keeper.words == ""
    after = picture(card)
    assert after.shape == without.shape
    assert (after != without).sum() == 0


def test_what_is_missing_for_trails_is_said(card, keeper, opened):
    switch(card, True)
    show(card, opened, keeper, 40)
    assert keeper.words == "choose images to see their trails"
    opened.selection.choose([3])
    assert keeper.words == "trails"
    show(card, opened, keeper, 40, UmapSettings())
    assert keeper.words == "trails need all epochs laid out, or the PCA map"
    show(card, opened, keeper, 40, PcaSettings(3))
    assert keeper.words == "trails need all epochs laid out, or the PCA map"


def test_no_more_than_can_be_told_apart(card, keeper, opened):
    switch(card, True)
    show(card, opened, keeper, 20)
    opened.selection.choose(range(MOST + 1))
    assert keeper.words == f"trails of the first {MOST} chosen"


def test_layouts_are_made_ahead_for_the_timeline(keeper, opened):
    run = str(opened.directory.path)
    assert [keeper.made(run, step) is not None for step in (0, 20, 40, 30)] == [True] * 3 + [False]


def test_points_follow_the_timeline_at_once_and_features_at_its_rest(
    opened, keeper, card, qtbot, monkeypatch
):
    panel = ExplorePanel(opened)
    qtbot.addWidget(panel)
    panel.resize(1200, 700)
    panel.show()
    run = str(opened.directory.path)
    qtbot.waitUntil(lambda: len(panel.trails.sequence) == 3, timeout=10_000)
    qtbot.waitUntil(lambda: panel.map.layout_shown is not None, timeout=10_000)
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)
    asked = []
    show = panel.layouts.show
    monkeypatch.setattr(panel.layouts, "show", lambda *a: (asked.append(a[1].step), show(*a))[1])
    for step in (0, 20, 0, 20):
        opened.select_snapshot(step)
    assert asked == [], "nothing is read while the slider moves"
    wanted = panel.trails.made(run, 20)

    def there():
        x, y = panel.map.map.camera.pixels(wanted)
        place = panel.map.map.place_of(5)
        return abs(place.x() - x[5]) < 1 and abs(place.y() - y[5]) < 1

    qtbot.waitUntil(there, timeout=5_000)
    qtbot.waitUntil(lambda: panel.map.layout_shown.space.step == 20, timeout=5_000)
    assert asked == [20]
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)
    panel.layouts.close()


def test_many_moments_are_thinned_to_some_with_the_one_that_is_shown():
    assert thinned(5, 3).tolist() == [0, 1, 2, 3, 4]
    assert thinned(MOMENTS, 0).tolist() == list(range(MOMENTS))
    for now in (0, 57, 109):
        kept = thinned(110, now)
        assert {0, now, 109} <= set(kept.tolist())
        assert len(kept) <= MOMENTS
        assert np.diff(kept).max() <= 12


def test_thinned_trails_stand_where_their_moments_stand(card, keeper, opened, qtbot, monkeypatch):
    monkeypatch.setattr(explore_trails, "MOMENTS", 2)
    show(card, opened, keeper, 40)
    opened.selection.choose([1, 2])
    painted = []
    monkeypatch.setattr(card.map, "set_trails", painted.append)
    switch(card, True)
    assert keeper.words == "trails through 2 of 3 moments"
    trails = painted[-1]
    whole = keeper.sequence.paths(np.array([1, 2]))
    assert np.array_equal(trails.paths, whole[[0, 2]])
    assert trails.now == 1
