"""The real child process, one for the whole module: compiling it costs half a minute of CPU."""

import threading
import time

import numpy as np
import psutil
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation.placing import place_by_neighbours
from sslcore.evaluation.projection_child import ProjectionError
from sslcore.evaluation.projection_job import LayOut, Place
from sslcore.evaluation.projection_server import ProjectionServer
from sslcore.evaluation.projection_settings import TsneSettings, UmapSettings

PATIENCE = 240.0
ENDLESS = UmapSettings(epochs=100_000)
QUICK = UmapSettings(epochs=20)
RNG = np.random.default_rng(0)
LABELS = np.arange(150) % 3
CLOUDS = (RNG.normal(scale=4, size=(3, 12))[LABELS] + RNG.normal(size=(150, 12))).astype(np.float32)


@pytest.fixture(scope="module")
def server():
    with ProjectionServer() as one:
        yield one
    assert "projection" not in [thread.name for thread in threading.enumerate()]


@pytest.fixture(scope="module")
def clouds(server):
    """The map of three clouds, and everything that was said on the way."""
    job = server.submit(LayOut(CLOUDS, UmapSettings()))
    heard = [job.poll()]
    while not heard[-1].finished:
        time.sleep(0.005)
        heard.append(job.poll())
    return job.result(PATIENCE), heard


def test_clouds_stay_apart_and_neighbours_together(clouds):
    projection, _ = clouds
    layout = projection.layout
    assert (layout.shape, layout.dtype) == ((150, 2), np.float32)
    assert (projection.kind, projection.note) == ("umap", "")
    np.testing.assert_allclose(layout.mean(0), 0, atol=1e-4)
    distances = np.linalg.norm(layout[:, None] - layout[None], axis=-1) + np.eye(150) * 1e9
    assert np.mean(LABELS[distances.argmin(1)] == LABELS) == 1.0
    assert 0.8 < projection.faith.trustworthiness <= 1
    assert 0.8 < projection.faith.continuity <= 1


