"""What is to be found, and its settings: a choice, one or two fields, and what they mean."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.card import label
from app.forms.number import DecimalBox, WholeBox
from app.panels.explore_search import (
    ALIKE,
    CLASSES,
    DENSE,
    EQUAL,
    FAR,
    FILES,
    LOCAL,
    NEARER,
    Kind,
    Wish,
)

KINDS: tuple[Kind, ...] = (
    "Near-duplicates",
    "Outliers",
    "Mislabelled",
    "Most typical",
    "Most diverse",
)
"""What can be found in the features of any run."""
SENTENCE: Kind = "Matches of a sentence"
"""What can be found where the method reads sentences as well."""
NAMES = 110
"""Width of the fields' names, so that fields stay in line from one search to the next."""
NARROW = 256
"""Width under which names stand above their fields."""
WAYS: dict[Kind, tuple[str, tuple[str, ...]]] = {
    "Near-duplicates": ("What is alike", (ALIKE, FILES)),
    "Outliers": ("Apart from", (FAR, LOCAL)),
    "Mislabelled": ("Votes", (EQUAL, NEARER)),
    "Most typical": ("Typical of", (CLASSES, DENSE)),
    "Most diverse": ("", ()),
    SENTENCE: ("", ()),
}
"""Name of the choice of a way, and the ways."""
HELP: dict[tuple[Kind, str], str] = {
    ("Near-duplicates", ALIKE): (
        "Images whose features point the same way; 1 is the very same direction. Images that are "
        "linked by such pairs make a group. The number is the cosine to the likest of the group."
    ),
    ("Near-duplicates", FILES): "Files with the same content, whatever they are called.",
    ("Outliers", FAR): (
        "Images that are like nothing else on the map. The number is the mean cosine distance to "
        "their 10 nearest."
    ),
    ("Outliers", LOCAL): (
        "Images around which others lie thinner than around their 20 nearest (local outlier "
        "factor): 1 is usual, 2 stands apart."
    ),
    ("Mislabelled", EQUAL): (
        "Images whose nearest ones mostly have another label. The number is how far the votes for "
        "it lead, 1 for all of them."
    ),
    ("Mislabelled", NEARER): (
        "Images whose nearest ones mostly have another label; the nearer, the more a vote counts. "
        "The number is how far the votes for it lead, 1 for all of them."
    ),
    ("Most typical", CLASSES): (
        "Images nearest to the centre of their class. The number is the cosine to it."
    ),
    ("Most typical", DENSE): (
        "Images where others lie densest: the most ordinary ones. The number is the mean cosine "
        "distance to their 10 nearest."
    ),
    ("Most diverse", ""): (
        "A few images that cover all: again and again the one least like those taken already, with "
        "its cosine distance to them. The seed draws the first."
    ),
    (SENTENCE, ""): (
        "Images that lie nearest to the sentence (text-to-image retrieval). The number is the "
        "cosine of their projections."
    ),
}


