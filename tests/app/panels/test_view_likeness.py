import threading

import pytest
import torch

from app.panels import view_encoder
from app.panels.view_likeness import MEASURING, NONE_YET, LikenessWatch
from app.panels.view_render import Wish, render
from sslcore.augment.presets import contrastive_views
from sslcore.batch import Sample
from sslcore.method import DataFacts
from tests.app.panels.saved import new_run, save, small_recipe

FACTS = DataFacts(24, 3, 16, 8, 10)


def drawn(seed=0):
    generator = torch.Generator().manual_seed(0)
    sample = Sample(torch.arange(8), torch.rand(8, 3, 16, 16, generator=generator))
    return render(Wish(contrastive_views(16, 3), seed, 0, "view_a"), sample)


@pytest.fixture
def watch(loaded):
    return LikenessWatch(loaded, loaded)


def begin(watch, path, *steps):
    """Open a run with checkpoints of some steps."""
    workspace = watch.parent()
    workspace.directory, workspace.record = new_run(path, small_recipe())
    for step in steps:
        save(workspace.directory, workspace.record, FACTS, step, shift=0.1)
    return workspace


def wait_fresh(watch, qtbot):
    qtbot.waitUntil(lambda: watch.fresh and watch._task is None, timeout=20_000)


def test_before_there_is_an_encoder_it_is_quiet(watch, tmp_path, qtbot):
    watch.check()
    assert (watch.likeness, watch.words) == (None, NONE_YET)
    watch.ask(drawn())
    begin(watch, tmp_path / "run")
    watch.check()
    assert (watch.likeness, watch.words) == (None, NONE_YET)
    assert watch._task is None


def test_views_are_compared_off_the_windows_thread(watch, tmp_path, qtbot, monkeypatch):
    threads = []
    real = view_encoder.measured

    def recorded(*arguments):
        threads.append(threading.current_thread())
        return real(*arguments)

    monkeypatch.setattr("app.panels.view_likeness.measured", recorded)
    begin(watch, tmp_path / "run", 4)
    watch.ask(drawn())
    assert (watch.likeness, watch.words, watch.fresh) == (None, MEASURING, False)
    wait_fresh(watch, qtbot)
    assert threads
    assert threading.main_thread() not in threads
    assert set(watch.likeness.views) == {"view_a", "view_b"}
    assert "encoder of step 4:" in watch.words


def test_a_newer_checkpoint_is_taken_and_events_without_one_cost_nothing(watch, tmp_path, qtbot):
    workspace = begin(watch, tmp_path / "run", 4)
    watch.ask(drawn())
    wait_fresh(watch, qtbot)
    old = watch.likeness
    watch.check()
    assert watch.fresh
    assert watch._task is None
    save(workspace.directory, workspace.record, FACTS, 8, shift=0.3)
    watch.check()
    assert watch.likeness is old, "what was measured stays until there is something newer"
    assert not watch.fresh
    wait_fresh(watch, qtbot)
    assert watch.likeness.step == 8
    assert watch.likeness.views["view_a"] != old.views["view_a"]


def test_only_the_latest_drawing_counts(watch, tmp_path, qtbot, monkeypatch):
    gate, seen, told = threading.Event(), [], []
    real = view_encoder.measured

    def held(preview, load, ticket):
        seen.append(preview.wish.seed)
        assert gate.wait(10)
        return real(preview, load, ticket)

    monkeypatch.setattr("app.panels.view_likeness.measured", held)
    begin(watch, tmp_path / "run", 4)
    watch.changed.connect(lambda: told.append(watch.fresh))
    for seed in range(5):
        watch.ask(drawn(seed))
    qtbot.waitUntil(lambda: bool(seen), timeout=5_000)
    gate.set()
    wait_fresh(watch, qtbot)
    assert seen == [0, 4], "one at a time, and none of those between"
    assert told.count(True) == 1


def test_another_run_takes_the_old_numbers_away(watch, tmp_path, qtbot):
    begin(watch, tmp_path / "first", 4)
    watch.ask(drawn())
    wait_fresh(watch, qtbot)
    begin(watch, tmp_path / "second")
    watch.check()
    assert (watch.likeness, watch.words, watch.fresh) == (None, NONE_YET, False)
    begin(watch, tmp_path / "third", 2)
    watch.check()
    wait_fresh(watch, qtbot)
    assert watch.likeness.run == "third"


def test_an_encoder_that_cannot_be_used_is_explained(watch, tmp_path, qtbot):
    workspace = begin(watch, tmp_path / "run", 4)
    for file in (workspace.directory.path / "checkpoints").rglob("weights.safetensors"):
        file.write_bytes(b"broken")
    watch.ask(drawn())
    qtbot.waitUntil(lambda: "cannot compare" in watch.words, timeout=10_000)
    assert "damaged" in watch.words
    assert watch.likeness is None
    qtbot.waitUntil(lambda: watch._task is None, timeout=5_000)
    save(workspace.directory, workspace.record, FACTS, 6)
    watch.check()
    wait_fresh(watch, qtbot)
    assert watch.likeness.step == 6
