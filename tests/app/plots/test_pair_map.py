import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app import theme
from app.plots import colours
from app.plots.colour_space import contrast
from app.plots.pair_map import MarkSwatch, PairMap, _inks, marks, wants_dark
from sslcore.diagnostics import heatmap

NAMES = ("cat", "dog")
IDS = np.array([3, 0, 5, 2])
LABELS = np.array([0, 0, 0, 1, 0, 1])  # of the rows: dog, cat, dog, cat
FALSE = {(0, 2), (2, 0), (1, 3), (3, 1)}
READABLE = 3.0
"""Contrast that WCAG 2.2 asks of what is no text."""


def shown(values=None, ids=IDS, **options):
    matrix = np.zeros((len(ids), len(ids))) if values is None else values
    return heatmap(matrix, row_ids=ids, column_ids=ids, **options)


@pytest.fixture
def plot(qtbot):
    made = PairMap("Similarity")
    qtbot.addWidget(made)
    made.resize(340, 460)
    made.set_diagnostic(shown())
    made.show()
    return made


def place(plot, row, column):
    rect = plot.matrix_rect()
    rows, columns = plot.shown.shape
    return QPoint(
        int(rect.left() + (column + 0.5) * rect.width() / columns),
        int(rect.top() + (row + 0.5) * rect.height() / rows),
    )


def corners(plot):
    """Colour of the outermost pixel of every cell, at the upper left."""
    image, rect = plot.grab().toImage(), plot.matrix_rect()
    step = rect.height() / plot.shown.shape[0]
    return {
        (row, column): image.pixelColor(
            round(rect.left() + column * step), round(rect.top() + row * step)
        ).name()
        for row in range(plot.shown.shape[0])
        for column in range(plot.shown.shape[1])
    }


@pytest.mark.parametrize("name", theme.NAMES)
def test_false_negatives_and_no_other_cells_are_marked(plot, name):
    theme.current().apply(name)
    before = corners(plot)
    plot.set_classes(LABELS, NAMES)
    after = corners(plot)
    assert {cell for cell in after if after[cell] != before[cell]} == FALSE
    assert {after[cell] for cell in FALSE} == {theme.tokens().text.lower()}
    plot.set_classes(None)
    assert corners(plot) == before


def test_by_class_blocks_are_framed_and_nothing_is_marked(plot, qtbot):
    plot.set_classes(LABELS, NAMES)
    assert plot.can_order
    plot.set_by_class(True)
    assert [one.name for one in plot.blocks.blocks] == ["cat", "dog"]
    order = [1, 3, 0, 2]  # the two cats, then the two dogs, as they came
    assert plot.sides[0].order.tolist() == plot.sides[1].order.tolist() == order
    for row in range(4):
        for column in range(4):
            qtbot.mouseMove(plot, place(plot, row, column))
            assert plot.cell == (order[row], order[column])
    assert "false negative: both cat" in plot.words_at(1, 3)
    assert plot.accessibleDescription().endswith("; ordered by class")
    assert plot.margins()[0] > 0
    assert plot.matrix_rect().left() >= plot.margins()[0]
    plot.set_by_class(False)
    assert plot.sides[0].order.tolist() == [0, 1, 2, 3]
    assert plot.margins() == (0.0, 0.0)
    assert "ordered" not in plot.accessibleDescription()


def test_the_order_by_class_holds_for_other_matrices_and_ends_with_the_classes(plot):
    plot.set_by_class(True)
    assert plot.blocks is None, "nobody knows the classes"
    plot.set_classes(LABELS, NAMES)
    assert plot.blocks is not None
    plot.set_diagnostic(shown(ids=np.array([2, 5, 0, 3, 1])))
    classes = LABELS[plot.shown.row_ids[plot.sides[0].rows]]
    assert (np.diff(classes) >= 0).all()
    plot.set_classes(None)
    assert plot.blocks is None
    assert plot.sides[0].order.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("matrix", "labels"),
    [
        (heatmap(np.zeros((2, 4)), row_ids=np.array([1, 3]), column_ids=IDS), LABELS),
        (heatmap(np.zeros((4, 4)), row_ids=IDS, column_ids=IDS[::-1]), LABELS),
        (shown(), np.zeros(6, np.int64)),
        (heatmap(np.zeros((600, 600)), row_ids=np.arange(600), column_ids=np.arange(600)),
         np.arange(600) % 2),
    ],
)  # fmt: skip
def test_other_sides_one_class_or_blocks_of_means_have_no_order(plot, matrix, labels):
    plot.set_classes(labels, NAMES)
    plot.set_by_class(True)
    plot.set_diagnostic(matrix)
    assert plot.pairs is not None
    assert not plot.can_order
    assert plot.blocks is None
    assert plot.sides[0].order.tolist() == list(range(len(matrix.values)))