class WishForm(QWidget):
    """The fields above the button.

    Attributes:
        changed: something else is to be found.
        entered: Return was pressed in the sentence: find it.
    """

    changed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.kind.addItems(list(KINDS))
        self.kind.setAccessibleName("What to find")
        self.sentence = QLineEdit()
        self.sentence.setAccessibleName("Sentence")
        self.sentence.returnPressed.connect(self.entered)
        self.sentence.textChanged.connect(self.changed)
        self.way = QComboBox()
        self.cosine = DecimalBox()
        self.cosine.setRange(0.0, 1.0)
        self.cosine.setDecimals(3)
        self.cosine.setSingleStep(0.005)
        self.cosine.setValue(0.98)
        self.cosine.setAccessibleName("Cosine at least")
        self.neighbours = _spin("Neighbours asked", 1, 200, 10)
        self.images = _spin("Images", 1, 10_000, 50)
        self.seed = _spin("Seed", 0, 9999, 0)
        self.help = label("", "caption", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._way_name: QLabel = label("", "muted")
        self._lines: list[tuple[QLabel, QWidget]] = [(self._way_name, self.way)]
        for field in (self.cosine, self.neighbours, self.images, self.seed):
            self._lines.append((label(field.accessibleName(), "muted"), field))
        self._grid.setColumnMinimumWidth(0, NAMES)
        self._grid.addWidget(self.kind, 0, 0, 1, 2)
        self._grid.addWidget(self.sentence, 1, 0, 1, 2)
        self._narrow: bool | None = None
        self._arrange(narrow=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._grid)
        column.addWidget(self.help)
        self.kind.currentIndexChanged.connect(self._change_kind)
        self.way.currentIndexChanged.connect(self._show)
        for spin in (self.cosine, self.neighbours, self.images, self.seed):
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(self.changed)
        self._change_kind()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names stand above their fields where both do not fit beside each other."""
        super().resizeEvent(event)
        self._arrange(narrow=event.size().width() < NARROW)

    def _arrange(self, *, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._grid.setColumnMinimumWidth(0, 0 if narrow else NAMES)
        for line, (name, field) in enumerate(self._lines, 1):
            self._grid.removeWidget(name)
            self._grid.removeWidget(field)
            if narrow:
                self._grid.addWidget(name, 2 * line, 0, 1, 2)
                self._grid.addWidget(field, 2 * line + 1, 0, 1, 2)
            else:
                self._grid.addWidget(name, 2 * line, 0)
                self._grid.addWidget(field, 2 * line, 1)

    @property
    def wish(self) -> Wish:
        """What is to be found, as it stands in the fields."""
        kind = self._kind
        number = float(self.images.value())
        if kind == "Near-duplicates":
            number = round(self.cosine.value(), 3)
        elif kind == "Mislabelled":
            number = float(self.neighbours.value())
        text = self.sentence.text() if kind == SENTENCE else ""
        return Wish(kind, self.way.currentText(), number, self.seed.value(), text)

    def offer_sentences(self, can: bool, example: str = "") -> None:
        """Offer the search by a sentence, or take it out of the choice.

        Args:
            can: whether the open run reads sentences.
            example: a sentence as the run knows them, or "".
        """
        offered = self.kind.count() > len(KINDS)
        if can and not offered:
            self.kind.addItem(SENTENCE)
        elif offered and not can:
            if self._kind == SENTENCE:
                self.kind.setCurrentIndex(0)
            self.kind.removeItem(len(KINDS))
        self.sentence.setPlaceholderText(f"Such as: {example}" if example else "A sentence")

    @property
    def _kind(self) -> Kind:
        return (*KINDS, SENTENCE)[self.kind.currentIndex()]

    def _change_kind(self) -> None:
        name, ways = WAYS[self._kind]
        self._way_name.setText(name)
        self.way.setAccessibleName(name or "Way")
        self.way.blockSignals(True)
        self.way.clear()
        self.way.addItems(list(ways))
        self.way.blockSignals(False)
        self._show()

    def _show(self) -> None:
        """Show the fields that count, and say what they mean."""
        wish = self.wish
        fields: dict[QWidget, bool] = {
            self.way: bool(wish.way),
            self.cosine: wish.way == ALIKE,
            self.neighbours: wish.kind == "Mislabelled",
            self.images: wish.kind in ("Outliers", "Most typical", "Most diverse", SENTENCE),
            self.seed: wish.kind == "Most diverse",
        }
        for name, field in self._lines:
            name.setVisible(fields[field])
            field.setVisible(fields[field])
        self.sentence.setVisible(wish.kind == SENTENCE)
        self.help.setText(HELP[wish.kind, wish.way])
        self.changed.emit()


def _spin(name: str, low: int, high: int, value: int) -> WholeBox:
    made = WholeBox()
    made.setRange(low, high)
    made.setValue(value)
    made.setAccessibleName(name)
    return made
