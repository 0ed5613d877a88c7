import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.evaluate_energy_damage import DamageView
from tests.app.panels import trained
from tests.app.panels.measured import measure


@pytest.fixture(scope="module")
def found(pictures, tmp_path_factory):
    path = trained.run(pictures, tmp_path_factory.mktemp("damage") / "run")
    return measure(path, "energy", split="all", images=4, pairs=4).finding.damaged


@pytest.fixture
def view(qtbot, found):
    made = DamageView()
    qtbot.addWidget(made)
    made.resize(720, 800)
    made.show()
    made.show_damaged(found)
    return made


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_a_plot_a_kind_of_damage(view, found):
    assert list(view.plots) == [one.key for one in found.kinds]
    for kind in found.kinds:
        plot = view.plots[kind.key]
        assert plot.title == kind.title
        assert plot.places == tuple(f"{value:g}" for value in kind.strengths)
        (band,) = plot.bands
        assert band.middle.tolist() == [one.median for one in kind.spreads]
        assert band.low.tolist() == [one.quantiles[1] for one in kind.spreads]
        assert f"AUROC {kind.auroc[-1]:.2f}" in plot.toolTip()
    assert f"{found.clean.count} held-out images" in view.words.text()


def test_auroc_stands_beside_the_untrained_encoder(view, found, qtbot):
    click(qtbot, view.aurocs)
    kind = found.kinds[0]
    untrained, own = view.plots[kind.key].bands
    assert own.middle.tolist() == list(kind.auroc)
    assert untrained.middle.tolist() == list(kind.untrained)
    assert untrained.series is None
    assert "dotted: the untrained encoder" in view.words.text()
    click(qtbot, view.energies)
    assert len(view.plots[kind.key].bands) == 1


def test_a_click_shows_the_spread_of_a_kind(view, found, qtbot):
    assert view.chosen == found.kinds[0].key
    plot = view.plots["blur"]
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert view.chosen == "blur"
    blur = next(one for one in found.kinds if one.key == "blur")
    shown = view.histogram._shown
    assert list(shown.counts) == ["clean", "2", "8"]
    assert shown.counts["8"].tolist() == list(blur.spreads[-1].counts)
    assert view.histogram.title == "Blur: standard deviation (px)"
    assert f"median clean: {found.clean.median:.4g}" in view.histogram.accessibleDescription()
    view.show_damaged(found)
    assert view.chosen == "blur"  # stays from finding to finding


def test_methods_without_an_untrained_energy_and_with_logarithms(view, found, qtbot):
    kinds = tuple(one.model_copy(update={"untrained": None}) for one in found.kinds)
    made = found.model_copy(update={"kinds": kinds, "logarithmic": True, "side": "image"})
    view.show_damaged(made)
    click(qtbot, view.aurocs)
    assert len(view.plots["blur"].bands) == 1
    assert "All that the method sees" in view.words.text()
    assert view.histogram._shown.axis == "log10 energy"
    assert not view.grab().isNull()
