"""Settings of UMAP and t-SNE, chosen before they are computed; progress and cancel."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.forms.number import DecimalBox, WholeBox
from app.panels.elided import Elided
from app.panels.explore_flow import Flow
from app.panels.explore_space import Way
from sslcore.evaluation.projection_settings import (
    Computed,
    Metric,
    PcaSettings,
    Start,
    TsneSettings,
    UmapSettings,
)

Kind = Literal["pca", "umap", "tsne"]
KINDS: tuple[tuple[Kind, str, str], ...] = (
    (
        "pca",
        PcaSettings.name,
        "PCA: the directions of largest spread, at once. A straight view: what is far apart here "
        "is far apart in the features",
    ),
    (
        "umap",
        UmapSettings.name,
        "UMAP: keeps near neighbours together; computed when asked for",
    ),
    (
        "tsne",
        TsneSettings.name,
        "t-SNE: keeps small neighbourhoods together; computed when asked for",
    ),
)
HELP: dict[Kind, str] = {
    "pca": "",
    "umap": "Neighbours stay together. How large clusters are and how far apart means little.",
    "tsne": "Neighbours stay together. How large clusters are and how far apart means nothing.",
}
METRICS: tuple[Metric, ...] = ("cosine", "euclidean")
STARTS: tuple[tuple[Start, str], ...] = (("last", "from last map"), ("pca", "from PCA"))


class ProjectionSettings(QWidget):
    """A row of fields for the chosen projection, and a line that helps or tells the progress.

    Attributes:
        changed: a setting was changed.
        compute_asked, cancel_asked: of the projection.
        all_asked: the projection of every evaluation of the run is wanted.
        keyboard_left: the keyboard has no use for this row any more.
    """

    changed = Signal()
    compute_asked = Signal()
    all_asked = Signal()
    cancel_asked = Signal()
    keyboard_left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: Kind = "pca"
        self._name = ""
        self._behind: tuple[float, float] | None = None
        umap, tsne = UmapSettings(), TsneSettings()
        self.neighbours = _whole(
            "neighbours ", "Neighbours", 2, 200, umap.n_neighbors,
            "Size of a neighbourhood: small shows detail, large the whole",
        )  # fmt: skip
        self.spread = DecimalBox()
        self.spread.setRange(0.0, 1.0)
        self.spread.setSingleStep(0.05)
        self.spread.setValue(umap.min_dist)
        _name(
            self.spread, "Minimum distance",
            "How close points may lie: small packs clusters tightly", "min dist ",
        )  # fmt: skip
        self.perplexity = _whole(
            "perplexity ", "Perplexity", 2, 200, round(tsne.perplexity),
            "How many neighbours a point listens to, about: small shows detail, large the whole",
        )  # fmt: skip
        self.rate = _whole(
            "rate ", "Learning rate, 0 for automatic", 0, 5000, 0,
            "Step of the optimisation; automatic (0) grows with the number of images. Lower it if "
            "the map is a ball, raise it if it is one dense cloud",
        )  # fmt: skip
        self.rate.setSpecialValueText("rate auto")
        self.distance = _combo(
            METRICS, "Metric",
            "When images are alike: cosine asks for the direction of their features, euclidean "
            "for their distance",
        )  # fmt: skip
        self.seed = _whole("seed ", "Seed of the map", 0, 9999, 0, "The same seed, the same map")
        self.start = _combo(
            [words for _, words in STARTS], "Start of the points",
            "Where points set out: from the last map of this run, so that the two can be compared, "
            "or from PCA, so that the map depends on nothing before",
        )  # fmt: skip
        self.compute = QPushButton("Compute")
        self.compute.setProperty("role", "primary")
        self.every = QPushButton("Lay out all epochs")
        self.cancel = QPushButton("Cancel")
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.stage = Elided("", "caption")
        self._own: dict[Kind, tuple[QWidget, ...]] = {
            "pca": (),
            "umap": (self.neighbours, self.spread),
            "tsne": (self.perplexity, self.rate),
        }
        self._shared = (self.distance, self.seed, self.start)
        self._lay_out()
        for spin in (self.neighbours, self.spread, self.perplexity, self.rate, self.seed):
            spin.valueChanged.connect(self.changed)
        for combo in (self.distance, self.start):
            combo.currentIndexChanged.connect(self.changed)
        self.compute.clicked.connect(self._let_go)
        self.every.clicked.connect(self._let_go)
        self.compute.clicked.connect(self.compute_asked)
        self.every.clicked.connect(self.all_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.set_ahead(0, 0)
        self.set_idle()

    def _lay_out(self) -> None:
        self._flow = Flow()
        for widget in (*self._fields, self.compute, self.every, self.cancel):
            self._flow.add(widget)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.stage, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._flow)
        column.addLayout(line)

    @property
    def _fields(self) -> tuple[QWidget, ...]:
        return (*self._own["umap"], *self._own["tsne"], *self._shared)

    def show_kind(self, kind: Kind) -> None:
        """Show the fields of a projection; PCA has none."""
        self._kind = kind
        self._name = next(name for one, name, _ in KINDS if one == kind)
        for one, fields in self._own.items():
            for field in fields:
                field.setVisible(one == kind)
        self._flow.arrange()
        self.compute.setAccessibleName(f"Compute the {self._name}")
        self.every.setAccessibleName(f"Lay out all epochs by {self._name}")
        self.set_ahead(*self._ahead)
        self.cancel.setAccessibleName(f"Cancel the {self._name}")
        self.bar.setAccessibleName(f"Progress of the {self._name}")
        self.setVisible(kind != "pca")
        if self.bar.isHidden():
            self._explain()

    def way(self, dimensions: int) -> Way:
        """What is chosen, with so many dimensions."""
        return PcaSettings(dimensions) if self._kind == "pca" else self._computed(dimensions)

    def _computed(self, dimensions: int) -> Computed:
        metric, seed = METRICS[self.distance.currentIndex()], self.seed.value()
        start = STARTS[self.start.currentIndex()][0]
        if self._kind == "umap":
            spread = round(self.spread.value(), 2)
            size = self.neighbours.value()
            return UmapSettings(size, spread, metric, seed, dimensions, start)
        rate = float(self.rate.value()) or None
        return TsneSettings(self.perplexity.value(), metric, rate, seed, dimensions, start)

    def set_known(self, known: bool) -> None:
        """Whether the map of these settings is there already, so that nothing is to compute."""
        held = self.compute.hasFocus()
        self.compute.setEnabled(not known)
        self.compute.setText("Computed" if known else "Compute")
        if held and known:
            self.keyboard_left.emit()

    def set_ahead(self, made: int, total: int) -> None:
        """How many evaluations of the run are laid out, of how many; with one there is no need."""
        self._ahead = (made, total)
        self.every.setEnabled(made < total)
        self.every.setText("Lay out all epochs" if made < total else "All epochs laid out")
        self.every.setToolTip(
            f"{self._name} of every evaluation, first to last, each set out from the one before "
            "and laid onto it: the timeline glides through them, and those of a run that goes on "
            f"follow by themselves. {made} of {total} are there"
        )
        self.every.setVisible(total > 1 and self.cancel.isHidden())
        self._flow.arrange()

    def set_behind(self, epochs: tuple[float, float] | None) -> None:
        """Epochs of the map that is shown and of the timeline, where they are not the same."""
        self._behind = epochs
        if self.bar.isHidden():
            self._explain()

    def _let_go(self) -> None:
        """After a click of the mouse, fields of this row do not keep the keyboard.

        They are switched off while it is computed, and it would be lost.
        """
        if not (self.compute.hasFocus() or self.every.hasFocus()):
            self.keyboard_left.emit()

    def _explain(self) -> None:
        """What the projection is good for, or why it does not follow the timeline."""
        words = HELP[self._kind]
        if self._behind is not None and self._kind != "pca":
            words = (
                "This is epoch {:.1f}, the timeline stands at {:.1f}: compute that one, or lay out "
                "all epochs."
            ).format(*self._behind)
        self.stage.say(words)

    def set_progress(self, part: float, stage: str) -> None:
        """It is being computed."""
        self._switch(computing=True)
        self.bar.setValue(round(part * 100))
        self.stage.say(stage)

    def set_idle(self) -> None:
        """Nothing is being computed."""
        self._switch(computing=False)
        self._explain()

    def _switch(self, *, computing: bool) -> None:
        held = any(one.hasFocus() for one in (self.compute, self.every, self.cancel))
        self.compute.setVisible(not computing)
        self.every.setVisible(not computing and self._ahead[1] > 1)
        self.cancel.setVisible(computing)
        self.bar.setVisible(computing)
        for one in self._fields:
            one.setEnabled(not computing)
        self._flow.arrange()
        if held and (computing or self.compute.isEnabled()):  # the keyboard stays where it was
            (self.cancel if computing else self.compute).setFocus()
        elif held:
            self.keyboard_left.emit()


def _name(spin: QAbstractSpinBox, name: str, hint: str, prefix: str) -> None:
    spin.setKeyboardTracking(False)
    spin.setAccessibleName(name)
    spin.setToolTip(hint)
    if isinstance(spin, WholeBox | DecimalBox):
        spin.setPrefix(prefix)


def _whole(prefix: str, name: str, low: int, high: int, usual: int, hint: str) -> WholeBox:
    made = WholeBox()
    made.setRange(low, high)
    made.setValue(usual)
    _name(made, name, hint, prefix)
    return made


def _combo(words: tuple[str, ...] | list[str], name: str, hint: str) -> QComboBox:
    made = QComboBox()
    made.addItems(list(words))
    made.setAccessibleName(name)
    made.setToolTip(hint)
    return made
