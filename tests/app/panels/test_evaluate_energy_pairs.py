import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.evaluate_energy_pairs import PairsView, named
from tests.app.panels import trained
from tests.app.panels.measured import measure


@pytest.fixture(scope="module")
def finding(pictures, tmp_path_factory):
    path = trained.run(pictures, tmp_path_factory.mktemp("pairs") / "run")
    whole = measure(path, "energy", split="all", images=4, pairs=24).finding
    # Views were kept of held-out images.
    held_out = measure(path, "energy", split="held-out", images=4, pairs=24).finding
    pairs = whole.pairs.model_copy(update={"past": held_out.pairs.past})
    return whole.model_copy(update={"pairs": pairs})


@pytest.fixture
def view(qtbot, finding):
    made = PairsView()
    qtbot.addWidget(made)
    made.resize(640, 500)
    made.show()
    made.show_finding(finding)
    return made


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_histogram_and_words_of_the_trained_encoder(view, finding):
    own = finding.pairs.now["trained"]
    shown = view.histogram._shown
    assert list(shown.counts) == ["positives", "other class", "same class"]
    assert shown.counts["positives"].sum() == own.positives.count == 24
    assert f"median of positives {own.positives.median:.3f}" in view.words.text()
    assert f"AUROC {own.separation:.2f}" in view.words.text()


def test_bins_that_stay_empty_are_cut_for_all_moments(view, finding):
    everything = [*finding.pairs.now.values(), *(one.pairs for one in finding.pairs.past)]
    last = max(
        np.flatnonzero(one.counts)[-1]
        for pairs in everything
        for one in named(pairs, True).values()
    )
    assert len(view.histogram._shown.edges) == last + 2


def test_the_untrained_encoder_is_a_click_away(view, finding, qtbot):
    click(qtbot, view.before)
    before = finding.pairs.now["untrained"]
    assert view.words.text().startswith("Before the first step")
    assert (
        view.histogram._shown.counts["positives"].tolist()
        == list(before.positives.counts)[: len(view.histogram._shown.edges) - 1]
    )
    click(qtbot, view.now)
    assert view.words.text().startswith("The checkpoint that was measured")


def test_pixels_are_a_click_away_and_the_choice_outlives_a_new_finding_or_falls_back(
    view, finding, qtbot
):
    assert list(view.others) == ["pixels"]
    click(qtbot, view.others["pixels"])
    assert view.words.text().startswith("Pixels, median of positives")
    shown = view.histogram._shown.counts["positives"]
    assert shown.sum() == finding.pairs.now["pixels"].positives.count
    now = {**finding.pairs.now, "resnet18": finding.pairs.now["pixels"]}
    pairs = finding.pairs.model_copy(update={"now": now})
    view.show_finding(finding.model_copy(update={"pairs": pairs}))
    assert [one.text() for one in view.others.values()] == ["Pixels", "resnet18"]
    now = {name: one for name, one in finding.pairs.now.items() if name != "pixels"}
    pairs = finding.pairs.model_copy(update={"now": now})
    view.show_finding(finding.model_copy(update={"pairs": pairs}))
    assert view.others == {}
    assert view.now.isChecked()
    assert view.words.text().startswith("The checkpoint that was measured")


def test_lines_of_both_kinds_of_moments(view, finding):
    assert view.views.names() == ["positives", "other class", "same class"]
    assert view.kept.names() == ["other class", "same class"]
    past = {
        source: [one.pairs for one in finding.pairs.past if one.source == source]
        for source in ("evaluation", "embedding")
    }
    assert len(past["evaluation"]) == len(past["embedding"]) > 2
    for epoch, place in ((0, 0), (99, -1)):
        viewed, kept = past["evaluation"][place], past["embedding"][place]
        assert view.views.values_at(epoch)["positives"] == viewed.positives.median
        assert view.kept.values_at(epoch)["other class"] == kept.other.median


def test_a_moment_of_the_past_is_shown(view, finding):
    first, last = finding.pairs.past[0], finding.pairs.past[-1]
    for one in (last, first):
        view.stand_at(one.step)
        assert view.words.text().startswith(f"Epoch {one.epoch:.1f} (evaluation)")
        assert view.views.read_at == one.epoch
        assert "positives" in view.histogram._shown.counts
    assert not view.grab().isNull()


def test_a_run_of_before_has_checkpoints_and_features_alone(view, finding):
    """Evaluations did not keep their views; the last checkpoint was asked anew."""
    whole = [one for one in finding.pairs.past if one.source == "embedding"]
    last = finding.pairs.past[-1].model_copy(update={"source": "checkpoint"})
    pairs = finding.pairs.model_copy(update={"past": (*whole[:-1], last, whole[-1])})
    view.show_finding(finding.model_copy(update={"pairs": pairs}))
    untrained = finding.pairs.now["untrained"]
    assert view.views.values_at(0)["positives"] == untrained.positives.median
    view.stand_at(last.step)
    assert view.words.text().startswith(f"Epoch {last.epoch:.1f} (checkpoint)")
    view.stand_at(0)
    assert "no positives" in view.words.text()
    assert "positives" not in view.histogram._shown.counts


def test_a_click_asks_for_the_nearest_moment(view, finding, qtbot):
    click(qtbot, view.before)
    with qtbot.waitSignal(view.asked) as told:
        view.kept.position_clicked.emit(finding.pairs.past[-1].epoch - 0.1)
    assert told.args == [finding.pairs.past[-1].step]
    assert view.now.isChecked()


def test_without_labels_and_without_a_past(view, finding):
    def blind(pairs):
        return pairs.model_copy(update={"same": None, "false_separation": None})

    pairs = finding.pairs.model_copy(
        update={
            "labelled": False,
            "now": {name: blind(one) for name, one in finding.pairs.now.items()},
            "past": (),
        }
    )
    view.show_finding(finding.model_copy(update={"pairs": pairs}))
    assert list(view.histogram._shown.counts) == ["positives", "negatives"]
    assert not view.kept.isVisible()
    assert view.views.names() == ["positives", "negatives"]
    view.stand_at(3)
    assert view.words.text().startswith("The checkpoint that was measured")
