import numpy as np
import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from app.panels import explore_layouts as module
from app.panels.explore_layouts import (
    FLAT,
    Layouts,
    PcaSettings,
    Space,
    TsneSettings,
    UmapSettings,
)
from sslcore.evaluation.faithfulness import faithfulness
from sslcore.evaluation.layout_cache import LayoutCache
from sslcore.evaluation.placing import place_by_neighbours
from sslcore.evaluation.projection import pca
from sslcore.events import EmbeddingSaved
from sslcore.runs.directory import RunDirectory
from tests.app.panels import projecting, replayed
from tests.app.panels.projecting import Server

COUNT = 24
WAIT = 10_000


@pytest.fixture
def directory(loaded, tmp_path):
    path = replayed.write(tmp_path / "run", loaded.recipe)
    made = RunDirectory.open(path)
    yield made
    made.close()


def layouts_of(loaded, tmp_path):
    made = Layouts(loaded.tasks, server=Server, cache=LayoutCache(tmp_path / "layouts"))
    made.told, made.words, made.ends, made.places = [], [], [], []
    made.ready.connect(made.told.append)
    made.failed.connect(made.words.append)
    made.idle.connect(lambda: made.ends.append(True))
    made.placed.connect(lambda *answer: made.places.append(answer))
    return made


@pytest.fixture
def layouts(loaded, qtbot, tmp_path):
    Server.made = ()
    made = layouts_of(loaded, tmp_path)
    yield made
    made.close()
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)


def saved(step):
    return EmbeddingSaved(step, step / 10, f"embeddings/step_{step:08d}.npz", COUNT, replayed.SIZE)


def show(qtbot, layouts, directory, step, way=FLAT):
    """The map of a step, once it was judged."""
    layouts.told.clear()
    layouts.show(directory, saved(step), way)
    qtbot.waitUntil(lambda: bool(layouts.told) and layouts.told[-1].faith is not None, timeout=WAIT)
    return layouts.told[-1]


def compute(qtbot, layouts, space, way=UmapSettings(), note=""):  # noqa: B008 - frozen
    layouts.compute(space, way)
    projecting.finish(projecting.jobs()[-1], note)
    count = len(layouts.ends)
    qtbot.waitUntil(lambda: len(layouts.ends) > count, timeout=WAIT)
    return layouts.told[-1]


def place(qtbot, layouts, layout, features):
    count = len(layouts.places)
    layouts.place(layout, features)
    for job in projecting.jobs():
        if job.task == "place" and not job.poll().finished:
            projecting.finish(job)
    qtbot.waitUntil(lambda: len(layouts.places) > count, timeout=WAIT)
    assert layouts.places[-1][0] is layout
    return layouts.places[-1][1:]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_shows_first_and_is_judged_then(layouts, directory, qtbot, dimensions):
    way = PcaSettings(dimensions)
    made = show(qtbot, layouts, directory, 20, way)
    first, judged = layouts.told
    assert first.faith is None
    assert first.words == ""
    assert np.array_equal(first.points, judged.points)
    np.testing.assert_allclose(made.points, pca(made.space.features, dimensions))
    assert judged.faith == faithfulness(made.space.features, made.points)
    assert judged.words.startswith("trustworthiness ")
    assert (made.space.step, made.space.epoch) == (20, 2.0)
    assert (made.name, made.way) == ("PCA" if dimensions == 2 else "PCA in 3-D", way)


def test_maps_of_one_run_lie_on_each_other(layouts, directory, qtbot):
    first = show(qtbot, layouts, directory, 20).points
    second = show(qtbot, layouts, directory, 40)
    alone = pca(second.space.features)
    assert ((second.points - first) ** 2).sum() <= ((alone - first) ** 2).sum() + 1e-3
    again = show(qtbot, layouts, directory, 20)
    assert np.array_equal(again.points, first), "what was made before is shown as it was"
    assert len(layouts.told) == 1, "and not judged again"


def test_a_layout_made_ahead_is_taken(layouts, directory, qtbot):
    made = np.arange(2.0 * COUNT, dtype=np.float32).reshape(COUNT, 2)
    layouts.show(directory, saved(20), FLAT, made)
    qtbot.waitUntil(lambda: bool(layouts.told), timeout=WAIT)
    assert layouts.told[0].points is made


