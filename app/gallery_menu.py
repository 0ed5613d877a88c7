"""The context menu of images in a gallery."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QMenu, QWidget

from app.gallery_files import copy_paths, file_of, open_file, show_in_folder
from app.selection import Selection

if TYPE_CHECKING:
    from app.tasks import Tasks
    from sslcore.data.catalogue import Catalogue


def image_menu(
    parent: QWidget,
    catalogue: Catalogue,
    row: int,
    rows: NDArray[np.int64],
    *,
    tasks: Tasks,
    selection: Selection | None,
    show_in_map: Callable[[NDArray[np.int64]], object] | None,
) -> QMenu:
    """What can be done with images. Only what can be done is in it.

    Args:
        parent: the gallery.
        catalogue: whose images.
        row: catalogue row of the current image.
        rows: (K,) rows of all the menu is about, ``row`` among them.
        tasks: for what takes longer.
        selection: the chosen images, where images can be chosen.
        show_in_map: called with rows; None where there is no map.
    """
    menu = QMenu(parent)
    menu.setAccessibleName("What to do with the images")
    path = file_of(catalogue, row)

    def add(words: str, act: Callable[[], object]) -> None:
        menu.addAction(words).triggered.connect(lambda _=False: act())

    several = "" if len(rows) == 1 else f" {len(rows):,} images"
    if show_in_map is not None:
        add(f"Show{several} in map", lambda: show_in_map(rows))
        menu.addSeparator()
    add("Open file\tEnter", lambda: open_file(tasks, path))
    add("Show in folder", lambda: show_in_folder(tasks, path))
    words = "Copy path" if len(rows) == 1 else f"Copy {len(rows):,} paths"
    add(words, lambda: copy_paths(tasks, catalogue, rows.tolist()))
    number = int(catalogue.labels[row])
    if selection is not None and number >= 0:
        alike = np.flatnonzero(catalogue.labels == number)
        menu.addSeparator()
        name = catalogue.classes[number].replace("&", "&&")
        words = f"Select images of class {name} ({len(alike):,})"
        add(words, lambda: selection.choose(alike))
    return menu
