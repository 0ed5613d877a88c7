"""Every event becomes one line and comes back as it was."""

import json
import math

import numpy as np
import pytest

from sslcore.diagnostics import DiagnosticSpec, heatmap
from sslcore.events import (
    EVENTS,
    CheckpointSaved,
    EmbeddingSaved,
    Evaluated,
    Paused,
    Preparing,
    Resumed,
    RunEvent,
    RunStarted,
    RunStopped,
    Snapshot,
    StepDone,
    Warned,
    from_line,
    packed,
    to_line,
    unpacked,
)

MATRIX = {"matrix": heatmap(np.eye(3))}
EXAMPLES: tuple[RunEvent, ...] = (
    RunStarted(
        "simclr", "SimCLR", 100, 10, 10, 0, 80, 20, ("Käse", "dog"), "cuda:0", "bf16",
        (DiagnosticSpec("matrix", "heatmap", "Similarity", "Which see alike."),),
        {"chance": math.log(15)}, {"python": "3.11"}, 1.5, {"bound": math.log(15)},
    ),
    Preparing("Decoding", 3, 9),
    StepDone(4, 0.4, 1.25, {"invariance": 1.0, "redundancy": 0.25}, 0.1, 812.5, 10**10, True),
    Snapshot(4, 0.4, MATRIX),
    Evaluated(4, 0.4, {"knn_20": 0.5}, reference=True),
    CheckpointSaved(4, 0.4, "checkpoints/step_00000004"),
    EmbeddingSaved(4, 0.4, "embeddings/step_00000004.npz", 100, 64),
    Warned(4, "slow_disk", "The disk is slow.\nVery slow.", "Use another."),
    Paused(5),
    Resumed(5),
    RunStopped(5, "failed", "out of memory", 2.5),
)  # fmt: skip


def test_there_is_an_example_of_every_event() -> None:
    assert {type(one).__name__ for one in EXAMPLES} == set(EVENTS)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda one: type(one).__name__)
def test_an_event_comes_back_from_its_line(event: RunEvent) -> None:
    line = to_line(event)
    assert "\n" not in line
    assert from_line(line, MATRIX) == event


def test_numbers_that_are_none_survive() -> None:
    event = StepDone(1, 0.1, math.nan, {"term": math.inf}, 0.1, 0.0, 0)
    found = from_line(to_line(event))
    assert isinstance(found, StepDone)
    assert math.isnan(found.loss)
    assert found.terms["term"] == math.inf


def test_arrays_stay_out_of_the_line_and_a_place_for_them_goes_in() -> None:
    line = to_line(Snapshot(4, 0.4, MATRIX), {"file": "snapshots/4.npz"})
    assert json.loads(line) == {
        "event": "Snapshot", "step": 4, "epoch": 0.4, "file": "snapshots/4.npz",
    }  # fmt: skip
    assert from_line(line) == Snapshot(4, 0.4, {})


def test_a_run_of_before_ceilings_were_kept_has_none() -> None:
    values = json.loads(to_line(EXAMPLES[0]))
    assert values.pop("ceilings") == {"bound": math.log(15)}
    found = from_line(json.dumps(values))
    assert isinstance(found, RunStarted)
    assert found.ceilings == {}
    assert found.constants == {"chance": math.log(15)}


def test_a_line_of_a_newer_version_is_read_without_what_is_new() -> None:
    values = {**json.loads(to_line(Paused(5))), "mood": "calm"}
    assert from_line(json.dumps(values)) == Paused(5)


@pytest.mark.parametrize(
    "line",
    ["", "{", '{"event": "Nonsense"}', '{"step": 5}', '{"event": "Paused"}', "[1]", "5",
     '{"event": "RunStarted", "step": 1}'],
)  # fmt: skip
def test_a_line_cut_short_is_no_event(line: str) -> None:
    with pytest.raises(ValueError, match="not an event"):
        from_line(line)


def test_half_a_line_is_never_taken_for_a_whole_one() -> None:
    line = to_line(EXAMPLES[2])
    for length in range(len(line)):
        with pytest.raises(ValueError, match="not an event"):
            from_line(line[:length])


def test_packed_texts_come_back_whatever_is_in_them() -> None:
    texts = ("a/0.png", "", "Ünï\ncode/馬.png", "bad\udcff.png")
    assert unpacked(packed(texts)) == texts
    assert packed(texts).dtype == np.uint8
    assert unpacked(packed(())) == ()
