import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.evaluate_clustering import COLUMNS, Page
from tests.app.panels import trained
from tests.app.panels.measured import changed, measure
from tests.app.panels.reachable import unnamed


@pytest.fixture
def run(pictures, tmp_path):
    return trained.run(pictures, tmp_path / "run")


@pytest.fixture
def page(opened, qtbot):
    made = Page(opened)
    qtbot.addWidget(made)
    made.resize(700, 900)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=20_000)


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_scores_table_and_verdicts(page, run):
    found = measure(run, "clustering", split="all")
    page.show_finding(found)
    finding = found.finding
    nmi = finding.encoders["trained"].scores.nmi
    words = page.bars.accessibleDescription()
    assert f"NMI: both together: trained {100 * nmi:.1f} %" in words
    assert page.under.isVisible()
    assert finding.judged.under.sentence.startswith(page.under.head.text())
    table = finding.table()
    cells = page.matrix.accessibleDescription()
    first = table[0, finding.columns[0]]
    assert f"cat and 1: {first if first else '·'}" in cells
    assert "24 images, 24 with a class" in page.silhouettes.text()
    assert unnamed(page) == []


def test_a_cell_opens_its_images(page, run, qtbot):
    found = measure(run, "clustering", split="all").finding
    page.show_finding(measure(run, "clustering", split="all"))
    table = found.table()[:, list(found.columns)]
    row, column = (int(one) for one in np.argwhere(table > 0)[0])
    place = page.matrix.cell_rect(row, column).center().toPoint()
    page.area.ensureWidgetVisible(page.matrix)
    qtbot.mouseClick(page.matrix, Qt.MouseButton.LeftButton, pos=place)
    (section,) = page.images.sections
    expected = [
        image
        for image, truth, number in zip(found.rows, found.truth, found.numbers, strict=True)
        if truth == row and number == found.columns[column]
    ]
    assert section[1] == expected
    assert page.images.isVisible()


def test_a_case_opens_both_sides(page, run, qtbot):
    found = measure(run, "clustering", split="all", clusters=1)
    page.show_finding(found)
    case = found.finding.judged.under.cases[0]
    told = page.under.cases[0]
    assert told.words.text() == case.sentence
    click(qtbot, told.link)
    names = [name for name, _ in page.images.sections]
    assert names == ["cat", "dog"]
    assert [row for _, rows in page.images.sections for row in rows] == list(case.rows)
    assert "In cluster 1 together" in page.images.words.full
    assert page.under.head.text() == "Whether there is under-clustering cannot be told"
    assert page.under.head.property("role") == "muted"  # one cluster follows no class
    assert page.under.remedy.isHidden()
    strong = {"level": "strong", "sentence": "Strong under-clustering: 50 % of the images."}
    judged = found.finding.judged
    under = judged.under.model_copy(update=strong)
    page.show_finding(changed(found, judged=judged.model_copy(update={"under": under})))
    assert page.under.head.text() == "Strong under-clustering"
    assert page.under.head.property("role") == "danger"


def test_a_split_class_opens_its_parts(page, run, qtbot):
    found = measure(run, "clustering", split="all", clusters=1)
    judged = found.finding.judged
    case = judged.under.cases[0]
    cats = [row for row in case.rows if row < 12]
    split = case.model_copy(
        update={
            "classes": (0,),
            "clusters": (0, 1),
            "rows": tuple(cats),
            "sentence": "cat is split",
        }
    )
    over = judged.over.model_copy(update={"level": "some", "cases": (split,)})
    numbers = tuple(int(row in cats[:5]) for row in found.finding.rows)
    encoders = {
        name: one.model_copy(update={"sizes": (19, 5)})
        for name, one in found.finding.encoders.items()
    }
    made = changed(
        found,
        judged=judged.model_copy(update={"over": over}),
        numbers=numbers,
        columns=(1, 0),
        encoders=encoders,
    )
    page.show_finding(made)
    click(qtbot, page.over.cases[0].link)
    assert page.images.sections == (("cluster 2", cats[5:]), ("cluster 1", cats[:5]))
    assert page.over.head.property("role") == "warning"


def test_without_labels_there_are_sizes(page, run):
    found = measure(run, "clustering", split="all")
    blind = {
        name: one.model_copy(update={"scores": None})
        for name, one in found.finding.encoders.items()
    }
    made = changed(found, classes=(), truth=(-1,) * 24, judged=None, encoders=blind, labelled=0)
    page.show_finding(made)
    assert not page.under.isVisible()
    assert not page.bars.isVisible()
    assert "sizes and silhouettes only" in page.note.text()
    assert page.head.text() == "Sizes of the clusters"
    sizes = found.finding.encoders["trained"].sizes
    assert f"all images and 1: {sizes[found.finding.columns[0]]}" in (
        page.matrix.accessibleDescription()
    )


def test_noise_has_a_column_and_a_word(page, run):
    found = measure(run, "clustering", split="all")
    own = found.finding.encoders["trained"]
    made = changed(
        found,
        numbers=(-1, -1, -1, *found.finding.numbers[3:]),
        encoders={"trained": own.model_copy(update={"noise": 3, "without_noise": own.scores})},
    )
    page.show_finding(made)
    assert "3 of 24 images (12 %) are in no cluster" in page.note.text()
    assert f"Without them NMI would be {100 * own.scores.nmi:.1f} %" in page.note.text()
    row = made.finding.truth[0]
    page.matrix.picked.emit(row, len(made.finding.columns))
    assert page.images.words.full.startswith(f"{made.finding.classes[row]}, in no cluster")
    assert made.finding.rows[0] in page.images.sections[0][1]


def test_many_clusters_and_classes_are_put_together(page, run):
    found = measure(run, "clustering", split="all")
    count = 24
    made = changed(
        found,
        classes=tuple(f"class {number}" for number in range(30)),
        truth=tuple(range(6, 30)),
        numbers=tuple(range(count)),
        columns=tuple(range(count)),
        encoders={
            "trained": found.finding.encoders["trained"].model_copy(update={"sizes": (1,) * count})
        },
    )
    page.show_finding(made)
    words = page.matrix.accessibleDescription()
    assert f"{count - COLUMNS + 1} others" in words or len(words) == 1000
    page.matrix.picked.emit(23, COLUMNS - 1)
    assert page.images.sections[0][1] == [made.finding.rows[-1]]


def test_clusters_colour_the_map(page, run, opened, qtbot):
    found = measure(run, "clustering", split="held-out")
    page.show_finding(found)
    with qtbot.waitSignal(opened.groups.asked):
        click(qtbot, page.foot.link)
    finding = found.finding
    numbers, names = opened.groups.colouring(np.asarray(finding.rows))
    order = {column: place for place, column in enumerate(finding.columns)}
    assert numbers.tolist() == [order.get(one, -1) for one in finding.numbers]
    assert names[0] == "cluster 1"
    others = np.setdiff1d(np.arange(24), finding.rows)
    assert set(opened.groups.colouring(others)[0].tolist()) == {-1}


@pytest.mark.parametrize("size", [(390, 420), (760, 640)])
def test_it_fits_a_small_and_a_large_window(page, run, size):
    page.resize(*size)
    page.show_finding(measure(run, "clustering", split="all"))
    assert page.area.widget().width() <= page.area.viewport().width()
    assert not page.grab().isNull()
