"""What a person says about the open folder, where it does not speak for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.forms.editors import Combo

if TYPE_CHECKING:
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue
    from sslcore.sections import DataSection

FIELDS = {
    "labels": "Where class names come from; automatic is a CSV column, else the sub-folders. "
    "For evaluation only: training sees none.",
    "groups": "A CSV column whose images of one value stay together when a part is held out, such "
    "as a patient's; automatic is a column 'group'.",
    "kind": "What the folder holds; automatic finds sequences of frames, pairs of image and "
    "target, and captions by itself.",
    "target": "Which folder holds what is to be predicted from each image.",
    "captions": "A CSV column of sentences about the images; automatic is a column 'caption' or "
    "'text', else a text file of the same name beside each image.",
    "channels": "Automatic reads pictures as grey or colour, transparency laid on white. As in the "
    "files keeps every channel: transparency, near infrared, depth, pages of a TIFF file.",
}
"""Fields of :class:`sslcore.data.reading.Reading`, and what each is for."""
CHANNELS = {"auto": "Automatic", "native": "As in the files"}
KINDS = {
    "images": "Single images",
    "sequences": "Sequences",
    "pairs": "Pairs",
    "captions": "Captions",
}


class Answer(Combo):
    """A choice for one field; another one reads the folder again.

    Args:
        workspace: whose folder.
        field: of :data:`FIELDS`.

    Signals:
        refused: the folder stays as it was read.
    """

    refused = Signal()

    def __init__(self, workspace: Workspace, field: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._field = field
        self.setToolTip(FIELDS[field])
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(self._choose)

    def refresh(self, catalogue: Catalogue, data: DataSection) -> bool:
        """Show what is asked for and what else can be; whether there is anything to choose."""
        given: str = getattr(data.reading, self._field)
        choices = choices_of(self._field, catalogue)
        if self._field in ("labels", "groups", "captions"):
            choices.setdefault(given, _column(given))
        else:
            choices.setdefault(given, given)
        with QSignalBlocker(self):
            self.clear()
            for key, words in choices.items():
                self.addItem(words, key)
            self.setCurrentIndex(self.findData(given))
        return self._matters(catalogue, given)

    def _matters(self, catalogue: Catalogue, given: str) -> bool:
        if given != "auto" or self._field in ("labels", "kind", "channels"):
            return True
        if self._field == "groups":
            return bool(catalogue.metadata) or (
                catalogue.groups is not None and catalogue.sequences is None
            )
        if self._field == "captions":
            return catalogue.captions is not None or len(choices_of("captions", catalogue)) > 2
        return catalogue.targets is not None and len(catalogue.targets.folders) > 1

    def _choose(self, index: int) -> None:
        recipe = self._workspace.recipe
        if recipe is None:
            return
        asked = replace(recipe.data.reading, **{self._field: str(self.itemData(index))})
        if asked == recipe.data.reading:
            return
        # A folder that is being read may be another one, or read with another answer.
        busy = any(task.key == "scan" for task in self._workspace.tasks.running())
        task = None if busy else self._workspace.open_folder(recipe.data.folder, asked)
        if task is None:
            self.refused.emit()
        else:
            task.ended.connect(self.refused)  # a folder that is no such thing stays as it was


def choices_of(field: str, catalogue: Catalogue) -> dict[str, str]:
    """Every answer to a field that this folder allows, and how it is called."""
    automatic = {"auto": "Automatic"}
    if field == "kind":
        return {**automatic, **KINDS}
    if field == "channels":
        return dict(CHANNELS)
    if field == "target":
        known = () if catalogue.targets is None else catalogue.targets.folders
        return {**automatic, **{name: f"{name}/" for name in known}}
    columns: Mapping[str, str] = {
        name: _column(name)
        for name, cells in catalogue.metadata.items()
        if field != "captions" or any(isinstance(cell, str) for cell in cells)
    }
    return {**automatic, "none": "None", **columns}


def _column(name: str) -> str:
    return f"Column {name!r}"
