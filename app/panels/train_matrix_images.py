"""The images behind a cell of the matrix: largest product of two dimensions, and each alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.card import label
from app.panels.elided import Elided
from app.plots.axis import reading
from app.plots.picture_strip import PictureStrip, Thumbnail
from app.selection import CLICKS, click_mode
from sslcore.evaluation.dimensions import strongest, strongest_pair

if TYPE_CHECKING:
    from app.panels.train_matrix_projections import Projections, ProjectionWatch
    from app.pictures import Pictures
    from app.workspace import Workspace
    from sslcore.evaluation.ranking import Ranking

COUNT = 16
"""Images of a strip at most; how many are seen is a matter of width."""
LINE = 18
"""Height of a line with a button in it."""
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _small(button: QPushButton) -> None:
    """As high as the caption beside it."""
    button.setFont(theme.font(11, bold=True))
    button.setStyleSheet("padding: 0px 4px; min-height: 0px")
    button.setFixedHeight(LINE)


class ImageStrip(QWidget):
    """A name, a button that chooses what is seen, and the pictures."""

    def __init__(self, workspace: Workspace, pictures: Pictures) -> None:
        super().__init__()
        self._workspace = workspace
        self.name = Elided("", "caption")
        self.choose = QPushButton("Choose these")
        self.choose.setProperty("role", "link")
        self.choose.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choose.setToolTip("Make these images the selection, everywhere")
        self.choose.clicked.connect(self._choose)
        self.strip = PictureStrip("", pictures.get, hint=f"Click chooses it, {CLICKS}")
        self.strip.clicked.connect(self._choose_one)
        _small(self.choose)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.name, 1)
        head.addWidget(self.choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.strip)

    def show_ranking(self, name: str, found: Ranking, now: Projections) -> list[int]:
        """Show the first images of a ranking; returns their catalogue rows."""
        catalogue = self._workspace.catalogue
        rows = [int(one) for one in now.index[found.rows]]
        self.name.say(name)
        self.strip.set_title(name)
        self.choose.setAccessibleName(f"Choose the images with the {name}")
        self.strip.show_thumbnails(
            [
                Thumbnail(row, f"{score:.2f}".replace("-", "−"), f"{path}: {reading(score)}")
                for row, score, path in zip(
                    rows,
                    found.scores.tolist(),
                    [f"image {row}" if catalogue is None else catalogue.paths[row] for row in rows],
                    strict=True,
                )
            ]
        )
        return rows

    def _choose_one(self, row: int, keys: Qt.KeyboardModifier) -> None:
        self._workspace.selection.choose([row], click_mode(keys))

    def _choose(self) -> None:
        self._workspace.selection.choose(self.strip.visible_rows)


class CellImages(QWidget):
    """Three strips under the matrix (two on its diagonal).

    Attributes:
        closed: a person has seen enough.

    Args:
        workspace: holds the selection.
        watch: has the projections.
        pictures: where thumbnails come from.
    """

    closed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        watch: ProjectionWatch,
        pictures: Pictures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._watch, self._pictures = workspace, watch, pictures
        self._block: tuple[range, range] | None = None
        self._side = 0
        self._drawn: tuple[object, ...] = ()
        self.close_button = QPushButton("Close")
        self.close_button.setProperty("role", "link")
        self.close_button.setAccessibleName("Close the images of this cell")
        self.close_button.setToolTip("Close (Esc)")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        _small(self.close_button)
        self.close_button.clicked.connect(self.closed)
        self.caption = Elided("", "caption")
        self.problem = label("", "muted", wrap=True)
        self.strips = [ImageStrip(workspace, pictures) for _ in range(3)]
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.caption, 1)
        head.addWidget(self.close_button)
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        stack = QVBoxLayout(inner)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(4)
        stack.addWidget(self.problem)
        for strip in self.strips:
            stack.addWidget(strip)
        stack.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(inner)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._inner = inner
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        watch.changed.connect(self.refresh)
        pictures.arrived.connect(self._draw)
        workspace.selection.changed.connect(self._mark)

    @property
    def wanted(self) -> int:
        """Height at which nothing has to be scrolled."""
        return self._inner.sizeHint().height() + LINE + 2

    def show_cell(self, rows: range, columns: range, side: int) -> None:
        """Show the images behind a cell.

        Args:
            rows: dimensions of the cell, several where it is a mean.
            columns: the same across.
            side: of the matrix; must be that of the projections.
        """
        self._block, self._side = (rows, columns), side
        self.refresh()

    def refresh(self) -> None:
        """Look the images up, if the cell or the projections are others."""
        now, block = self._watch.now, self._block
        if block is None:
            return
        stamp = (now, block, self._side, self._watch.words if now is None else "")
        if stamp == self._drawn:
            return
        self._drawn = stamp
        if now is None or now.z.shape[1] != self._side:
            self._explain(now)
            return
        i, j = strongest_pair(now.z, *block)
        note = now.words
        if max(map(len, block)) > 1:
            note = f"strongest pair {i}, {j} · {note}"
        self.caption.say(note)
        self.problem.hide()
        self._fill(now, i, j)

    def _explain(self, now: Projections | None) -> None:
        """Say why there are no images."""
        words = self._watch.words
        if now is not None:
            words = (
                f"The matrix has {self._side:,} dimensions, the projection {now.z.shape[1]:,}: "
                "they are not of the same layer."
            )
        self.caption.say("Images behind this cell")
        self.problem.setText(words)
        self.problem.show()
        for strip in self.strips:
            strip.hide()

    def _fill(self, now: Projections, i: int, j: int) -> None:
        first, second = (f"z{number}".translate(SUBSCRIPTS) for number in (i, j))
        mean = float((now.z[:, i] * now.z[:, j]).mean())
        product = f"{first}²" if i == j else f"{first} · {second}"
        shown = [(f"largest {product}, mean {reading(mean)}", strongest(now.z, i, j, COUNT))]
        shown.append((f"largest {first}", strongest(now.z, i, None, COUNT)))
        if i != j:
            shown.append((f"largest {second}", strongest(now.z, j, None, COUNT)))
        rows: list[int] = []
        for strip, entry in zip(self.strips, [*shown, None], strict=False):
            strip.setVisible(entry is not None)
            if entry is not None:
                rows += strip.show_ranking(*entry, now)
        self._pictures.ask(rows, "cell")
        self._mark()

    def _draw(self) -> None:
        for strip in self.strips:
            strip.strip.invalidate()

    def _mark(self) -> None:
        chosen = frozenset(self._workspace.selection.rows.tolist())
        for strip in self.strips:
            strip.strip.set_chosen(chosen)
