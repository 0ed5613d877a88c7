import numpy as np
import pytest

from app.panels.explore_layouts import TsneSettings, UmapSettings
from app.panels.explore_series import LayoutSeries
from sslcore.evaluation.layout_cache import LayoutCache
from sslcore.evaluation.projection import align
from sslcore.evaluation.projection_child import ProjectionError
from sslcore.events import EmbeddingSaved
from sslcore.runs import arrays
from sslcore.runs.directory import RunDirectory
from tests.app.panels import projecting, replayed
from tests.app.panels.projecting import Server

STEPS = (0, 20, 40)
WAY = UmapSettings(n_neighbors=5)
WAIT = 10_000


@pytest.fixture
def directory(loaded, tmp_path):
    rows = np.arange(24)[::-1]
    path = replayed.write(tmp_path / "run", loaded.recipe, rows=rows)
    for number in (20, 40):  # other features in every direction
        random = np.random.default_rng(number).normal(size=(24, replayed.SIZE))
        made = replayed.features(0, 24) + random.astype(np.float32)
        file = path / "embeddings" / f"step_{number:08d}.npz"
        file.write_bytes(arrays.to_bytes({"index": rows, "features": made}))
    made = RunDirectory.open(path)
    yield made
    made.close()


@pytest.fixture
def series(loaded, tmp_path, qtbot):
    made = series_of(loaded, tmp_path / "layouts")
    yield made
    made.cancel()
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)


def series_of(loaded, folder):
    Server.made = ()
    server = Server()
    made = LayoutSeries(loaded.tasks, server.submit, LayoutCache(folder), loaded)
    made.told, made.words, made.ends = [], [], []
    made.progressed.connect(lambda *word: made.told.append(word))
    made.failed.connect(made.words.append)
    made.idle.connect(lambda: made.ends.append(True))
    return made


def saved(*steps):
    return [EmbeddingSaved(step, step / 10, "", 24, replayed.SIZE) for step in steps]


def job(qtbot, number):
    """The job of a number, once it was given."""
    qtbot.waitUntil(lambda: len(projecting.jobs()) > number, timeout=WAIT)
    return projecting.jobs()[number]


def compute(qtbot, series, directory, steps=STEPS, way=WAY):
    """Answer every job as the child would; returns them."""
    begin = len(projecting.jobs())
    series.compute(directory, saved(*steps), way)
    answered = begin
    while not series.ends:
        qtbot.waitUntil(
            lambda n=answered: len(projecting.jobs()) > n or bool(series.ends), timeout=WAIT
        )
        for one in projecting.jobs()[answered:]:
            projecting.finish(one)
            answered += 1
    return projecting.jobs()[begin:]


def raw(features, way=WAY):
    """What the stand-in of the child answers."""
    return np.ascontiguousarray(features[:, 3 : 3 + way.dimensions] * 2)


def test_each_layout_sets_out_from_the_one_before_and_is_laid_onto_it(series, directory, qtbot):
    jobs = compute(qtbot, series, directory)
    run = str(directory.path)
    assert series.steps(run, WAY) == STEPS
    assert [one.settings for one in jobs] == [WAY] * 3
    before = None
    for step, one in zip(STEPS, jobs, strict=True):
        features = directory.embedding(step)[1]
        assert np.array_equal(one.features, features)
        wanted, scale = raw(features), 2.0
        if before is None:
            assert one.initial is None, "the first sets out from PCA"
        else:
            assert np.array_equal(one.initial, before)
            laid = align(wanted, before)
            factor = before.std(0).max() / laid.std(0).max()
            stretched = np.linalg.norm(laid[0] - laid[1]) / np.linalg.norm(wanted[0] - wanted[1])
            wanted = laid.mean(0) + (laid - laid.mean(0)) * factor
            scale *= stretched * factor
        made = series.at(run, step, WAY)
        assert made.points == pytest.approx(wanted, abs=1e-4)
        assert made.scale == pytest.approx(scale, rel=1e-3)
        assert (made.space.step, made.space.features.size) == (step, 0)
        assert made.faith == projecting.FAITH
        before = made.points
    assert not series.computing
    assert series.ends == [True]
    assert series.words == []


def test_progress_is_told_in_evaluations(series, directory, qtbot):
    series.compute(directory, saved(*STEPS), WAY)
    first = job(qtbot, 0)
    first.tell(0.5, "placing points")
    qtbot.waitUntil(lambda: (0.5 / 3, "1 of 3, epoch 0.0: placing points") in series.told)
    projecting.finish(first)
    second = job(qtbot, 1)
    second.tell(0.25, "placing points")

    def told():
        return [words for part, words in series.told if part == pytest.approx(1.25 / 3)]

    qtbot.waitUntil(lambda: bool(told()), timeout=WAIT)
    assert told()[-1].startswith("2 of 3, epoch 2.0: placing points · ")
    assert told()[-1].endswith(" s left")


def test_what_was_made_before_a_cancel_stays_and_is_gone_on_from(series, directory, qtbot):
    series.compute(directory, saved(*STEPS), WAY)
    projecting.finish(job(qtbot, 0))
    running = job(qtbot, 1)
    series.cancel()
    assert running.poll().state == "cancelled"
    assert not series.computing
    assert series.ends == [True]
    run = str(directory.path)
    assert series.steps(run, WAY) == (0,)
    kept = series.at(run, 0, WAY)
    series.ends.clear()
    jobs = compute(qtbot, series, directory)
    assert len(jobs) == 2, "only what is missing is computed"
    assert np.array_equal(jobs[0].initial, kept.points)
    assert series.at(run, 0, WAY) is kept
    assert series.steps(run, WAY) == STEPS


