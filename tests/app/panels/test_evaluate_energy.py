import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.evaluate_energy import Page
from tests.app.panels import trained
from tests.app.panels.measured import changed, measure
from tests.app.panels.reachable import unnamed

SMALL = {"split": "all", "images": 6, "pairs": 24}


@pytest.fixture(scope="module")
def kept(pictures, tmp_path_factory):
    path = trained.run(pictures, tmp_path_factory.mktemp("energy") / "run")
    return path, measure(path, "energy", **SMALL)


@pytest.fixture
def page(loaded, kept, qtbot):
    trained.open_run(qtbot, loaded, kept[0])
    made = Page(loaded)
    qtbot.addWidget(made)
    made.resize(700, 900)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def place_of(page, widget):
    return page.column.indexOf(widget)


def test_words_pairs_and_damage(page, kept):
    found = kept[1]
    page.show_finding(found)
    assert "Energy of this method: " in page.words.text()
    assert found.finding.sentences[0] in page.words.text()
    assert list(page.damage.plots) == [one.key for one in found.finding.damaged.kinds]
    assert place_of(page, page.pairs) < place_of(page, page.damage)  # Barlow Twins compares views
    assert unnamed(page) == []


def test_a_method_that_restores_shows_damage_first(page, kept):
    page.show_finding(changed(kept[1], comparing=False))
    assert place_of(page, page.damage) < place_of(page, page.pairs)
    page.show_finding(kept[1])
    assert place_of(page, page.pairs) < place_of(page, page.damage)


def test_images_can_be_asked_for(page, kept, qtbot):
    page.show_finding(kept[1])
    finding = kept[1].finding
    click(qtbot, page.links["ends"])
    low, high = page.images.sections
    assert low == ("least energy", list(finding.damaged.lowest))
    assert high == ("most energy", list(finding.damaged.highest))
    click(qtbot, page.links["closest"])
    pairs = [row for pair in finding.pairs.shown.closest for row in pair]
    assert page.images.sections[0][1] == pairs
    assert "in pairs" in page.images.words.full
    click(qtbot, page.links["farthest"])
    assert page.images.sections[0][1] == list(finding.pairs.shown.farthest)


def test_without_labels_there_are_no_false_negatives_to_show(page, kept):
    pairs = kept[1].finding.pairs
    shown = pairs.shown.model_copy(update={"false_closest": ()})
    page.show_finding(changed(kept[1], pairs=pairs.model_copy(update={"shown": shown})))
    assert not page.links["false_closest"].isVisible()
    page.show_finding(kept[1])
    assert page.links["false_closest"].isVisible()


def test_the_timeline_moves_the_pairs(page, kept, loaded):
    page.show_finding(kept[1])
    loaded.select_snapshot(0)
    assert page.pairs.moment().words.startswith("Epoch 0.0 (kept features")
    loaded.select_snapshot(None)
    assert page.pairs.moment().words == "The checkpoint that was measured"


def test_a_click_in_the_lines_moves_the_timeline(page, kept, loaded, qtbot):
    page.show_finding(kept[1])
    page.pairs.views.grab()  # painted, so that it knows what lies where
    where = QPoint(page.pairs.views.width() // 2, page.pairs.views.height() - 60)
    qtbot.mouseClick(page.pairs.views, Qt.MouseButton.LeftButton, pos=where)
    steps = [step for step, _ in loaded.record.snapshots]
    assert loaded.snapshot_position in steps
    assert page.pairs.moment().words.startswith("Epoch ")


@pytest.mark.parametrize("size", [(390, 420), (760, 640)])
def test_it_fits_a_small_and_a_large_window(page, kept, size):
    page.resize(*size)
    page.show_finding(kept[1])
    assert page.area.widget().width() <= page.area.viewport().width()
    assert not page.grab().isNull()
