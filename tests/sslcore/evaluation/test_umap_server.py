"""The real child process, one for the whole module: compiling it costs half a minute of CPU."""

import threading
import time

import numpy as np
import psutil
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation.umap_server import Umap, UmapError, UmapServer

PATIENCE = 240.0
RNG = np.random.default_rng(0)
LABELS = np.arange(150) % 3
CLOUDS = (RNG.normal(scale=4, size=(3, 12))[LABELS] + RNG.normal(size=(150, 12))).astype(np.float32)


@pytest.fixture(scope="module")
def server():
    with UmapServer() as one:
        yield one
    assert "umap" not in [thread.name for thread in threading.enumerate()]


@pytest.fixture(scope="module")
def clouds(server):
    """The map of three clouds, and everything that was said on the way."""
    job = Umap(CLOUDS, server=server).start()
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
    assert 0.8 < projection.trustworthiness <= 1
    assert 0.8 < projection.continuity <= 1


def test_progress_only_grows_and_names_its_stages(clouds):
    _, heard = clouds
    fractions = [one.fraction for one in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert heard[0].state == "waiting"
    assert heard[-1].state == "done"
    assert any("epoch" in one.stage and "of 500" in one.stage for one in heard)


def test_the_same_seed_gives_the_same_map_and_another_does_not(server, clouds):
    again = Umap(CLOUDS, server=server).start().result(PATIENCE)
    np.testing.assert_array_equal(again.layout, clouds[0].layout)
    other = Umap(CLOUDS, server=server, seed=1).start().result(PATIENCE)
    assert not np.array_equal(other.layout, clouds[0].layout)


def test_a_map_can_go_on_from_the_last_one(server, clouds):
    last = clouds[0].layout + 30
    moved = CLOUDS + np.random.default_rng(1).normal(scale=0.05, size=CLOUDS.shape)
    found = Umap(moved, server=server, initial=last, epochs=50).start().result(PATIENCE).layout
    np.testing.assert_allclose(found.mean(0), last.mean(0), atol=1e-3)
    shift = np.linalg.norm(found - last, axis=1).mean()
    assert shift < 0.5 * np.linalg.norm(last - last.mean(0), axis=1).mean()


def test_three_dimensions_and_euclidean(server):
    job = Umap(CLOUDS, server=server, dimensions=3, metric="euclidean", epochs=20).start()
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
    found = Umap(features, server=server, epochs=20).start().result(PATIENCE)
    assert found.kind == kind
    assert note in found.note
    assert bool(found.note) == bool(note)
    assert found.layout.shape == (len(features), 2)
    assert np.isfinite(found.layout).all()


def test_cancelling_kills_the_child_at_once_and_the_next_job_gets_a_new_one(server, clouds):
    many = np.random.default_rng(2).normal(size=(3000, 8))
    job = Umap(many, server=server, epochs=100_000).start()
    behind = Umap(CLOUDS, server=server, epochs=20).start()
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
    running = Umap(CLOUDS, server=server).start()
    waiting = Umap(CLOUDS, server=server).start()
    waiting.cancel()
    assert running.result(PATIENCE).kind == "umap"
    with pytest.raises(Cancelled):
        waiting.result(0)
    running.cancel()
    assert running.poll().state == "done"
    assert server.process_id == before


def test_a_child_that_dies_is_reported_and_replaced(server, clouds):
    job = Umap(np.random.default_rng(3).normal(size=(3000, 8)), server=server, epochs=100_000)
    job.start()
    while "epoch" not in job.poll().stage:
        assert not job.poll().finished
        time.sleep(0.01)
    psutil.Process(server.process_id).kill()
    with pytest.raises(UmapError, match=r"the UMAP process ended \(exit code"):
        job.result(PATIENCE)
    assert job.poll().state == "failed"
    assert "ended" in server.problem
    assert Umap(CLOUDS, server=server, epochs=20).start().result(PATIENCE).kind == "umap"
    assert server.problem == ""
    assert server.ready


def test_closing_cancels_what_is_left():
    server = UmapServer()
    job = Umap(CLOUDS, server=server).start()
    server.close()
    with pytest.raises(Cancelled, match="closed"):
        job.result(0)
    assert server.process_id is None
    with pytest.raises(UmapError, match="was closed"):
        Umap(CLOUDS, server=server).start()


def test_a_job_without_a_server_starts_its_own_and_takes_it_down():
    job = Umap(CLOUDS).start()
    while (child := job._server.process_id) is None:
        time.sleep(0.01)
    process = psutil.Process(child)
    job.cancel()
    assert psutil.wait_procs([process], timeout=10)[1] == []
    job._server.close()


def test_results_come_only_after_a_start():
    job = Umap(CLOUDS)
    assert job.poll().state == "new"
    with pytest.raises(UmapError, match="not started"):
        job.result()
    job.cancel()
    with pytest.raises(Cancelled):
        job.result()
    with pytest.raises(UmapError, match="started before"):
        job.start()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_neighbors": 1}, "n_neighbors must be at least 2, got 1"),
        ({"min_dist": 1.5}, "min_dist must be between 0 and 1"),
        ({"metric": "hamming"}, 'metric must be "cosine" or "euclidean", got "hamming"'),
        ({"dimensions": 4}, "dimensions must be 2 or 3"),
        ({"seed": -1}, "seed must be between 0"),
        ({"epochs": 5}, "epochs must be at least 11"),
        ({"initial": np.zeros((3, 2))}, r"initial must be \(150, 2\), got \(3, 2\)"),
        ({"initial": np.full((150, 2), np.nan)}, "initial holds NaN"),
    ],
)
def test_settings_out_of_range_are_refused_before_anything_starts(settings, message):
    with pytest.raises(ValueError, match=message):
        Umap(CLOUDS, **settings)


@pytest.mark.parametrize("features", [np.ones(3), np.ones((0, 3)), np.full((5, 2), np.inf)])
def test_features_that_cannot_be_laid_out_are_refused(features):
    with pytest.raises(ValueError, match="features"):
        Umap(features)
