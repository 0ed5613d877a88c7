import pytest
from PySide6.QtCore import Qt

from app import theme
from app.panels import train_health
from app.panels.train_health import HealthStrip
from sslcore.events import Evaluated, RunStopped, Warned
from sslcore.runs.health import Verdict, verdict
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed


@pytest.fixture
def strip(qtbot):
    made = HealthStrip()
    qtbot.addWidget(made)
    made.resize(700, 60)
    made.show()
    return made


def record_of(*events, labels=True):
    return RunRecord.fold([replayed.started(classes=("cat", "dog") if labels else ()), *events])


def test_it_says_what_the_verdict_says(strip):
    record = record_of(*map(replayed.step, range(1, 30)))
    strip.show_record(record)
    found = verdict(record)
    assert strip.headline.text() == found.headline
    assert strip.text == " ".join(
        one for one in (found.headline, found.detail, found.remedy) if one
    )
    assert found.headline in strip.accessibleName()
    assert strip.accessibleDescription() == strip.text


@pytest.mark.parametrize(
    ("level", "token"),
    [("learning", "good"), ("stuck", "warning"), ("collapsing", "danger"), ("diverging", "danger"),
     ("waiting", "accent"), ("done", "accent")],
)  # fmt: skip
def test_the_edge_and_the_headline_have_the_colour_of_the_level(strip, monkeypatch, level, token):
    monkeypatch.setattr(train_health, "verdict", lambda _: Verdict(level, "Words", "", ""))
    strip.show_record(record_of())
    for name in ("dark", "light"):
        theme.current().apply(name)
        colour = getattr(theme.tokens(), token).lower()
        image = strip.grab().toImage()
        assert image.pixelColor(1, strip.height() // 2).name() == colour
        assert colour in strip.headline.styleSheet().lower()
    assert not strip.detail.isVisible()
    assert not strip.remedy.isVisible()


def test_a_run_that_failed_is_dangerous_whatever_its_curves_say(strip):
    strip.show_record(record_of(RunStopped(3, "failed", "the disk is full", 0.0)))
    assert strip.level == "failed"
    assert strip._colour() == theme.tokens().danger
    assert "the disk is full" in strip.text


def test_the_score_stands_beside_that_of_the_untrained_encoder(strip):
    strip.show_record(record_of())
    assert not strip.figure.isVisible()
    reference = Evaluated(0, 0.0, {"knn_20": 0.5}, reference=True)
    strip.show_record(record_of(reference))
    assert (strip.figure.text(), strip.caption.text()) == (
        "50.0 %",
        "kNN, k = 20, held out · untrained encoder",
    )
    strip.show_record(record_of(reference, Evaluated(5, 0.5, {"knn_20": 0.7351})))
    assert strip.figure.text() == "73.5 %"
    assert strip.caption.text().endswith("untrained 50.0 %")


def test_without_labels_views_are_retrieved(strip):
    measured = Evaluated(5, 0.5, replayed.metrics(5, labels=False))
    strip.show_record(record_of(measured, labels=False))
    assert strip.figure.text() == "25.0 %"
    assert strip.caption.text().startswith("view retrieval")


def test_warnings_are_listed_behind_a_link_the_newest_ones(strip, qtbot):
    strip.show_record(record_of())
    assert not strip.warned.isVisible()
    one = Warned(40, "files_missing", "1 image can no longer be read.", "Grey stands in.")
    strip.show_record(record_of(one))
    assert strip.warned.text() == "1 warning"
    assert not strip.warnings.isVisible()
    low = strip.sizeHint().height()
    qtbot.mouseClick(strip.warned, Qt.MouseButton.LeftButton)
    assert strip.warnings.isVisible()
    assert strip.warnings.text() == "Step 40: 1 image can no longer be read. Grey stands in."
    assert strip.sizeHint().height() > low
    many = [Warned(step, "stuck", f"Number {step}.", "") for step in range(1, 12)]
    strip.show_record(record_of(*many))
    lines = strip.warnings.text().splitlines()
    assert lines[0] == "3 earlier warnings in the run's log."
    assert lines[-1].startswith("Step 11: Number 11.")
    qtbot.mouseClick(strip.warned, Qt.MouseButton.LeftButton)
    assert not strip.warnings.isVisible()