def test_known_maps_are_remembered_by_run_step_and_settings(layouts, directory, qtbot):
    run = str(directory.path)
    space = show(qtbot, layouts, directory, 20).space
    assert layouts.knows(run, 20, FLAT)
    assert layouts.knows(run, 99, PcaSettings(3)), "PCA is there at once, always"
    for way in (UmapSettings(seed=3), TsneSettings(perplexity=5), UmapSettings(dimensions=3)):
        assert not layouts.knows(run, 20, way)
        made = compute(qtbot, layouts, space, way, "a note")
        assert (made.way, made.note, made.faith) == (way, "a note", projecting.FAITH)
        assert made.points.shape == (COUNT, way.dimensions)
        assert made.name == ("UMAP in 3-D" if way.dimensions == 3 else way.name)
        assert layouts.knows(run, 20, way)
        assert not layouts.knows(run, 40, way)
        assert not layouts.knows("another run", 20, way)
        shown = show(qtbot, layouts, directory, 20, way)
        assert np.array_equal(shown.points, made.points)
        assert np.array_equal(shown.space.features, space.features)
        assert (shown.kind, shown.scale) == (way.kind, 2.0)


def test_the_oldest_maps_are_forgotten(layouts, directory, qtbot, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    space, run = show(qtbot, layouts, directory, 0).space, str(directory.path)
    for seed in (1, 2, 3):
        compute(qtbot, layouts, space, UmapSettings(seed=seed))
    known = [layouts.knows(run, 0, UmapSettings(seed=seed)) for seed in (1, 2, 3)]
    assert known == [False, True, True]


def test_a_map_goes_on_from_the_last_one_of_its_kind_and_images(layouts, directory, qtbot):
    space = show(qtbot, layouts, directory, 20).space
    first = compute(qtbot, layouts, space, UmapSettings(30, 0.2, "euclidean", 5))
    assert projecting.jobs()[0].initial is None
    assert projecting.jobs()[0].settings == UmapSettings(30, 0.2, "euclidean", 5)
    later = show(qtbot, layouts, directory, 40).space
    compute(qtbot, layouts, later)
    assert np.array_equal(projecting.jobs()[1].initial, first.points)
    others = Space(space.run, 60, 6.0, space.index + 1, space.features)
    for other, way in (
        (others, UmapSettings()),
        (later, UmapSettings(start="pca")),
        (later, UmapSettings(dimensions=3)),
        (later, TsneSettings()),
    ):
        compute(qtbot, layouts, other, way)
        assert projecting.jobs()[-1].initial is None


def test_a_map_is_there_at_once_after_a_restart(layouts, directory, qtbot, loaded, tmp_path):
    way = UmapSettings(dimensions=3)
    space = show(qtbot, layouts, directory, 20).space
    made = compute(qtbot, layouts, space, way, "of the first day")
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)
    again = layouts_of(loaded, tmp_path)
    assert not again.knows(str(directory.path), 20, way)
    for other in (UmapSettings(), UmapSettings(seed=1, dimensions=3), TsneSettings(dimensions=3)):
        again.recall(directory, saved(20), other)
        qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)
    again.recall(directory, saved(40), way)
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)
    assert again.told == []
    again.recall(directory, saved(20), way)
    qtbot.waitUntil(lambda: bool(again.told), timeout=WAIT)
    (found,) = again.told
    assert np.array_equal(found.points, made.points)
    assert (found.note, found.faith, found.scale) == ("of the first day", made.faith, 2.0)
    assert again.knows(str(directory.path), 20, way)
    again.recall(directory, saved(20), way)
    assert not loaded.tasks.running(), "what is known is not looked for"
    assert len(projecting.jobs()) == 1
    again.close()


def test_a_damaged_file_is_no_error(layouts, directory, qtbot, loaded, tmp_path):
    space = show(qtbot, layouts, directory, 20).space
    compute(qtbot, layouts, space)
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)
    (file,) = (tmp_path / "layouts").glob("*.npz")
    file.write_bytes(b"damaged")
    again = layouts_of(loaded, tmp_path)
    again.recall(directory, saved(20), UmapSettings())
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=WAIT)
    assert (again.told, again.words) == ([], [])
    again.close()


def test_progress_is_told_and_a_new_map_replaces_the_old(layouts, directory, qtbot):
    heard = []
    layouts.progressed.connect(lambda *words: heard.append(words))
    space = show(qtbot, layouts, directory, 20).space
    layouts.told.clear()
    layouts.compute(space, UmapSettings())
    assert layouts.computing
    assert heard == [(0.0, "waiting to start UMAP")]
    layouts.compute(space, TsneSettings(seed=1))
    assert projecting.jobs()[0].poll().state == "cancelled"
    assert Server.made[0].dropped == projecting.jobs()[:1]
    layouts.cancel()
    assert not layouts.computing
    assert layouts.told == []
    assert len(layouts.ends) == 2


