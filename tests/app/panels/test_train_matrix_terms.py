import numpy as np
import pytest

from app.panels.train_matrix_terms import MatrixTerms
from sslcore.diagnostics import heatmap
from sslcore.events import StepDone
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed


@pytest.fixture
def terms(qtbot):
    made = MatrixTerms()
    qtbot.addWidget(made)
    made.resize(380, 40)
    made.show()
    return made


def record(steps, names=("invariance", "redundancy")):
    made = RunRecord.fold([replayed.started()])
    for number in range(1, steps + 1):
        one = replayed.step(number)
        terms = {name: value for name, value in one.terms.items() if name in names}
        made.apply(StepDone(number, one.epoch, one.loss, terms, 0.1, 500.0, 0))
    return made


def test_terms_at_the_timelines_position(terms):
    run = record(40)
    terms.show_record(run, None)
    assert terms.terms["invariance"].value == pytest.approx(60 / 40)
    assert terms.terms["redundancy"].value == pytest.approx(40 / 40)
    terms.show_record(run, 10)
    assert terms.terms["invariance"].value == pytest.approx(60 / 10)
    terms.grab()


def test_a_method_without_these_terms_shows_the_matrix_alone(terms):
    terms.show_record(record(5, names=("bound",)), None)
    assert not terms.terms["invariance"].isVisible()
    matrix = np.full((4, 4), 0.3)
    np.fill_diagonal(matrix, [0.5, 0.7, 0.9, 0.9])
    terms.show_matrix(heatmap(matrix))
    assert terms.diagonal.value == pytest.approx(0.75)
    assert terms.beside.value == pytest.approx(0.3)
    terms.show_matrix(heatmap(np.ones((3, 4))))
    assert terms.diagonal.is_empty()
    terms.grab()


def test_a_line_that_did_not_grow_is_not_painted_again(terms, monkeypatch):
    run = record(5)
    terms.show_record(run, None)
    given = []
    monkeypatch.setattr(terms.terms["invariance"], "show_line", lambda *_: given.append(1))
    terms.show_record(run, None)
    assert given == []
    run.apply(replayed.step(6))
    terms.show_record(run, None)
    assert given == [1]
