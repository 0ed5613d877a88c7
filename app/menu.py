"""The commands of the window: what they are called, which keys run them, when they can be run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtWidgets import QFileDialog, QWidget

from app.commands import Command, Commands
from app.dialogs import HelpDialog, SettingsDialog
from app.few_labels import FewLabelDialog
from app.palette import Palette
from app.rail import Place
from app.recipe_history import RecipeHistory
from app.run_bar import RunBar
from app.selection import Deed
from app.tagging import Tagging
from app.timeline import Timeline
from app.top_bar import TopBar
from app.workspace import Workspace
from sslcore.data.tags import EXCLUDED

RECIPE_PLACES = ("data", "method", "views")
"""Where Undo takes back changes of the recipe; elsewhere, those of tags."""
EXCLUDE = "Exclude the chosen images from training"


class Frame(Protocol):
    """What commands need of the window they act in."""

    workspace: Workspace
    commands: Commands
    places: list[Place]
    timeline: Timeline
    run_bar: RunBar
    top_bar: TopBar
    command_palette: Palette

    @property
    def place(self) -> str:
        """Key of the place that is shown."""
        ...

    def go(self, key: str) -> None:
        """Show a place."""
        ...

    def open_path(self, path: Path) -> None:
        """Open a run directory or a folder of images."""
        ...

    def toggle_theme(self) -> None:
        """Dark to light, or back."""
        ...

    def escape(self) -> None:
        """Close what lies on top, else cancel running jobs."""
        ...

    def start_tour(self) -> None:
        """Point at folder, views and Start."""
        ...


def add_commands(window: Frame, parent: QWidget) -> None:
    """Enter every command that is there from the start.

    Args:
        window: what the commands act in.
        parent: the same window, as the owner of dialogs.
    """
    workspace, settings = window.workspace, window.workspace.settings
    tagging = workspace.tagging

    def open_folder() -> None:
        start = str(Path(settings.last_folder).parent) if settings.last_folder else ""
        chosen = QFileDialog.getExistingDirectory(parent, "Open a folder of images", start)
        if chosen:
            window.open_path(Path(chosen))

    def open_run() -> None:
        chosen = QFileDialog.getExistingDirectory(
            parent, "Open a run directory", settings.runs_start
        )
        if chosen:
            workspace.open_run(chosen)

    def pause() -> None:
        (workspace.resume if workspace.pausing else workspace.pause)()
        window.run_bar.refresh()

    def idle() -> bool:
        return workspace.core_loaded and not workspace.running

    def can_leave() -> bool:
        return idle() or workspace.isolated

    def snapshots() -> bool:
        return workspace.record is not None and len(workspace.record.moments) > 1

    def stop() -> None:
        workspace.stop()
        window.run_bar.refresh()

    def undoing() -> RecipeHistory | Tagging:
        history = workspace.history
        at_recipe = window.place in RECIPE_PLACES and (history.can_undo or history.can_redo)
        return history if at_recipe else tagging

    commands = [
        Command("folder.open", "Open a folder of images", open_folder, "File", "Ctrl+O", idle),
        Command("run.open", "Open a run", open_run, "File", "Ctrl+Shift+O", can_leave),
        Command("demo.open", "Open the demo set", workspace.open_demo, "File", "", idle),
        *_exports(window),
        Command(
            "settings",
            "Settings",
            lambda: SettingsDialog(workspace, parent).exec(),
            "File",
            "Ctrl+,",
        ),
        Command("quit", "Quit", parent.close, "File", "Ctrl+Q"),
        Command(
            "edit.undo",
            "Undo",
            lambda: undoing().undo(),
            "Edit",
            "Ctrl+Z",
            lambda: undoing().can_undo,
            says=lambda: undoing().undo_words,
        ),
        Command(
            "edit.redo",
            "Redo",
            lambda: undoing().redo(),
            "Edit",
            "Ctrl+Shift+Z",
            lambda: undoing().can_redo,
            says=lambda: undoing().redo_words,
        ),
        *_tags(window),
        Command(
            "tags.few_labels",
            "Choose the few-label set",
            lambda: FewLabelDialog(workspace, parent).open(),
            "Edit",
            "",
            lambda: not tagging.obstacle and any(one != EXCLUDED for one in tagging.tagged.names),
        ),
        Command(
            "run.start",
            "Start training",
            workspace.start,
            "Run",
            "Ctrl+R",
            lambda: workspace.can_start,
        ),
        Command(
            "run.pause",
            "Pause or resume training",
            pause,
            "Run",
            "Ctrl+P",
            lambda: workspace.running and not workspace.stopping,
        ),
        Command(
            "run.stop",
            "Stop training and save",
            stop,
            "Run",
            "Ctrl+.",
            lambda: workspace.running and not workspace.stopping,
        ),
        Command(
            "run.continue",
            "Continue the open run",
            workspace.continue_run,
            "Run",
            "",
            lambda: workspace.can_continue,
        ),
        Command(
            "timeline.play",
            "Play the timeline",
            window.timeline.toggle,
            "View",
            "Space",
            snapshots,
            bound=False,
        ),
        Command(
            "timeline.live",
            "Follow the latest snapshot",
            lambda: workspace.select_snapshot(None),
            "View",
            "Ctrl+End",
            snapshots,
        ),
        Command(
            "timeline.mark_a",
            "Mark this snapshot as A",
            lambda: window.timeline.mark("a"),
            "View",
            "[",
            snapshots,
        ),
        Command(
            "timeline.mark_b",
            "Mark this snapshot as B",
            lambda: window.timeline.mark("b"),
            "View",
            "]",
            snapshots,
        ),
        Command(
            "theme.toggle", "Switch between light and dark", window.toggle_theme, "View", "Ctrl+T"
        ),
        Command(
            "palette", "Search commands", lambda: window.command_palette.open(), "View", "Ctrl+K"
        ),
        Command("tasks.cancel", "Cancel running jobs", window.escape, "View", "Esc"),
        Command(
            "help",
            "Help and shortcuts",
            lambda: HelpDialog(window.commands, parent).exec(),
            "Help",
            "F1",
        ),
        Command("tour", "Take the tour", window.start_tour, "Help"),
        Command("menu", "Menu of all commands", lambda: window.top_bar.open_menu(), "Help", "F10"),
    ]
    for command in commands:
        window.commands.add(command)
    selection = workspace.selection
    for signal in (selection.changed, selection.drawn_changed, tagging.changed):
        signal.connect(window.commands.refresh)
    for number, place in enumerate(window.places, start=1):
        window.commands.add(
            Command(
                f"place.{place.key}",
                f"Go to {place.title}",
                partial(window.go, place.key),
                "Go to",
                f"Ctrl+{number}",
            )
        )


def _ask(window: Frame, deed: Deed) -> None:
    """Have Explore do something with the chosen images, or with the map."""
    window.go("explore")
    window.workspace.selection.asked.emit(deed)


def _exports(window: Frame) -> list[Command]:
    workspace, selection = window.workspace, window.workspace.selection
    return [
        Command(
            "chosen.export",
            "Export the chosen images",
            partial(_ask, window, "export"),
            "File",
            "",
            lambda: workspace.catalogue is not None and len(selection) > 0,
        ),
        Command(
            "map.export",
            "Export the map as a picture",
            partial(_ask, window, "picture"),
            "File",
            "",
            lambda: selection.drawn,
        ),
    ]


def _tags(window: Frame) -> list[Command]:
    selection, tagging = window.workspace.selection, window.workspace.tagging

    def possible() -> bool:
        return len(selection) > 0 and not tagging.obstacle

    def excluding() -> str:
        excluded = tagging.tagged.of_tag(EXCLUDED)
        some = 0 < len(selection) <= len(excluded)
        if some and np.isin(selection.rows, excluded).all():
            return "Include the chosen images in training"
        return EXCLUDE

    return [
        Command(
            "chosen.tag",
            "Tag the chosen images",
            partial(_ask, window, "tag"),
            "Edit",
            "",
            possible,
        ),
        Command(
            "chosen.exclude",
            EXCLUDE,
            partial(_ask, window, "exclude"),
            "Edit",
            "",
            possible,
            says=excluding,
        ),
    ]


def add_method_commands(window: Frame) -> None:
    """One command per method, once the methods are loaded: for the palette only."""
    workspace = window.workspace
    if workspace.core is None:
        return
    for key, method in workspace.core.method.registry().items():
        window.commands.add(
            Command(
                f"method.{key}",
                f"Method: {method.card.title}",
                partial(workspace.set_method, key),
                "",
                "",
                lambda: not workspace.running,
            )
        )
