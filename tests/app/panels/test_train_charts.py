from dataclasses import replace

import numpy as np
import pytest

from app.panels.train_charts import axis_end, charts, judged_by_labels
from sslcore.events import EmbeddingSaved, Evaluated
from sslcore.runs.record import RunRecord
from tests.app.panels import replayed


def record_of(*events):
    return RunRecord.fold(events)


def test_terms_that_add_up_to_the_loss_share_its_chart():
    record = record_of(replayed.started(), *map(replayed.step, range(1, 10)))
    found = charts(record)
    assert list(found["loss"].lines) == ["total", "invariance", "redundancy"]
    assert list(found["bound"].lines) == ["bound"]
    assert "terms" not in found
    assert list(found["accuracy"].lines) == ["accuracy"]
    assert found["accuracy"].percent


def test_terms_on_another_scale_keep_their_own_chart_where_nothing_adds_up():
    steps = [
        type(one)(**{**vars(one), "terms": {"bound": 3.0, "gap": 9.0}})
        for one in map(replayed.step, range(1, 10))
    ]
    found = charts(record_of(replayed.started(), *steps))
    assert list(found["loss"].lines) == ["total"]
    assert list(found["terms"].lines) == ["gap"]
    assert list(found["bound"].lines) == ["bound"]
    assert "accuracy" not in found


@pytest.mark.parametrize(
    ("ceilings", "references"),
    [
        ({"bound": np.log(255)}, {"ceiling ln 255": np.log(255)}),
        ({"bound": np.log(65537), "gap": 2.0}, {"ceiling ln 65,537": np.log(65537)}),
        ({"bound": 1.23}, {"ceiling ln N": 1.23}),
        ({}, {}),  # of before ceilings were kept
    ],
)
def test_the_bound_is_drawn_under_its_ceiling(ceilings, references):
    begun = replace(replayed.started(), ceilings=ceilings)
    chart = charts(record_of(begun, *map(replayed.step, range(1, 10))))["bound"]
    assert chart.references == pytest.approx(references)
    assert chart.lines["bound"].series.last == pytest.approx(0.9)
    assert (chart.unit, chart.percent, chart.noisy, chart.positive) == ("nats", False, True, False)


def test_there_is_no_chart_of_a_bound_that_is_not_reported():
    steps = [replace(one, terms={"gap": 9.0}) for one in map(replayed.step, range(1, 10))]
    begun = replace(replayed.started(), ceilings={"bound": 5.0})
    assert "bound" not in charts(record_of(begun, *steps))


def test_names_of_terms_are_words():
    steps = [
        type(one)(**{**vars(one), "terms": {"a_to_b": one.loss / 2, "b_to_a": one.loss / 2}})
        for one in map(replayed.step, range(1, 10))
    ]
    found = charts(record_of(replayed.started(), *steps))
    assert list(found["loss"].lines) == ["total", "a to b", "b to a"]


def test_health_is_scaled_so_that_one_is_healthy():
    record = record_of(
        replayed.started(),
        EmbeddingSaved(5, 0.5, "x", 24, 16),
        Evaluated(
            5,
            0.5,
            {"feature_std": 0.2, "rank_me": 4.0, "knn_20": 0.5, "projection_spread": 0.7},
        ),
    )
    lines = charts(record)["health"].lines
    values = {name: one.series.last * one.factor for name, one in lines.items()}
    assert values == pytest.approx({"std": 0.8, "std of z": 0.7, "rank / 16": 0.25})


def test_without_labels_view_retrieval_takes_the_place_of_knn():
    measured = Evaluated(5, 0.5, replayed.metrics(5, labels=False))
    before = record_of(replayed.started(classes=()))
    assert not judged_by_labels(before)
    chart = charts(record_of(replayed.started(classes=()), measured))["knn"]
    assert chart.title == "View retrieval (no labels, so no kNN)"
    assert next(iter(chart.lines.values())).series.last == pytest.approx(0.25)
    few = charts(record_of(replayed.started(), measured))["knn"]
    assert "too few labels" in few.title


def test_the_readout_that_learns_along_is_painted_beside_knn():
    plain = {"knn_20": 0.4}
    events = [
        replayed.started(),
        Evaluated(0, 0.0, {"knn_20": 0.2}, reference=True),
        Evaluated(5, 0.5, plain),
    ]
    alone = charts(record_of(*events))["knn"]
    assert list(alone.lines) == [alone.title]
    chart = charts(record_of(*events, Evaluated(9, 0.9, {**plain, "online_linear": 0.5})))["knn"]
    assert {name: one.series.last for name, one in chart.lines.items()} == {
        "kNN": 0.4,
        "linear": 0.5,
    }
    assert chart.references == {"untrained": 0.2}
    assert "never changes the method" in chart.help
    assert chart.percent


def test_the_axis_shows_a_part_of_the_run_until_a_quarter_is_done():
    ends = [axis_end(done, 1000.0) for done in np.linspace(0, 1000, 400)]
    assert ends[0] == pytest.approx(1000 / 256)
    assert ends == sorted(ends)
    assert axis_end(260, 1000) == 1000
    assert all(end >= done for done, end in zip(np.linspace(0, 1000, 400), ends, strict=True))
