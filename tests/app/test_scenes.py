from types import SimpleNamespace

import numpy as np
import pytest

from app import scenes
from app.closing import ClosingDialog
from app.dialogs import SettingsDialog
from app.panels.evaluate import EvaluatePanel
from app.panels.runs import RunsPanel
from app.panels.train import TrainPanel
from app.rail import PLACES
from sslcore.assessment.contract import registry
from tests.app.panels import trained

ON_TOP = {one.state: one for one in scenes.ON_TOP}


def test_every_scene_is_looked_at_in_a_place_that_is_there():
    every = (
        *scenes.EMPTY, *scenes.FIRST, *scenes.LIVE, *scenes.TRAINED, *scenes.EXPLORED,
        *scenes.COMPARED, *scenes.ON_TOP,
    )  # fmt: skip
    assert {one.place for one in every} <= {one.key for one in PLACES}
    names = [(one.state, one.place) for one in every]
    assert len(set(names)) == len(names), "pictures would overwrite each other"


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("state", sorted(ON_TOP))
def test_what_lies_over_a_place_comes_and_goes(window, core, qtbot, state):
    window.workspace.take_core(core)
    window.workspace.tasks.cancel_all()
    scene = ON_TOP[state]

    def dialog(kind):
        return any(one.isVisible() for one in window.findChildren(kind))

    def there():
        return {
            "palette": window.command_palette.isVisible,
            "settings": lambda: dialog(SettingsDialog),
            "closing": lambda: dialog(ClosingDialog),
            "error": lambda: window.notice.isVisible() and window.notice.level == "danger",
        }[state]()

    assert not there()
    shown = scene.enter(window)
    qtbot.waitUntil(there, timeout=10_000)
    assert (shown is not None) is (state in ("settings", "closing")), (
        "a dialog is photographed itself"
    )
    scene.leave(window)
    qtbot.waitUntil(lambda: not there(), timeout=5_000)


def test_the_first_start_is_the_tour(window):
    tour = scenes.FIRST[0]
    tour.enter(window)
    assert window.tour.isVisible()
    tour.leave(window)
    assert window.tour is None
    tour.leave(window)


def test_a_cell_is_looked_into_where_two_dimensions_have_most_in_common(
    loaded, pictures, qtbot, tmp_path
):
    panel = TrainPanel(loaded)
    qtbot.addWidget(panel)
    panel.resize(1300, 800)
    panel.show()
    window = SimpleNamespace(gates={"train": SimpleNamespace(panel=None)})
    (scene,) = scenes.TRAINED
    scene.enter(window)
    window.gates["train"].panel = panel
    scene.enter(window)  # without a run there is no matrix
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "run"))
    qtbot.waitUntil(lambda: bool(panel.diagnostics.pages), timeout=20_000)
    page = panel.diagnostics.pages["cross_correlation"]
    qtbot.waitUntil(lambda: page.plot.shown is not None, timeout=20_000)
    scene.enter(window)
    values = page.plot.shown.values
    best = max(
        ((abs(values[i, j]), (i, j)) for i in range(12) for j in range(12) if i != j),
        key=lambda one: one[0],
    )
    assert page.plot.chosen == best[1]
    assert page.images.isVisible()
    qtbot.waitUntil(lambda: page.images.strips[0].strip.visible_rows != [], timeout=20_000)
    scene.leave(window)
    assert not page.images.isVisible()
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)


def test_an_image_from_the_middle_of_the_map_is_pinned(window, monkeypatch):
    pinned = []

    class Anything:
        """Stands in for the panel with a map of three points."""

        def __init__(self):
            self.map = self.layout_shown = self.space = self
            self.points = np.array([[9.0, 9.0], [0.4, 0.0], [-9.0, -8.0]])
            self.index = np.array([70, 80, 90])

        def pin(self, row):
            pinned.append(row)

    scenes.pin_image(window)
    assert pinned == [], "there is no map yet"
    monkeypatch.setattr(scenes, "ExplorePanel", Anything)
    window.gates["explore"].panel = Anything()
    scenes.pin_image(window)
    window.gates["explore"].panel = None
    assert pinned == [80]


def test_every_measurement_has_a_scene(window, opened, qtbot):
    panel = EvaluatePanel(opened)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.assessing is not None, timeout=60_000)
    window.gates["evaluate"] = SimpleNamespace(panel=panel)
    found = scenes.measurements(window)
    first, *others = registry()
    assert [one.state.replace(" ", "_") for one in found] == [*others, "studies"]
    found[0].enter(window)
    assert panel.list.key == others[0]
    found[0].leave(window)
    assert panel.list.key == first
    found[-1].enter(window)
    assert panel.tabs.page == "studies"
    found[-1].leave(window)
    assert panel.tabs.page == "measurements"


def test_runs_are_compared_and_an_encoder_is_offered(window, loaded, pictures, qtbot, tmp_path):
    path = trained.run(pictures, loaded.settings.runs_folder / "one")
    trained.run(pictures, loaded.settings.runs_folder / "two")
    panel = RunsPanel(loaded)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: len(panel.shelf.summaries) == 2, timeout=20_000)
    recipes, maps, export = scenes.COMPARED
    for scene in scenes.COMPARED:
        scene.enter(window)  # there is no such place yet: nothing happens
    window.gates["runs"] = SimpleNamespace(panel=panel)
    for scene in (recipes, maps):
        scene.enter(window)
        assert panel.pages.page == scene.state
        assert len(panel.shelf.chosen) == 2
        scene.leave(window)
        assert panel.pages.page == "curves"
    dialog = export.enter(window)
    assert dialog.isVisible()
    assert dialog.windowTitle() == f"Export the encoder of {path.name}"
    export.leave(window)
    assert not dialog.isVisible()
    panel.hide()
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)
