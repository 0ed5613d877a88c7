import pytest
from PySide6.QtCore import Qt

from app.panels.explore_projection import HELP, ProjectionSettings
from sslcore.evaluation.projection_settings import PcaSettings, TsneSettings, UmapSettings
from tests.app.panels.reachable import unnamed


@pytest.fixture
def row(qtbot):
    made = ProjectionSettings()
    qtbot.addWidget(made)
    made.show_kind("umap")
    made.resize(900, 80)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    for name in ("changed", "compute_asked", "all_asked", "cancel_asked"):
        getattr(made, name).connect(lambda *words, name=name: made.told.append(name))
    return made


def typed(qtbot, spin, keys):
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, keys)
    qtbot.keyClick(spin, Qt.Key.Key_Return)


def test_the_usual_settings_are_those_of_the_core(row):
    assert row.way(2) == UmapSettings()
    assert row.way(3) == UmapSettings(dimensions=3)
    row.show_kind("tsne")
    assert row.way(2) == TsneSettings()
    row.show_kind("pca")
    assert row.way(3) == PcaSettings(3)
    assert not row.isVisible()


@pytest.mark.parametrize("kind", ["umap", "tsne"])
def test_every_setting_goes_into_the_way(row, qtbot, kind):
    row.show_kind(kind)
    own = {"umap": ((row.neighbours, "30"), (row.spread, "0.25")),
           "tsne": ((row.perplexity, "12"), (row.rate, "400"))}[kind]  # fmt: skip
    for spin, keys in (*own, (row.seed, "7")):
        typed(qtbot, spin, keys)
    for combo in (row.distance, row.start):
        combo.setFocus()
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    expected = {
        "umap": UmapSettings(30, 0.25, "euclidean", 7, 3, "pca"),
        "tsne": TsneSettings(12, "euclidean", 400.0, 7, 3, "pca"),
    }
    assert row.way(3) == expected[kind]
    assert row.told == ["changed"] * 5, "one per setting, not one per digit"


def test_only_the_fields_of_the_projection_are_there_and_all_have_names(row):
    for kind, there, gone in (
        ("umap", (row.neighbours, row.spread), (row.perplexity, row.rate)),
        ("tsne", (row.perplexity, row.rate), (row.neighbours, row.spread)),
    ):
        row.show_kind(kind)
        assert all(one.isVisible() and one.toolTip() for one in there)
        assert not any(one.isVisible() for one in gone)
        assert row.stage.full == HELP[kind]
        assert not unnamed(row)
    assert row.compute.accessibleName() == "Compute the t-SNE"


def test_settings_cannot_change_while_they_are_computed(row, qtbot):
    row.compute.setFocus()
    qtbot.keyClick(row.compute, Qt.Key.Key_Space)
    height = row.sizeHint().height()
    row.set_progress(0.42, "placing points")
    assert (row.bar.value(), row.stage.full) == (42, "placing points")
    assert not row.compute.isVisible()
    assert not row.seed.isEnabled()
    assert row.cancel.hasFocus(), "the keyboard stays where it was"
    assert row.sizeHint().height() == height, "the map below does not jump"
    qtbot.keyClick(row.cancel, Qt.Key.Key_Space)
    assert row.told == ["compute_asked", "cancel_asked"]
    row.set_idle()
    assert not row.bar.isVisible()
    assert row.compute.hasFocus()
    assert row.seed.isEnabled()
    assert row.stage.full == HELP["umap"]


def test_why_the_map_does_not_follow_the_timeline_is_said(row):
    row.set_behind((4.0, 0.0))
    said = "This is epoch 4.0, the timeline stands at 0.0: compute that one, or lay out all epochs."
    assert row.stage.full == said
    row.set_progress(0.5, "placing points")
    row.set_behind((4.0, 2.0))
    assert row.stage.full == "placing points", "what is going on is said first"
    row.set_idle()
    assert "stands at 2.0" in row.stage.full
    row.set_behind(None)
    assert row.stage.full == HELP["umap"]


@pytest.mark.parametrize("known_first", [True, False])
def test_a_button_that_is_of_no_use_any_more_lets_the_keyboard_go(row, qtbot, known_first):
    row.show_kind("umap")
    row.compute.setFocus()
    row.set_progress(0.5, "placing points")
    assert row.cancel.hasFocus()
    told = [lambda: row.set_known(True), row.set_idle]
    with qtbot.waitSignal(row.keyboard_left):
        for tell in told if known_first else reversed(told):
            tell()


def test_after_a_cancel_the_keyboard_is_back_at_compute(row, qtbot):
    row.show_kind("umap")
    row.compute.setFocus()
    row.set_progress(0.5, "placing points")
    with qtbot.assertNotEmitted(row.keyboard_left):
        row.set_idle()
    assert row.compute.hasFocus()


def test_a_map_that_is_there_is_not_computed_again(row):
    row.set_known(True)
    assert not row.compute.isEnabled()
    assert row.compute.text() == "Computed"
    row.set_known(False)
    assert row.compute.isEnabled()


def test_all_epochs_are_offered_as_long_as_one_is_missing(row, qtbot):
    assert not row.every.isVisible(), "one evaluation needs no timeline"
    row.set_ahead(0, 1)
    assert not row.every.isVisible()
    row.set_ahead(3, 12)
    assert row.every.isVisible()
    assert row.every.accessibleName() == "Lay out all epochs by UMAP"
    assert "3 of 12 are there" in row.every.toolTip()
    row.every.setFocus()
    qtbot.keyClick(row.every, Qt.Key.Key_Space)
    assert row.told == ["all_asked"]
    row.set_progress(0.1, "4 of 12")
    row.set_ahead(4, 12)
    assert not row.every.isVisible()
    assert row.cancel.hasFocus(), "the keyboard stays where it was"
    row.set_idle()
    assert row.every.isVisible()
    row.set_ahead(12, 12)
    assert (row.every.text(), row.every.isEnabled()) == ("All epochs laid out", False)


@pytest.mark.parametrize("kind", ["umap", "tsne"])
@pytest.mark.parametrize("width", [608, 420, 300])
def test_nothing_is_cut_off_where_it_is_narrow(row, qtbot, kind, width):
    row.show_kind(kind)
    row.set_ahead(0, 12)
    row.resize(width, 200)
    qtbot.wait(20)
    fields = [one for one in (*row._fields, row.compute, row.every) if one.isVisible()]
    assert row.every in fields
    for one in fields:
        assert one.width() >= one.minimumSizeHint().width(), one.accessibleName()
        corner = one.mapTo(row, one.rect().bottomRight())
        assert row.rect().contains(corner), one.accessibleName()
