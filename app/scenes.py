"""Scenes for ``--photograph``: the states a window can be in that a person meets, one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from app.closing import ClosingDialog
from app.dialogs import SettingsDialog
from app.panels.evaluate import EvaluatePanel
from app.panels.explore import ExplorePanel
from app.panels.runs import RunsPanel
from app.panels.runs_export import ExportRunDialog, offers
from app.panels.train import TrainPanel
from app.panels.train_matrix import MatrixPage

if TYPE_CHECKING:
    from app.window import Window


@dataclass(frozen=True)
class Scene:
    """A state worth a picture.

    Attributes:
        state: its name in the manifest.
        place: where it is looked at.
        enter: brings the window there; returns what is photographed if it is not the window.
        leave: takes that back.
    """

    state: str
    place: str
    enter: Callable[[Window], QWidget | None]
    leave: Callable[[Window], None]


def _as_it_is(_window: Window) -> None:
    """Nothing to do."""


def _begin_tour(window: Window) -> None:
    window.start_tour()


def _end_tour(window: Window) -> None:
    if window.tour is not None:
        window.tour.end()


def _open_palette(window: Window) -> None:
    window.command_palette.open()


def _close_palette(window: Window) -> None:
    window.command_palette.close_palette()


def _open_settings(window: Window) -> QWidget:
    dialog = SettingsDialog(window.workspace, window)
    dialog.show()
    return dialog


def _close_settings(window: Window) -> None:
    for dialog in window.findChildren(SettingsDialog):
        dialog.close()
        dialog.deleteLater()


def _ask(window: Window) -> QWidget:
    dialog = ClosingDialog(window, isolated=False)
    dialog.show()
    return dialog


def _close_question(window: Window) -> None:
    for dialog in window.findChildren(ClosingDialog):
        dialog.close()
        dialog.deleteLater()


def _fail(window: Window) -> None:
    """Open a folder that is not there: an error as a person meets it."""
    window.workspace.open_folder(window.workspace.settings.runs_folder / "not there")


def _hide_notice(window: Window) -> None:
    window.notice.hide()


def pin_image(window: Window) -> None:
    """In Explore, choose an image from the middle of the map."""
    panel = window.gates["explore"].panel if "explore" in window.gates else None
    if not isinstance(panel, ExplorePanel) or panel.map.layout_shown is None:
        return
    layout = panel.map.layout_shown
    middle = abs(layout.points - layout.points.mean(0)).sum(1).argmin()
    panel.pin(int(layout.space.index[middle]))


def _explore(window: Window) -> ExplorePanel | None:
    panel = window.gates["explore"].panel if "explore" in window.gates else None
    return panel if isinstance(panel, ExplorePanel) else None


def _choose_class(window: Window) -> None:
    """Choose what a lasso around the images of one class would, and show where they have been."""
    panel = _explore(window)
    if panel is None or panel.map.probe is None:
        return
    probe = panel.map.probe
    alike = probe.index[probe.labels == probe.labels[0]]
    window.workspace.selection.choose(alike[:60])
    panel.trails.switch(True)
    panel.column.show_page("chosen")


def _choose_nothing(window: Window) -> None:
    panel = _explore(window)
    window.workspace.selection.clear()
    if panel is not None:
        panel.trails.switch(False)
        panel.column.show_page("near")


def _turn(page: str) -> Callable[[Window], None]:
    """Turn to a page beside the map (or to the gallery)."""

    def turn(window: Window) -> None:
        panel = _explore(window)
        if panel is not None:
            (panel.main if page in ("map", "gallery") else panel.column).show_page(page)
            if page == "find":
                panel.finder.start.click()

    return turn


def evaluate_panel(window: Window) -> EvaluatePanel | None:
    """The panel of the Evaluate place, once it was built."""
    panel = window.gates["evaluate"].panel if "evaluate" in window.gates else None
    return panel if isinstance(panel, EvaluatePanel) else None


def measurements(window: Window) -> tuple[Scene, ...]:
    """Every measurement but the first, which is seen at the place itself; and studies."""
    panel = evaluate_panel(window)
    if panel is None or panel.assessing is None:
        return ()

    def show(key: str) -> Callable[[Window], None]:
        return lambda _window: panel.show_measurement(key)

    first, *others = panel.assessing.measurements
    each = (Scene(key.replace("_", " "), "evaluate", show(key), show(first)) for key in others)

    def turn(page: str) -> Callable[[Window], None]:
        return lambda _window: panel.tabs.show_page(page)

    return (*each, Scene("studies", "evaluate", turn("studies"), turn("measurements")))


def _matrix(window: Window) -> MatrixPage | None:
    """The page of the cross-correlation matrix, where the run has one."""
    panel = window.gates["train"].panel if "train" in window.gates else None
    if not isinstance(panel, TrainPanel):
        return None
    pages = panel.diagnostics.pages.values()
    return next((one for one in pages if isinstance(one, MatrixPage)), None)


def _look_into_cell(window: Window) -> None:
    """Open the cell beside the diagonal whose two dimensions have most in common."""
    page = _matrix(window)
    if page is None or page.plot.shown is None:
        return
    values = np.abs(page.plot.shown.values.astype(np.float64))
    np.fill_diagonal(values, -1.0)
    row, column = divmod(int(values.argmax()), values.shape[1])
    page.look_into(row, column)


def _look_away(window: Window) -> None:
    page = _matrix(window)
    if page is not None:
        page.look_away()


EMPTY = tuple(
    Scene("nothing open", place, _as_it_is, _as_it_is)
    for place in ("data", "views", "train", "explore", "evaluate")
)
"""Before a folder is open."""
FIRST = (
    Scene("first start", "data", _begin_tour, _end_tour),
    Scene("no run yet", "train", _as_it_is, _as_it_is),
    Scene("no run yet", "explore", _as_it_is, _as_it_is),
)
"""With the demo set open, before a run."""
LIVE = (Scene("training", "train", _as_it_is, _as_it_is),)
"""While the short run trains."""
TRAINED = (Scene("images of a cell", "train", _look_into_cell, _look_away),)
"""What can be looked into in Train once a run has checkpoints."""
EXPLORED = (
    Scene("chosen", "explore", _choose_class, _choose_nothing),
    Scene("gallery", "explore", _turn("gallery"), _turn("map")),
    Scene("find", "explore", _turn("find"), _turn("near")),
    Scene("dial", "explore", _turn("dial"), _turn("near")),
    Scene("A to B", "explore", _turn("drift"), _turn("near")),
)
"""What can be looked at in Explore."""


def runs_panel(window: Window) -> RunsPanel | None:
    """The panel of the Runs place, once it was built."""
    panel = window.gates["runs"].panel if "runs" in window.gates else None
    return panel if isinstance(panel, RunsPanel) else None


def _compare(page: str) -> Callable[[Window], None]:
    """Choose all runs there are (as many as have a colour) and turn to a page about them."""

    def turn(window: Window) -> None:
        panel = runs_panel(window)
        if panel is not None:
            panel.shelf.choose([*panel.shelf.summaries])
            panel.pages.show_page(page)

    return turn


def _offer_export(window: Window) -> QWidget | None:
    panel = runs_panel(window)
    if panel is None or panel.facts.path is None:
        return None
    path = panel.facts.path
    choices = offers(path)
    dialog = ExportRunDialog(
        window.workspace, path, choices, f"Export the encoder of {path.name}", window
    )
    dialog.show()
    return dialog


def _close_export(window: Window) -> None:
    for dialog in window.findChildren(ExportRunDialog):
        dialog.close()


COMPARED = (
    Scene("recipes", "runs", _compare("recipes"), _compare("curves")),
    Scene("maps", "runs", _compare("maps"), _compare("curves")),
    Scene("export", "runs", _offer_export, _close_export),
)
"""What can be looked at in Runs, once there are two of them."""
ON_TOP = (
    Scene("palette", "train", _open_palette, _close_palette),
    Scene("settings", "train", _open_settings, _close_settings),
    Scene("closing", "train", _ask, _close_question),
    Scene("error", "data", _fail, _hide_notice),
)
"""What lies over a place."""
