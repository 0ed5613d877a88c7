import shutil
import threading

import numpy as np
import pytest
import torch

from app.panels import train_matrix_projections
from app.panels.train_matrix_projections import (
    CLOSED,
    NO_CHECKPOINT,
    NO_PROBE,
    ProjectionWatch,
    preferred,
)
from sslcore.data.pixel_store import PixelStore
from sslcore.engine.checkpoint import Checkpoint
from sslcore.events import CheckpointSaved
from tests.app.panels import replayed, saved, trained


@pytest.fixture
def workspace_with_run(loaded, pictures, qtbot, tmp_path):
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "run"))
    return loaded


@pytest.fixture
def watch(workspace_with_run):
    return ProjectionWatch(workspace_with_run, workspace_with_run)


def wait(qtbot, watch, step):
    qtbot.waitUntil(
        lambda: watch.now is not None and watch.now.step == step and watch._task is None,
        timeout=20_000,
    )
    return watch.now


def steps(workspace):
    return [one.step for one in workspace.record.checkpoints]


def by_hand(workspace, step):
    """Projections one image at a time, standardised as the paper writes it."""
    directory = workspace.directory
    files = directory.load(f"step_{step:08d}").files
    checkpoint = Checkpoint.read(files)
    method = checkpoint.method()
    index, _ = directory.embedding(workspace.record.embeddings[-1].step)
    rows = []
    with PixelStore.open(workspace.catalogue, 16, budget_bytes=0) as store:
        for row in index:
            image = store.read(np.array([row]))
            image = torch.nn.functional.interpolate(
                image, (16, 16), mode="bilinear", align_corners=False, antialias=True
            )
            rows.append(method.embed(image, "projection")[0].double().numpy())
    z = np.stack(rows)
    return index, (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5)


def test_nothing_is_computed_while_nobody_looks(watch, qtbot):
    watch.check()
    assert watch._task is None
    assert watch.now is None


def test_the_projections_of_the_last_checkpoint(watch, workspace_with_run, qtbot, monkeypatch):
    threads = []
    real = train_matrix_projections._projected

    def recorded(*arguments):
        threads.append(threading.current_thread())
        return real(*arguments)

    monkeypatch.setattr(train_matrix_projections, "_projected", recorded)
    watch.want(True)
    now = wait(qtbot, watch, steps(workspace_with_run)[-1])
    assert threads
    assert threading.main_thread() not in threads
    index, z = by_hand(workspace_with_run, now.step)
    assert now.index.tolist() == index.tolist()
    assert now.z.shape == (len(index), trained.DIMENSIONS)
    assert now.z == pytest.approx(z, abs=2e-3)
    assert watch.words == f"z of epoch 3.0, standardised over {len(index)} probe images"


def test_they_follow_the_timeline_and_are_remembered(watch, workspace_with_run, qtbot):
    first, *_, last = steps(workspace_with_run)
    watch.want(True)
    newest = wait(qtbot, watch, last)
    workspace_with_run.select_snapshot(first + 1)
    watch.check()
    assert watch.now is newest, "what is known stays until there is something else"
    old = wait(qtbot, watch, first)
    assert not np.allclose(old.z, newest.z)
    workspace_with_run.select_snapshot(None)
    watch.check()
    assert watch.now is newest
    assert watch._task is None


def test_a_checkpoint_that_was_removed_gives_way_to_the_nearest(watch, workspace_with_run, qtbot):
    first, second, *_ = steps(workspace_with_run)
    shutil.rmtree(workspace_with_run.directory.path / f"checkpoints/step_{first:08d}")
    workspace_with_run.select_snapshot(first)
    watch.want(True)
    assert wait(qtbot, watch, second).step == second


def test_what_cannot_be_read_is_said_once(watch, workspace_with_run, qtbot):
    for one in steps(workspace_with_run):
        shutil.rmtree(workspace_with_run.directory.path / f"checkpoints/step_{one:08d}")
    watch.want(True)
    qtbot.waitUntil(lambda: "checkpoints were removed" in watch.words, timeout=20_000)
    watch.check()
    assert watch._task is None
    assert watch.now is None


def test_other_images_than_the_runs_are_refused(
    watch, workspace_with_run, qtbot, pictures, tmp_path
):
    shutil.copytree(pictures, tmp_path / "others")
    (tmp_path / "others" / "cat" / "03.png").unlink()
    with qtbot.waitSignal(workspace_with_run.catalogue_changed, timeout=20_000):
        workspace_with_run.open_folder(tmp_path / "others")
    watch.want(True)
    qtbot.waitUntil(lambda: "not those of the run" in watch.words, timeout=20_000)
    assert watch.now is None


def test_says_what_is_missing(loaded, pictures, tmp_path, qtbot):
    watch = ProjectionWatch(loaded, loaded)
    watch.want(True)
    assert watch.words == NO_CHECKPOINT
    loaded.directory, loaded.record = saved.new_run(tmp_path / "run", saved.small_recipe())
    loaded.record.apply(CheckpointSaved(4, 0.4, "checkpoints/step_00000004"))
    watch.check()
    assert watch.words == NO_PROBE
    for event in replayed.events(loaded.directory):
        loaded.record.apply(event)
    watch.check()
    assert watch.words == CLOSED


def test_checkpoints_in_the_order_in_which_they_serve_a_position():
    saved_at = [CheckpointSaved(step, step / 10, "") for step in (10, 20, 30)]

    def order(position):
        return [one.step for one in preferred(saved_at, position)]

    assert order(None) == [30, 20, 10]
    assert order(25) == [20, 10, 30]
    assert order(20) == [20, 10, 30]
    assert order(5) == [10, 20, 30]
