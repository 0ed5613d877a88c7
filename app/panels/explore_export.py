"""Where the chosen images go: files, a table, or a picture of the map."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.card import label, tell
from app.gallery_files import show_in_folder
from app.job_dialog import lay_out, name_button
from app.panels.explore_mapped import Mapped
from app.plots import map_picture
from app.wording import count, sentence

if TYPE_CHECKING:
    from app.tasks import Task, Ticket
    from app.workspace import Workspace

Job = Callable[["Ticket"], str]
"""Does the work on a worker and says what was made."""


@dataclass(frozen=True)
class Form:
    """Something images can be exported as.

    Attributes:
        key: of the form.
        title: what the list says.
        words: what it is good for.
        suffix: of the file; "" for a folder.
    """

    key: str
    title: str
    words: str
    suffix: str = ""


FORMS = (
    Form("csv", "Table: CSV", "For every spreadsheet; several tags have '; ' between.", ".csv"),
    Form("parquet", "Table: Parquet", "Small and typed, for pandas and DuckDB.", ".parquet"),
    Form("json", "Table: JSON", "A list with one object for each image.", ".json"),
    Form("copy", "Files: copies", "A new folder with a copy of every file, under its path."),
    Form("hard link", "Files: hard links", "A new folder that takes no room, on the same disk."),
    Form("symbolic link", "Files: symbolic links", "A new folder of links to where the files lie."),
    Form(
        "png",
        "Picture of the map: PNG",
        "As on the screen, with its legend, twice as sharp.",
        ".png",
    ),
    Form("svg", "Picture of the map: SVG", "Dots, title and legend for print, on white.", ".svg"),
)
TABLES = ("csv", "parquet", "json")
PICTURES = ("png", "svg")


class ExportDialog(QDialog):
    """Form, options, target; then progress, and what was made.

    Args:
        workspace: whose catalogue and tags.
        rows: (K,) catalogue rows.
        mapped: what the map shows, or None: then there are no coordinates, features or pictures.
        pictures: whether only the map is exported, whatever is chosen.
    """

    def __init__(
        self,
        workspace: Workspace,
        rows: NDArray[np.int64],
        mapped: Mapped | None = None,
        parent: QWidget | None = None,
        *,
        pictures: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = "Export the map" if pictures else f"Export {count(len(rows), 'image')}"
        self.setWindowTitle(title)
        self.setMinimumWidth(520)
        self._workspace, self._rows, self._mapped = workspace, rows, mapped
        self._task: Task | None = None
        self._proposed = ""
        self.form = QComboBox()
        self.form.setAccessibleName("Export as")
        for form in FORMS:
            if _drawn(mapped, form.key) if form.key in PICTURES else not pictures:
                self.form.addItem(form.title, form)
        self.about = label("", "muted", wrap=True)
        self.points = QCheckBox("Coordinates on the map")
        self.features = QCheckBox("Features")
        if mapped is not None and mapped.features is not None:
            self.features.setText(f"Features ({mapped.features.shape[1]:,} numbers each)")
        self.points.setChecked(mapped is not None)
        self.target = QLineEdit()
        self.target.setAccessibleName("Where to")
        self.browse = QPushButton("Browse…")
        self.browse.setAccessibleName("Choose where to")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the export")
        self.told = label("", wrap=True)
        self.reveal = QPushButton("Show in folder")
        self.reveal.hide()
        self._made: Path | None = None
        self.start = QPushButton("Export")
        self.start.setProperty("role", "primary")
        self.start.setDefault(True)
        self.close_button = QPushButton("Cancel")
        for button in (self.points, self.features, self.start, self.reveal):
            button.setAccessibleName(button.text())
        name_button(self.close_button, "Cancel")
        self._lay_out(title)
        self.form.currentIndexChanged.connect(self._choose)
        self.target.textChanged.connect(self._check)
        self.browse.clicked.connect(self._browse)
        self.start.clicked.connect(self._start)
        self.reveal.clicked.connect(self._reveal)
        self.close_button.clicked.connect(self.reject)
        self._choose()

    def _lay_out(self, title: str) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label("Export as", "muted"), 0, 0)
        grid.addWidget(self.form, 0, 1, 1, 2)
        grid.addWidget(self.about, 1, 1, 1, 2)
        self._with = label("With", "muted")
        grid.addWidget(self._with, 2, 0, Qt.AlignmentFlag.AlignTop)
        options = QVBoxLayout()
        options.setSpacing(8)
        options.addWidget(self.points)
        options.addWidget(self.features)
        grid.addLayout(options, 2, 1, 1, 2)
        grid.addWidget(label("To", "muted"), 3, 0)
        grid.addWidget(self.target, 3, 1)
        grid.addWidget(self.browse, 3, 2)
        buttons = (self.close_button, self.start)
        lay_out(self, title, grid, self.told, self.bar, buttons, self.reveal)

    @property
    def chosen(self) -> Form:
        """The form that is chosen."""
        return self.form.currentData()

    def reject(self) -> None:
        """Call a running export off, or close."""
        if self._task is not None:
            self._task.cancel()
            self._end("The export was called off; nothing was written.", "")
        else:
            super().reject()

    def done(self, result: int, /) -> None:
        """Nothing goes on behind a closed dialog."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    # What a person chooses ----------------------------------------------------------------------

    def _choose(self) -> None:
        """Another form: its options, and a name that is free."""
        form, mapped = self.chosen, self._mapped
        self.about.setText(form.words)
        table = form.key in TABLES
        for widget, shown in (
            (self.points, table and mapped is not None),
            (self.features, table and mapped is not None and mapped.features is not None),
            (self._with, table and mapped is not None),
        ):
            widget.setVisible(shown)
        if self.target.text() == self._proposed:
            takeout: Any = importlib.import_module("sslcore.data.takeout")
            name = "map" if form.key in PICTURES else "selection"
            self._proposed = str(takeout.free_name(self._folder() / f"{name}{form.suffix}"))
            self.target.setText(self._proposed)
        tell(self.told, "", "")

    def _folder(self) -> Path:
        """Where exports go unless somebody says otherwise: beside the folder of the images.

        From the demo set they go home.
        """
        catalogue, settings = self._workspace.catalogue, self._workspace.settings
        kept = settings.export_folder
        if kept is not None and kept.is_dir():
            return kept
        root = None if catalogue is None else catalogue.root.absolute()
        if root is None or root.is_relative_to(settings.cache_folder.absolute()):
            return Path.home()  # the demo set lies where nobody looks, and where things may go
        return root.parent

    def _check(self) -> None:
        self.start.setEnabled(bool(self.target.text().strip()) and self._task is None)

    def _browse(self) -> None:
        form, start = self.chosen, self.target.text()
        if form.suffix:
            kind = f"{form.suffix[1:].upper()} (*{form.suffix})"
            found, _ = QFileDialog.getSaveFileName(self, "Export to", start, kind)
        else:
            within = QFileDialog.getExistingDirectory(
                self, "Make the new folder in", str(Path(start).parent)
            )
            found = str(Path(within) / Path(start).name) if within else ""
        if found:
            self.target.setText(found)

    # Work ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        form, target = self.chosen, Path(self.target.text().strip()).expanduser()
        if form.suffix and target.suffix.lower() != form.suffix:
            target = target.with_name(target.name + form.suffix)
            self.target.setText(str(target))
        job = self._job(form, target.absolute())
        if job is None:
            return
        tell(self.told, "", "")
        self._task = self._workspace.tasks.start(
            f"Exporting {target.name}",
            job,
            lambda words: self._finish(words, target),
            failed=lambda error: self._end(sentence(error), "danger"),
        )
        self._task.progress.connect(self._progress)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.start.setEnabled(False)
        self.form.setEnabled(False)
        name_button(self.close_button, "Cancel")

    def _job(self, form: Form, target: Path) -> Job | None:
        catalogue, mapped, rows = self._workspace.catalogue, self._mapped, self._rows
        if catalogue is None:
            return None
        if form.key in PICTURES and mapped is not None:
            return _picture(form.key, mapped, target)
        if form.key not in TABLES:

            def take(ticket: Ticket) -> str:
                module: Any = importlib.import_module("sslcore.data.takeout_files")
                made = module.take_files(
                    catalogue, rows, target, form.key,
                    progress=ticket.progress, cancelled=ticket.cancelled,
                )  # fmt: skip
                return f"{count(made, 'file')} in {target}"

            return take
        recipe, tagged = self._workspace.recipe, self._workspace.tagging.tagged
        with_points = mapped is not None and self.points.isChecked()
        with_features = mapped is not None and self.features.isChecked()

        def write(ticket: Ticket) -> str:
            module: Any = importlib.import_module("sslcore.data.takeout_table")
            known = module.Known(
                split=None if recipe is None else recipe.data.split(catalogue),
                tags=tagged.by_row(rows),
                index=np.zeros(0, np.int64) if mapped is None else mapped.index,
                points=mapped.points if mapped is not None and with_points else None,
                projection="" if mapped is None else mapped.projection,
                features=mapped.features if mapped is not None and with_features else None,
            )
            columns = module.table(catalogue, rows, known)
            module.write_table(
                target, columns, progress=ticket.progress, cancelled=ticket.cancelled
            )
            return f"{count(len(rows), 'row')} in {target}"

        return write

    def _progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)

    def _finish(self, words: str, target: Path) -> None:
        self._workspace.settings.export_folder = target.parent
        self._made = target
        self._end(f"Done: {words}", "good")
        self.reveal.show()
        self.close_button.setFocus()

    def _reveal(self) -> None:
        if self._made is not None:
            show_in_folder(self._workspace.tasks, self._made)

    def _end(self, words: str, role: str) -> None:
        self._task = None
        self.bar.hide()
        self.form.setEnabled(True)
        name_button(self.close_button, "Close")
        tell(self.told, words, role)
        self._check()


def _drawn(mapped: Mapped | None, key: str) -> bool:
    """Whether there is what a picture of the map is made of."""
    if mapped is None:
        return False
    return mapped.widget is not None if key == "png" else mapped.colours is not None


def _picture(key: str, mapped: Mapped, target: Path) -> Job:
    """Pictures of widgets are taken at once, here; only writing is for a worker."""
    content = b""
    if key == "png" and mapped.widget is not None:
        content = map_picture.png(mapped.widget, mapped.words)

    def write(_: object) -> str:
        takeout: Any = importlib.import_module("sslcore.data.takeout")
        data = content
        if key == "svg" and mapped.colours is not None:
            data = map_picture.svg(
                mapped.seen, mapped.colours, mapped.legend, mapped.projection,
                numbers=mapped.numbers, emphasis=mapped.emphasis, chosen=mapped.chosen,
            ).encode()  # fmt: skip
        takeout.write_bytes(target, data)
        return str(target)

    return write