def test_progress_only_grows_and_names_its_stages(clouds):
    _, heard = clouds
    fractions = [one.fraction for one in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert heard[0].state == "waiting"
    assert heard[0].stage == "starting UMAP (the first time takes half a minute)"
    assert heard[-1].state == "done"
    assert any("epoch" in one.stage and "of 500" in one.stage for one in heard)


def test_the_same_seed_gives_the_same_map_and_another_does_not(server, clouds):
    again = server.submit(LayOut(CLOUDS, UmapSettings())).result(PATIENCE)
    np.testing.assert_array_equal(again.layout, clouds[0].layout)
    other = server.submit(LayOut(CLOUDS, UmapSettings(seed=1))).result(PATIENCE)
    assert not np.array_equal(other.layout, clouds[0].layout)


def test_a_map_can_go_on_from_the_last_one(server, clouds):
    last = clouds[0].layout + 30
    moved = CLOUDS + np.random.default_rng(1).normal(scale=0.05, size=CLOUDS.shape)
    made = server.submit(LayOut(moved, UmapSettings(epochs=50), last)).result(PATIENCE)
    found = made.layout
    np.testing.assert_allclose(found.mean(0), last.mean(0), atol=1e-3)
    shift = np.linalg.norm(found - last, axis=1).mean()
    assert shift < 0.5 * np.linalg.norm(last - last.mean(0), axis=1).mean()


def test_three_dimensions_and_euclidean(server):
    settings = UmapSettings(dimensions=3, metric="euclidean", epochs=20)
    job = server.submit(LayOut(CLOUDS, settings))
    assert job.result(PATIENCE).layout.shape == (150, 3)


@pytest.mark.parametrize(
    ("features", "kind", "note"),
    [
        (CLOUDS[:1], "pca", "there are only 1 images"),
        (CLOUDS[:3], "pca", "there are only 3 images"),
        (np.ones((30, 4)), "pca", "30 images have only 1 different feature vectors"),
        (np.zeros((30, 4)), "pca", "30 images have only 1 different"),
        (CLOUDS[:2].repeat(20, 0), "pca", "40 images have only 2 different"),
        (CLOUDS[:6], "umap", "15 neighbours were asked for, 6 images allow 5"),
        (CLOUDS[:10].repeat(6, 0), "umap", ""),
        (CLOUDS[:60] * [[1] + [0] * 11], "pca", "60 images have only 2 different"),
    ],
)
def test_few_or_equal_images_get_a_map_and_the_reason(server, features, kind, note):
    found = server.submit(LayOut(features, QUICK)).result(PATIENCE)
    assert found.kind == kind
    assert note in found.note
    assert bool(found.note) == bool(note)
    assert found.layout.shape == (len(features), 2)
    assert np.isfinite(found.layout).all()


def test_cancelling_kills_the_child_at_once_and_the_next_job_gets_a_new_one(server, clouds):
    many = np.random.default_rng(2).normal(size=(3000, 8))
    job = server.submit(LayOut(many, ENDLESS))
    behind = server.submit(LayOut(CLOUDS, QUICK))
    while "epoch" not in job.poll().stage:
        assert not job.poll().finished
        time.sleep(0.01)
    child = psutil.Process(server.process_id)
    job.cancel()
    assert job.poll().state == "cancelled"
    with pytest.raises(Cancelled):
        job.result(0)
    gone, alive = psutil.wait_procs([child], timeout=10)
    assert (len(gone), alive) == (1, [])
    assert behind.result(PATIENCE).layout.shape == (150, 2)
    assert server.process_id != child.pid
    assert child.pid not in [one.pid for one in psutil.Process().children(recursive=True)]


def test_a_job_that_waits_can_be_cancelled_without_harm(server, clouds):
    before = server.process_id
    running = server.submit(LayOut(CLOUDS, UmapSettings()))
    waiting = server.submit(LayOut(CLOUDS, UmapSettings()))
    waiting.cancel()
    assert running.result(PATIENCE).kind == "umap"
    with pytest.raises(Cancelled):
        waiting.result(0)
    running.cancel()
    assert running.poll().state == "done"
    assert server.process_id == before


def test_a_child_that_dies_is_reported_and_replaced(server, clouds):
    many = np.random.default_rng(3).normal(size=(3000, 8))
    job = server.submit(LayOut(many, ENDLESS))
    while "epoch" not in job.poll().stage:
        assert not job.poll().finished
        time.sleep(0.01)
    psutil.Process(server.process_id).kill()
    with pytest.raises(ProjectionError, match=r"the process that computes maps ended \(exit code"):
        job.result(PATIENCE)
    assert job.poll().state == "failed"
    assert "ended" in server.problem
    assert server.submit(LayOut(CLOUDS, QUICK)).result(PATIENCE).kind == "umap"
    assert server.problem == ""
    assert server.ready


def test_closing_cancels_what_is_left():
    server = ProjectionServer()
    job = server.submit(LayOut(CLOUDS, UmapSettings()))
    server.close()
    with pytest.raises(Cancelled, match="closed"):
        job.result(0)
    assert server.process_id is None
    with pytest.raises(ProjectionError, match="was closed"):
        server.submit(LayOut(CLOUDS, UmapSettings()))


def test_t_sne_is_computed_by_the_same_child(server):
    heard, settings = [], TsneSettings(perplexity=12, iterations=500)
    job = server.submit(LayOut(CLOUDS, settings))
    while not job.poll().finished:
        heard.append(job.poll())
        time.sleep(0.005)
    made = job.result(PATIENCE)
    assert (made.kind, made.note, made.layout.shape) == ("tsne", "", (150, 2))
    distances = np.linalg.norm(made.layout[:, None] - made.layout[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert np.mean(LABELS[distances.argmin(1)] == LABELS) == 1.0
    assert made.faith.continuity > 0.8
    fractions = [one.fraction for one in heard]
    assert fractions == sorted(fractions)
    assert any("step" in one.stage and "of 500" in one.stage for one in heard)
    again = server.submit(LayOut(CLOUDS, settings)).result(PATIENCE)
    np.testing.assert_array_equal(again.layout, made.layout)
    other = server.submit(LayOut(CLOUDS, settings, made.layout + 5)).result(PATIENCE)
    np.testing.assert_allclose(other.layout.mean(0), (made.layout + 5).mean(0), atol=0.05)


def test_new_points_are_drawn_to_their_like(server, clouds):
    random = np.random.default_rng(5)
    kinds = np.array([0, 1, 2, 2])
    centres = np.stack([CLOUDS[kind == LABELS].mean(0) for kind in kinds])
    queries = (centres + 0.3 * random.normal(size=(4, 12))).astype(np.float32)
    for start in (None, clouds[0].layout * 3 + 7):
        made = server.submit(LayOut(CLOUDS, UmapSettings(), start)).result(PATIENCE)
        job = Place(CLOUDS, made.layout, queries, UmapSettings(), made.scale)
        placed = server.submit(job).result(PATIENCE)
        assert (placed.shape, placed.dtype) == ((4, 2), np.float32)
        distances = np.linalg.norm(placed[:, None] - made.layout[None], axis=-1)
        assert (LABELS[distances.argmin(1)] == kinds).all()
        near = place_by_neighbours(CLOUDS, made.layout, queries)
        assert np.abs(placed - near).max() < 0.3 * np.ptp(made.layout, axis=0).max()


def test_a_job_is_given_once_and_answers_only_then(server):
    job = LayOut(CLOUDS, QUICK)
    assert job.poll().state == "new"
    with pytest.raises(ProjectionError, match="not started"):
        job.result()
    job.cancel()
    with pytest.raises(Cancelled):
        job.result()
    with pytest.raises(ProjectionError, match="started before"):
        server.submit(job)
