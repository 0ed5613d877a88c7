"""A mask carried on a worker: by which checkpoint, to which frames, and what is told."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from app.panels.explore_carried import carried, carries_masks, shown_frame
from app.panels.explore_probe import Probe
from app.tasks import Ticket
from sslcore.assessment.carrying import carry, open_carrier
from sslcore.data.pool import Cancelled
from tests.app.panels import sequenced, trained

MASK = np.zeros((16, 16), bool)
MASK[2:9, 3:12] = True


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.getbasetemp() / "sequenced"


@pytest.fixture
def run(loaded, place, qtbot, tmp_path):
    """A workspace with a run of video colourisation open; checkpoints at 2 and 4."""
    trained.open_run(qtbot, loaded, sequenced.run(place, tmp_path / "run"))
    return loaded


def frames(run):
    sequences = run.catalogue.sequences
    rows = sequences.rows[sequences.starts[1] : sequences.starts[2]][:5]
    return [run.catalogue.path(int(row)) for row in rows]


def work(run, step, mask=MASK, ticket=None):
    checkpoints = list(run.record.checkpoints)
    ticket = ticket or Ticket(lambda: None)
    return carried(run.directory.path, checkpoints, step, frames(run), mask, ticket)


def test_it_is_what_the_library_carries_by_the_checkpoint_of_the_step(run):
    assert [one.step for one in run.record.checkpoints] == [2, 4]
    for step, name in ((2, "step_00000002"), (4, "step_00000004"), (3, "step_00000004")):
        found = work(run, step)
        assert found.step == (2 if step == 2 else 4)
        carrier = open_carrier(run.directory, name)
        expected = list(carry(carrier, frames(run), MASK.astype(np.int64)))
        assert np.array_equal(found.masks, [labels == 1 for _, labels in expected])
        assert np.array_equal(found.frames, [np.asarray(picture) for picture, _ in expected])
    assert np.array_equal(found.masks[0], MASK)


def test_a_checkpoint_that_was_removed_gives_way_to_the_newest(run):
    shutil.rmtree(run.directory.path / "checkpoints" / "step_00000002")
    assert work(run, 2).step == 4
    run.record.checkpoints.clear()
    with pytest.raises(ValueError, match="no checkpoint yet, so nothing can carry a mask"):
        work(run, 2)


def test_it_stops_when_asked_to(run):
    ticket = Ticket(lambda: None)
    ticket.cancel()
    with pytest.raises(Cancelled):
        work(run, 4, ticket=ticket)


def test_only_runs_that_learned_to_copy_carry_masks(run):
    rows = np.arange(5)
    recipe = run.directory.recipe()
    assert carries_masks(run.core, Probe(rows, run.catalogue, recipe))
    other = recipe.with_set({"method.key": "frame_prediction"})
    assert not carries_masks(run.core, Probe(rows, run.catalogue, other))
    for channels in (1, 4):
        assert not carries_masks(
            run.core, Probe(rows, replace(run.catalogue, channels=channels), recipe)
        )
    assert not carries_masks(run.core, Probe(rows, None, recipe))
    assert not carries_masks(run.core, Probe(rows, run.catalogue, None))
    assert not carries_masks(None, Probe(rows, run.catalogue, recipe))
    assert not carries_masks(run.core, None)


def test_a_frame_is_shown_whole_and_small(tmp_path):
    from PIL import Image

    Image.new("RGB", (800, 200), (9, 8, 7)).save(tmp_path / "wide.png")
    shown = shown_frame(tmp_path / "wide.png")
    assert shown.shape == (96, 384, 3)
    assert shown[5, 5].tolist() == [9, 8, 7]