def test_failures_are_told_in_words(layouts, directory, qtbot):
    space = show(qtbot, layouts, directory, 20).space
    diverged = Space(space.run, 20, 2.0, space.index, space.features * np.nan)
    layouts.compute(diverged, UmapSettings())
    assert layouts.words == ["features hold NaN or infinity: the network has diverged"]
    assert not layouts.computing
    layouts.compute(space, UmapSettings())
    projecting.fail(projecting.jobs()[-1], "the process that computes maps ended")
    qtbot.waitUntil(lambda: len(layouts.words) == 2, timeout=WAIT)
    assert layouts.words[1] == "the process that computes maps ended"
    layouts.show(directory, saved(30), FLAT)
    qtbot.waitUntil(lambda: len(layouts.words) == 3, timeout=WAIT)
    assert "step_00000030" in layouts.words[2]


def test_the_process_is_started_soon_after_the_first_map(layouts, directory, qtbot, monkeypatch):
    layouts._early.setInterval(10)
    assert Server.made == ()
    show(qtbot, layouts, directory, 20)
    qtbot.waitUntil(lambda: len(Server.made) == 1, timeout=WAIT)
    assert Server.made[0].started
    show(qtbot, layouts, directory, 40)
    layouts.warm()
    qtbot.wait(50)
    assert len(Server.made) == 1


def test_leaving_ends_the_process(layouts):
    layouts.warm()
    QApplication.instance().aboutToQuit.emit()
    assert Server.made[0].closed


def test_new_images_have_their_place_on_pca_exactly(layouts, directory, qtbot):
    show(qtbot, layouts, directory, 20)
    layout = show(qtbot, layouts, directory, 40)
    points, words = place(qtbot, layouts, layout, layout.space.features[3:6])
    np.testing.assert_allclose(points, layout.points[3:6], atol=1e-3)
    assert words == "placed by the components of the map, exactly"


def test_a_umap_is_asked_itself_unless_it_cannot_answer(layouts, directory, qtbot):
    space = show(qtbot, layouts, directory, 20).space
    layout = compute(qtbot, layouts, space)
    queries = space.features[:3] + 0.1
    near = place_by_neighbours(space.features, layout.points, queries)
    points, words = place(qtbot, layouts, layout, queries)
    assert words == "placed by UMAP itself"
    job = projecting.jobs()[-1]
    assert (job.scale, job.settings) == (2.0, UmapSettings())
    np.testing.assert_allclose(points, near + 0.5, atol=1e-5)
    layouts.compute(space, UmapSettings(seed=9))
    points, words = place(qtbot, layouts, layout, queries)
    assert words == "placed amid its nearest images: UMAP computes another map"
    np.testing.assert_allclose(points, near, atol=1e-5)
    layouts.cancel()
    layouts.place(layout, queries)
    projecting.fail(projecting.jobs()[-1], "out of memory")
    qtbot.waitUntil(lambda: len(layouts.places) == 3, timeout=WAIT)
    assert "UMAP did not answer (out of memory)" in layouts.places[-1][2]
    Server.made[0].ready = False
    points, words = place(qtbot, layouts, layout, queries)
    assert words == "placed amid its nearest images: UMAP is still starting"


def test_t_sne_places_by_neighbours_and_says_so(layouts, directory, qtbot):
    space = show(qtbot, layouts, directory, 20).space
    layout = compute(qtbot, layouts, space, TsneSettings(dimensions=3))
    points, words = place(qtbot, layouts, layout, space.features[:2])
    np.testing.assert_allclose(points, layout.points[:2], atol=1e-4)
    assert words == "placed amid its nearest images: t-SNE has no way of its own"


def test_images_of_another_encoder_are_told(layouts, directory, qtbot):
    layout = show(qtbot, layouts, directory, 20)
    layouts.place(layout, np.ones((1, 3)))
    qtbot.waitUntil(lambda: len(layouts.words) == 1, timeout=WAIT)
    assert "one encoder" in layouts.words[0]
    made = compute(qtbot, layouts, layout.space)
    layouts.place(made, np.ones((1, 3)))
    assert "one encoder" in layouts.words[1]


def test_a_judgement_for_a_closed_place_is_for_nobody(
    loaded, directory, qtbot, tmp_path, monkeypatch
):
    Server.made = ()
    made = layouts_of(loaded, tmp_path)
    show(qtbot, made, directory, 20)
    answers = []

    def start(_title, _work, done, **_):
        answers.append(done)

    monkeypatch.setattr(loaded.tasks, "start", start)
    made._judge(made.told[0])
    layout = made.told[0]
    made.close()
    shiboken6.delete(made)
    answers[0](layout)
