"""Standard sets of the field: fetched once into a folder of images, then opened like any other."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from app.wording import sentence

if TYPE_CHECKING:
    from pathlib import Path

    from app.tasks import Task, Ticket
    from app.workspace import Workspace

REMEDY = "Or open a folder of your own with Ctrl+O."


def standard_sets() -> dict[str, Any]:
    """The sets there are, by key."""
    found: Any = importlib.import_module("sslcore.data.standard_sets")
    return found.SETS


def open_standard_set(workspace: Workspace, key: str) -> Task:
    """Fetch a set unless it is there, and open its folder.

    Args:
        workspace: opens it.
        key: of the set.
    """
    folder = workspace.settings.sets_folder / key
    known = standard_sets()[key]

    def work(ticket: Ticket) -> Path:
        sets: Any = importlib.import_module("sslcore.data.standard_sets")
        downloads = folder.parent / "downloads"
        return sets.make(key, folder, downloads, ticket.progress, ticket.cancelled)

    def open_folder(made: Path) -> None:
        workspace.open_folder(made)

    return workspace.tasks.start(
        f"Fetching {known.title}",
        work,
        open_folder,
        failed=lambda error: workspace.notice.emit("danger", sentence(error), REMEDY),
        key="scan",
    )
