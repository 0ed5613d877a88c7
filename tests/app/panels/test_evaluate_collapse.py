import pytest
from PySide6.QtCore import QPoint, Qt

from app.panels.evaluate_collapse import Page, texts
from tests.app.panels import trained
from tests.app.panels.measured import changed, measure
from tests.app.panels.reachable import unnamed


@pytest.fixture
def run(pictures, tmp_path):
    return trained.run(pictures, tmp_path / "run")


@pytest.fixture
def page(loaded, run, qtbot):
    trained.open_run(qtbot, loaded, run)
    made = Page(loaded)
    qtbot.addWidget(made)
    made.resize(700, 800)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)


def labels(page):
    return [
        page.table._grid.itemAt(place).widget().accessibleName()
        for place in range(page.table._grid.count())
    ]


def test_figures_spectra_and_time(page, run):
    found = measure(run, "collapse", split="all")
    page.show_finding(found)
    own = found.finding.spaces["trained"]
    assert own.sentence.startswith(page.verdict.text())
    assert f"trained, effective rank: {own.figures.effective_rank:.1f} of" in "; ".join(
        labels(page)
    )
    assert page.spectrum.names() == ["trained", "untrained", "projection"]
    first = 10 ** own.figures.logarithms[0]
    assert page.spectrum.values_at(1)["trained"] == pytest.approx(first)
    assert page.ranks.names() == ["effective rank", "participation", "dead"]
    last = found.finding.past[-1]
    assert page.ranks.values_at(99)["effective rank"] == last.figures.effective_rank
    assert unnamed(page) == []


def test_the_timeline_shows_a_spectrum_of_the_past(page, run, loaded, qtbot):
    found = measure(run, "collapse", split="all")
    page.show_finding(found)
    loaded.select_snapshot(found.finding.past[1].step)
    assert page.place == found.finding.past[1]
    assert page.spectrum.names()[-1] == f"epoch {found.finding.past[1].epoch:g}"
    assert page.spreads.read_at == found.finding.past[1].epoch
    loaded.select_snapshot(None)
    assert page.place is None
    assert len(page.spectrum.names()) == 3


def test_a_click_in_time_moves_the_timeline(page, run, loaded, qtbot):
    page.show_finding(measure(run, "collapse", split="all"))
    page.spreads.grab()  # painted, so that it knows what lies where
    middle = QPoint(page.spreads.width() // 2, page.spreads.height() // 2)
    qtbot.mouseClick(page.spreads, Qt.MouseButton.LeftButton, pos=middle)
    assert loaded.snapshot_position is not None
    assert page.place is not None


def test_a_run_without_a_past_says_so(page, run):
    page.show_finding(measure(run, "collapse", split="all", moments=0))
    assert not page.past.isVisible()
    assert "no features of its past" in page.foot.text()


def test_a_collapse_is_red_and_has_a_remedy(page, run):
    found = measure(run, "collapse", split="all")
    own = found.finding.spaces["trained"]
    made = own.model_copy(
        update={
            "sentence": "Collapsed: all images in one point.",
            "remedy": "Lower the learning rate.",
            "figures": own.figures.model_copy(
                update={"state": "collapsed", "logarithms": (-12.0,) * len(own.figures.ranks)}
            ),
        }
    )
    page.show_finding(changed(found, spaces={**found.finding.spaces, "trained": made}))
    assert page.verdict.text() == "Collapsed"
    assert page.verdict.property("role") == "danger"
    assert page.sentence.text() == "All images in one point."
    assert page.remedy.isVisible()
    assert not page.grab().isNull()
    page.show_finding(found)
    assert page.verdict.property("role") != "danger"


def test_figures_are_written_with_what_they_are_of(run):
    one = measure(run, "collapse", split="all").finding.spaces["trained"].figures
    assert texts(one)[0] == f"{one.effective_rank:.1f} of {one.dimensions}"
    assert len(texts(one)) == 5


@pytest.mark.parametrize("size", [(390, 420), (760, 640)])
def test_it_fits_a_small_and_a_large_window(page, run, size):
    page.resize(*size)
    page.show_finding(measure(run, "collapse", split="all"))
    assert page.area.widget().width() <= page.area.viewport().width()
    assert not page.grab().isNull()