def test_later_evaluations_are_added_as_if_made_together(series, directory, qtbot, loaded):
    compute(qtbot, series, directory, (0, 20))
    series.ends.clear()
    compute(qtbot, series, directory)
    together = series_of(loaded, directory.path / "elsewhere")
    compute(qtbot, together, directory)
    run = str(directory.path)
    for step in STEPS:
        one, other = series.at(run, step, WAY), together.at(run, step, WAY)
        assert np.array_equal(one.points, other.points)


def test_another_day_they_are_there_without_computing(series, directory, qtbot, loaded, tmp_path):
    compute(qtbot, series, directory)
    again = series_of(loaded, tmp_path / "layouts")
    with qtbot.waitSignal(again.grew, timeout=WAIT):
        again.recall(directory, saved(*STEPS), WAY)
    run = str(directory.path)
    assert projecting.jobs() == []
    assert again.ends == [], "nothing was computed, so nothing ended"
    for step in STEPS:
        one, other = series.at(run, step, WAY), again.at(run, step, WAY)
        assert np.array_equal(one.points, other.points)
        assert (one.faith, one.scale) == (other.faith, other.scale)
    with qtbot.assertNotEmitted(again.grew, wait=100):
        again.recall(directory, saved(*STEPS), WAY)
        again.recall(directory, saved(*STEPS), TsneSettings())
    assert again.steps(run, TsneSettings()) == ()


def test_settings_that_start_from_pca_do_and_are_laid_onto_each_other_still(
    series, directory, qtbot
):
    way = TsneSettings(start="pca")
    jobs = compute(qtbot, series, directory, way=way)
    assert [one.initial for one in jobs] == [None] * 3
    run = str(directory.path)
    first, second = (series.at(run, step, way).points for step in (0, 20))
    alone = raw(directory.embedding(20)[1])
    assert ((second - first) ** 2).sum() < ((alone - first) ** 2).sum()
    assert second.std(0).max() == pytest.approx(first.std(0).max(), rel=1e-4)


def test_features_that_cannot_be_used_stop_nothing_else(series, directory, qtbot):
    folder = directory.path / "embeddings"
    (folder / "step_00000000.npz").write_bytes(b"damaged")
    broken = np.full((24, replayed.SIZE), np.nan, np.float32)
    (folder / "step_00000020.npz").write_bytes(
        arrays.to_bytes({"index": np.arange(24), "features": broken})
    )
    jobs = compute(qtbot, series, directory)
    run = str(directory.path)
    assert len(jobs) == 1
    assert series.steps(run, WAY) == (40,)
    assert series.tried(run, WAY) == 3, "there is nothing more to do"
    assert series.words == []


def test_a_failure_is_told_with_its_epoch_and_keeps_the_rest(series, directory, qtbot):
    series.compute(directory, saved(*STEPS), WAY)
    projecting.finish(job(qtbot, 0))
    projecting.fail(job(qtbot, 1), "UMAP failed: out of memory")
    qtbot.waitUntil(lambda: bool(series.ends), timeout=WAIT)
    assert series.words == ["UMAP of epoch 2.0: UMAP failed: out of memory"]
    assert series.steps(str(directory.path), WAY) == (0,)


def test_a_closed_server_is_told(loaded, directory, qtbot, tmp_path):
    def refuse(_):
        raise ProjectionError("the process that computes maps was closed")

    made = LayoutSeries(loaded.tasks, refuse, LayoutCache(tmp_path / "layouts"), loaded)
    with qtbot.waitSignal(made.failed, timeout=WAIT) as told:
        made.compute(directory, saved(*STEPS), WAY)
    assert "was closed" in told.args[0]
    assert not made.computing


def test_paths_are_found_by_catalogue_row(series, directory, qtbot):
    compute(qtbot, series, directory)
    run = str(directory.path)
    paths = series.paths(run, WAY, np.array([3, 99, 0]))
    assert paths.shape == (3, 3, 2)
    assert np.isnan(paths[:, 1]).all(), "row 99 is not among the probe images"
    for moment, step in enumerate(STEPS):
        points = series.at(run, step, WAY).points
        assert np.array_equal(paths[moment, 0], points[20])  # rows are stored backwards
        assert np.array_equal(paths[moment, 2], points[23])
    assert series.paths("another run", WAY, np.array([3])).shape == (0, 1, 2)


def test_another_run_is_another_series(series, directory, qtbot, loaded, tmp_path):
    compute(qtbot, series, directory)
    other = RunDirectory.open(replayed.write(tmp_path / "other", loaded.recipe))
    series.ends.clear()
    compute(qtbot, series, other, (0,))
    assert series.steps(str(directory.path), WAY) == ()
    assert series.steps(str(other.path), WAY) == (0,)
    other.close()


def test_a_run_begun_anew_is_laid_out_anew(series, directory, qtbot):
    compute(qtbot, series, directory)
    series.recall(directory, saved(0, 10), WAY)
    assert series.steps(str(directory.path), WAY) == ()