def test_marks_follow_an_order(plot):
    plot.set_classes(LABELS, NAMES)
    order = np.array([2, 0, 3, 1])
    plot.set_diagnostic(plot.shown, order)
    ink, places = theme.tokens().text.lower(), np.argsort(order)
    marked = {cell for cell, colour in corners(plot).items() if colour == ink}
    assert marked == {(places[row], places[column]) for row, column in FALSE}


def test_every_mark_has_the_ink_that_its_own_cell_wants(plot):
    values = np.zeros((4, 4))
    values[0, 2] = values[3, 1] = 1.0  # the orange end; dark to pale elsewhere
    order = np.array([2, 0, 3, 1])
    plot.set_diagnostic(shown(values), order)
    plot.set_classes(LABELS, NAMES)
    dark, pale = (f"#{bytes(one).hex()}" for one in _inks())
    places, found = np.argsort(order), corners(plot)
    inks = {cell: found[places[cell[0]], places[cell[1]]] for cell in FALSE}
    assert inks == {(0, 2): dark, (3, 1): dark, (2, 0): pale, (1, 3): pale}


def test_sides_of_different_images_are_marked_as_well(plot):
    matrix = heatmap(np.zeros((2, 4)), row_ids=np.array([1, 3]), column_ids=IDS)
    plot.set_diagnostic(matrix)
    plot.set_classes(LABELS, NAMES)
    every = plot.pairs.false_negatives(np.arange(2), np.arange(4))
    assert np.argwhere(every).tolist() == [[0, 1], [0, 3], [1, 2]]  # (1, 0) is image 3 itself
    before = plot.grab().toImage()
    plot.set_classes(None)
    assert plot.grab().toImage() != before


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize("diverging", [True, False])
def test_a_mark_stands_out_from_every_colour_of_the_map(qapp, name, diverging):
    theme.current().apply(name)
    table = colours.diverging() if diverging else colours.sequential()
    values = np.linspace(-1, 1, len(table))[None].repeat(2, 0)
    values[1, 0] = np.nan
    matrix = heatmap(values, diverging=diverging)
    grounds = np.stack([table, table])
    grounds[1, 0] = colours.missing_colour()
    dark, pale = _inks()
    inks = np.where(wants_dark(matrix)[..., None], dark, pale)
    assert contrast(inks, grounds).min() >= READABLE
    assert contrast(dark, np.zeros(3)) < contrast(pale, np.zeros(3))


def flags(size=3, *cells):
    made = np.zeros((size, size), np.bool_)
    for cell in cells:
        made[cell] = True
    return made


def painted(picture):
    """(H, W) which pixels have any ink."""
    data = np.frombuffer(picture.constBits(), np.uint8)
    return data.reshape(picture.height(), picture.width(), 4)[..., 3] > 0


def test_a_large_cell_is_framed_and_cornered():
    found = painted(marks(flags(3, (1, 2)), flags(), (60, 60), framed=True))
    cell = found[20:40, 40:60]
    assert found.sum() == cell.sum()
    assert cell[0].all()
    assert cell[-1].all()
    assert cell[:, 0].all()
    assert cell[:, -1].all()
    inside = cell[1:-1, 1:-1]
    down, across = np.mgrid[1:19, 1:19]
    assert np.array_equal(inside, down + across < 8)


@pytest.mark.parametrize(("side", "count"), [(8, 6), (4, 3), (3, 1), (2, 1)])
def test_a_small_cell_keeps_most_of_its_colour(side, count):
    found = painted(marks(flags(5, (2, 3)), flags(5), (5 * side, 5 * side), framed=False))
    assert found.sum() == count
    assert found[2 * side, 3 * side]
    assert count / side**2 <= 0.25


