import numpy as np
import pytest

from app.panels import explore_layouts as module
from app.panels.explore_layouts import Layouts, Space, UmapSettings
from sslcore.evaluation.faithfulness import faithfulness
from sslcore.evaluation.projection import pca
from sslcore.evaluation.umap_server import Progress, Projection
from sslcore.events import EmbeddingSaved
from sslcore.runs.directory import RunDirectory
from tests.app.panels import replayed

COUNT = 24


class Server:
    closed = False

    def start(self):
        self.started = True

    def close(self, wait=True):
        self.closed = True


class Job:
    """The test says how far it is."""

    made = ()

    def __init__(self, features, *, server, initial, **settings):
        if settings["n_neighbors"] == 199:
            raise ValueError("too many neighbours")
        self.features, self.initial, self.settings = features, initial, settings
        self.state = Progress(0.1, "finding neighbours", "running")
        Job.made += (self,)

    def start(self):
        return self

    def poll(self):
        return self.state

    def cancel(self):
        self.state = Progress(0.0, "cancelled", "cancelled")

    def finish(self):
        self.state = Progress(1.0, "done", "done")

    def result(self):
        return Projection(self.features[:, :2] * 3, "umap", "a note", 0.9, 0.8)


@pytest.fixture
def directory(loaded, tmp_path):
    path = replayed.write(tmp_path / "run", loaded.recipe)
    made = RunDirectory.open(path)
    yield made
    made.close()


@pytest.fixture
def layouts(loaded, qtbot):
    Job.made = ()
    made = Layouts(loaded.tasks, umap=Job, server=Server)
    made.told, made.words, made.ends = [], [], []
    made.ready.connect(made.told.append)
    made.failed.connect(made.words.append)
    made.idle.connect(lambda: made.ends.append(True))
    yield made
    made.close()
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=5_000)


def saved(step):
    return EmbeddingSaved(step, step / 10, f"embeddings/step_{step:08d}.npz", COUNT, replayed.SIZE)


def show(qtbot, layouts, directory, step, way=None):
    """The map of a step, once it was judged."""
    layouts.told.clear()
    layouts.show(directory, saved(step), way)
    qtbot.waitUntil(
        lambda: bool(layouts.told) and layouts.told[-1].trustworthiness is not None, timeout=10_000
    )
    return layouts.told[-1]


def compute(qtbot, layouts, space, settings=UmapSettings()):  # noqa: B008 - frozen
    layouts.compute(space, settings)
    Job.made[-1].finish()
    count = len(layouts.ends)
    qtbot.waitUntil(lambda: len(layouts.ends) > count, timeout=5_000)
    return layouts.told[-1]


def test_pca_shows_first_and_is_judged_then(layouts, directory, qtbot):
    made = show(qtbot, layouts, directory, 20)
    first, judged = layouts.told
    assert first.trustworthiness is None
    assert np.array_equal(first.points, judged.points)
    np.testing.assert_allclose(made.points, pca(made.space.features))
    expected = faithfulness(made.space.features, made.points, sample=module.JUDGED)
    assert judged.trustworthiness == pytest.approx(expected.trustworthiness)
    assert (made.name, made.space.step, made.space.epoch) == ("PCA", 20, 2.0)


def test_maps_of_one_run_lie_on_each_other(layouts, directory, qtbot):
    first = show(qtbot, layouts, directory, 20).points
    second = show(qtbot, layouts, directory, 40)
    alone = pca(second.space.features)
    assert ((second.points - first) ** 2).sum() <= ((alone - first) ** 2).sum() + 1e-3
    again = show(qtbot, layouts, directory, 20)
    assert np.array_equal(again.points, first), "what was made before is shown as it was"
    assert len(layouts.told) == 1, "and not judged again"


def test_known_maps_are_remembered_by_run_step_and_settings(layouts, directory, qtbot):
    run = str(directory.path)
    assert not layouts.knows(run, 20, None)
    space = show(qtbot, layouts, directory, 20).space
    assert layouts.knows(run, 20, None)
    settings = UmapSettings(seed=3)
    made = compute(qtbot, layouts, space, settings)
    assert (made.name, made.note, made.trustworthiness) == ("UMAP", "a note", 0.9)
    assert layouts.knows(run, 20, settings)
    assert not layouts.knows(run, 20, UmapSettings())
    assert not layouts.knows("another run", 20, settings)
    shown = show(qtbot, layouts, directory, 20, settings)
    assert np.array_equal(shown.points, made.points)


def test_the_oldest_maps_are_forgotten(layouts, directory, qtbot, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    for step in (0, 20, 40):
        show(qtbot, layouts, directory, step)
    run = str(directory.path)
    assert [layouts.knows(run, step, None) for step in (0, 20, 40)] == [False, True, True]


def test_a_umap_goes_on_from_the_last_one_of_the_same_images(layouts, directory, qtbot):
    space = show(qtbot, layouts, directory, 20).space
    settings = UmapSettings(30, 0.2, "euclidean", 5)
    first = compute(qtbot, layouts, space, settings)
    assert Job.made[0].initial is None
    assert Job.made[0].settings == {
        "n_neighbors": 30, "min_dist": 0.2, "metric": "euclidean", "seed": 5,
    }  # fmt: skip
    compute(qtbot, layouts, show(qtbot, layouts, directory, 40).space)
    assert np.array_equal(Job.made[1].initial, first.points)
    others = Space(space.run, 60, 6.0, space.index + 1, space.features)
    compute(qtbot, layouts, others)
    assert Job.made[2].initial is None


def test_progress_is_told_and_a_new_umap_replaces_the_old(layouts, directory, qtbot):
    heard = []
    layouts.progressed.connect(lambda *words: heard.append(words))
    space = show(qtbot, layouts, directory, 20).space
    layouts.told.clear()
    layouts.compute(space, UmapSettings())
    assert layouts.computing
    assert heard == [(0.1, "finding neighbours")]
    layouts.compute(space, UmapSettings(seed=1))
    assert Job.made[0].state.state == "cancelled"
    layouts.cancel()
    assert not layouts.computing
    assert layouts.told == []
    assert len(layouts.ends) == 2


def test_failures_are_told_in_words(layouts, directory, qtbot, loaded):
    space = show(qtbot, layouts, directory, 20).space
    layouts.compute(space, UmapSettings(n_neighbors=199))
    assert layouts.words == ["too many neighbours"]
    assert not layouts.computing
    layouts.compute(space, UmapSettings())
    Job.made[-1].state = Progress(0.3, "the UMAP process ended", "failed")
    qtbot.waitUntil(lambda: len(layouts.words) == 2, timeout=5_000)
    assert layouts.words[1] == "the UMAP process ended"
    layouts.show(directory, saved(30), None)
    qtbot.waitUntil(lambda: len(layouts.words) == 3, timeout=5_000)
    assert "step_00000030" in layouts.words[2]


def test_one_server_is_started_and_closed(layouts):
    layouts.warm()
    layouts.warm()
    (server,) = layouts._servers
    assert server.started
    layouts.close()
    assert server.closed
