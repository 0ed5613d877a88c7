import json

import numpy as np
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection_child import ProjectionError
from sslcore.evaluation.projection_job import LayOut, Place, told
from sslcore.evaluation.projection_settings import TsneSettings, UmapSettings

H = np.random.default_rng(0).normal(size=(9, 4))
FAITH = Faithfulness(0.9, 0.8, 4, 9)


def test_a_job_goes_from_new_to_done_and_never_back():
    job, dropped = LayOut(H, TsneSettings()), []
    job.take_up(lambda: dropped.append(True))
    assert job.poll().stage == "waiting to start t-SNE"
    job.tell(0.5, "half")
    job.tell(0.2, "still half")
    assert (job.poll().fraction, job.poll().stage) == (0.5, "still half")
    with pytest.raises(TimeoutError, match="not ready after 0 s: still half"):
        job.result(0)
    made = Projection(H[:, :2].astype(np.float32), "tsne", "", FAITH)
    assert job.finish("done", answer=made)
    assert not job.finish("failed", error=ProjectionError("too late"))
    job.cancel()
    assert job.result(0) is made
    assert (job.poll().state, job.poll().fraction, dropped) == ("done", 1.0, [])


def test_cancelling_is_told_to_whoever_has_it():
    job, dropped = LayOut(H, UmapSettings()), []
    job.take_up(lambda: dropped.append(True))
    job.cancel()
    job.cancel()
    assert dropped == [True]
    with pytest.raises(Cancelled):
        job.result(0)


def test_what_the_child_is_told_and_what_it_answers():
    start = np.zeros((9, 3))
    job = LayOut(H, UmapSettings(dimensions=3), start)
    assert {name: one.dtype for name, one in job.inputs().items()} == {
        "features": np.float32, "initial": np.float32,
    }  # fmt: skip
    assert json.loads(json.dumps(job.order()))["settings"]["kind"] == "umap"
    made = Projection(H[:, :3].astype(np.float32), "umap", "a note", FAITH, 2.5)
    read = job.read({"points": made.layout}, json.loads(json.dumps(told(made))))
    assert (read.kind, read.note, read.faith, read.scale) == ("umap", "a note", FAITH, 2.5)
    assert read.layout is made.layout
    place = Place(H, H[:, :2], H[:3] + 1, UmapSettings(), 2.5)
    assert set(place.inputs()) == {"features", "layout", "queries"}
    assert place.order()["scale"] == 2.5
    assert place.read({"points": made.layout}, {}) is made.layout


@pytest.mark.parametrize("features", [np.ones(3), np.ones((0, 3)), np.full((5, 2), np.inf)])
def test_features_that_cannot_be_laid_out_are_refused(features):
    with pytest.raises(ValueError, match="features"):
        LayOut(features, UmapSettings())


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        (np.zeros((3, 2)), r"initial must be \(9, 2\), got \(3, 2\)"),
        (np.zeros((9, 3)), r"initial must be \(9, 2\), got \(9, 3\)"),
        (np.full((9, 2), np.nan), "initial holds NaN"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(initial, message):
    with pytest.raises(ValueError, match=message):
        LayOut(H, UmapSettings(), initial)


def test_new_points_must_be_of_the_same_encoder():
    with pytest.raises(ValueError, match="one encoder: 3 dimensions, and 4 on the map"):
        Place(H, H[:, :2], H[:, :3], UmapSettings(), 1.0)
    with pytest.raises(ValueError, match="same images: 5 and 9"):
        Place(H, H[:5, :2], H, UmapSettings(), 1.0)