def test_cells_that_share_pixels_unevenly_are_all_marked():
    everywhere = np.ones((96, 96), np.bool_)
    found = painted(marks(everywhere, everywhere, (371, 371), framed=False))
    cell = np.arange(371) * 96 // 371
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    assert found[np.ix_(first, first)].all()
    assert found.mean() < 0.25


def test_the_ink_is_the_one_that_is_asked_for(qapp):
    theme.current().apply("light")
    picture = marks(flags(2, (0, 0), (1, 1)), flags(2, (1, 1)), (40, 40), framed=True)
    tokens = theme.tokens()
    assert picture.pixelColor(0, 0).name() == tokens.background.lower()
    assert picture.pixelColor(20, 20).name() == tokens.text.lower()
    assert picture.pixelColor(20, 0).alpha() == 0


def test_the_mouse_reads_off_what_a_pair_is(plot, qtbot):
    plot.set_classes(LABELS, NAMES)
    read = {}
    for cell in ((0, 2), (0, 1), (3, 3)):
        qtbot.mouseMove(plot, place(plot, *cell))
        assert plot.cell == cell
        read[cell] = plot.words_at(*plot.cell)
    assert read == {
        (0, 2): "row 0, column 2: 0, false negative: both dog",
        (0, 1): "row 0, column 1: 0, negative: dog and cat",
        (3, 3): "row 3, column 3: 0, positive: cat",
    }
    plot.set_classes(None)
    assert plot.words_at(0, 2) == "row 0, column 2: 0"


def test_a_matrix_of_anything_else_is_painted_as_ever(plot, qtbot):
    plain = heatmap(np.eye(4))
    plot.set_diagnostic(plain)
    before = plot.grab().toImage()
    with qtbot.assertNotEmitted(plot.pairs_changed):
        plot.set_classes(LABELS, NAMES)
    assert plot.pairs is None
    assert plot.grab().toImage() == before


def test_changes_and_room_for_marks_are_told(plot, qtbot):
    with qtbot.waitSignal(plot.pairs_changed):
        plot.set_classes(LABELS, NAMES)
    assert plot.framed
    assert "4 of 12 negatives are of the same class" in plot.accessibleDescription()
    ids = np.arange(100) % 6
    with qtbot.waitSignal(plot.pairs_changed):
        plot.set_diagnostic(shown(ids=ids))
    assert plot.marks_fit
    assert not plot.framed
    with qtbot.waitSignal(plot.pairs_changed):
        plot.resize(180, 240)
    assert not plot.marks_fit
    plot.grab()
    with qtbot.waitSignal(plot.pairs_changed):
        plot.set_classes(None)
    assert "same class" not in plot.accessibleDescription()


def test_means_of_many_pairs_are_neither_marked_nor_named(qtbot):
    plot = PairMap()
    qtbot.addWidget(plot)
    plot.resize(700, 900)
    ids = np.arange(1024) % 6
    plot.set_diagnostic(shown(np.zeros((1024, 1024)), ids=ids))
    before = plot.grab().toImage()
    plot.set_classes(LABELS, NAMES)
    assert not plot.marks_fit
    assert plot.grab().toImage() == before
    assert plot.words_at(4, 900) == "row 4–5, column 900–901: 0 (mean)"
    per_class = np.bincount(LABELS[ids])
    same = int((per_class**2).sum()) - 1024
    assert plot.pairs.counts.false == same


def test_the_swatch_is_a_marked_cell(qtbot):
    swatch = MarkSwatch()
    qtbot.addWidget(swatch)
    for name in theme.NAMES:
        theme.current().apply(name)
        image = swatch.grab().toImage()
        assert image.pixelColor(0, 0).name() == theme.tokens().text.lower()
        assert image.pixelColor(12, 12).name() == theme.tokens().text.lower()
        assert image.pixelColor(9, 9).name() == theme.tokens().raised.lower()
    swatch.set_framed(False)
    bare = swatch.grab().toImage()
    assert bare.pixelColor(0, 0) == image.pixelColor(0, 0)
    assert bare.pixelColor(12, 12) == image.pixelColor(9, 9)
