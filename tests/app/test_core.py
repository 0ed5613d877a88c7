import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.core import MODULES, import_core
from app.tasks import Ticket
from sslcore.config import ConfigError
from sslcore.data.catalogue import Cancelled
from sslcore.engine.control import Control
from sslcore.events import RunStarted, RunStopped
from sslcore.runs.directory import RunDirectory
from tests.app.test_timeline import record_with


@pytest.fixture
def ticket():
    return Ticket(lambda: None)


def test_the_module_itself_loads_nothing_heavy():
    code = (
        "import sys, app.core; "
        "sys.exit(' '.join({'torch', 'umap', 'sklearn', 'pandas'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.stderr.strip() == b""


def test_loading_tells_how_far_it_is():
    told = []
    counted = Ticket(lambda: None)
    counted.progress = lambda done, total: told.append((done, total))
    made = import_core(counted)
    assert told == [(number, len(MODULES)) for number in range(len(MODULES))]
    assert "simclr" in made.method.registry()


def test_the_last_recipe_comes_back_or_the_usual_one(core):
    usual = core.first_recipe("")
    assert usual.method.key == "barlow_twins"
    other = usual.with_set({"schedule.epochs": 7})
    assert core.first_recipe(other.to_toml()) == other
    with pytest.raises(ConfigError, match="the last session's recipe"):
        core.first_recipe("[method\n")


def test_facts_count_what_is_trained_on(core, pictures, ticket):
    catalogue = core.scan(pictures, ticket)
    recipe = core.first_recipe("").with_set({"data.held_out": 0.5, "schedule.batch_size": 4})
    facts = core.facts(recipe, catalogue)
    assert (facts.count, facts.channels) == (12, 3)
    assert facts.total_steps == recipe.schedule.epochs * 3


def test_facts_are_there_while_a_list_of_excluded_images_is_gone(core, pictures, ticket, tmp_path):
    catalogue = core.scan(pictures, ticket)
    recipe = core.first_recipe("").with_set({"data.held_out": 0.5})
    lost = recipe.with_set({"data.excluded": str(tmp_path / "gone.txt")})
    assert core.facts(lost, catalogue) == core.facts(recipe, catalogue)


def test_a_scan_can_be_cancelled(core, pictures, ticket):
    ticket.cancel()
    with pytest.raises(Cancelled):
        core.scan(pictures, ticket)


def test_the_demo_set_is_made_once_and_never_half(core, tmp_path, ticket, monkeypatch):
    made = []
    make = core.demo.make

    def small(folder, progress, cancelled):
        made.append(folder)
        if len(made) == 1:
            (folder / "half.png").touch()
            raise Cancelled
        assert not (folder / "half.png").exists(), "what a cancelled try left is not taken over"
        return make(folder, count=12, progress=progress, cancelled=cancelled)

    monkeypatch.setattr(core.demo, "make", small)
    folder = tmp_path / "demo"
    with pytest.raises(Cancelled):
        core.demo_catalogue(folder, ticket)
    assert not folder.exists()
    assert len(core.demo_catalogue(folder, ticket)) == 12
    assert len(core.demo_catalogue(folder, ticket)) == 12
    assert len(made) == 2, "the third time it was there"


def test_a_run_is_folded_from_its_log(core, tmp_path):
    recipe = core.first_recipe("")
    directory = RunDirectory.create(tmp_path / "run", recipe)
    started = record_with([]).started
    assert isinstance(started, RunStarted)
    directory.append(started)
    directory.append(RunStopped(4, "stopped"))
    directory.close()
    opened = core.replay(tmp_path / "run", lambda: False)
    assert opened.directory.path == tmp_path / "run"
    assert (opened.record.started, opened.record.stopped) == (started, RunStopped(4, "stopped"))
    assert opened.recipe == recipe
    assert opened.holder is None
    assert opened.offset == opened.directory.log_path.stat().st_size
    opened = core.replay(tmp_path / "run", lambda: True)
    assert opened.record.started is None, "a cancelled opening reads no further"


def test_a_run_that_is_being_trained_has_a_holder_until_its_last_word(core, tmp_path, monkeypatch):
    directory = RunDirectory.create(tmp_path / "run", core.first_recipe(""))
    directory.append(record_with([]).started)
    directory.claim()
    opened = core.replay(tmp_path / "run", lambda: False)
    assert opened.holder == directory.holder
    assert opened.offset == directory.log_end()
    monkeypatch.setattr(RunDirectory, "holder", property(speak_last))
    opened = core.replay(tmp_path / "run", lambda: False)
    assert opened.record.stopped == RunStopped(4, "completed")
    assert opened.holder is None, "it ended between the two looks"
    directory.release()
    directory.close()


def speak_last(directory):
    """Who trains: somebody who says his last word right after he was asked."""
    holder = directory._claim.holder
    directory.append(RunStopped(4, "completed"))
    directory.close()
    return holder


def test_a_run_of_this_window_hears_other_processes_too(core, tmp_path):
    directory = RunDirectory.create(tmp_path / "run", core.first_recipe(""))
    control = Control()

    def train(*_):
        end = time.monotonic() + 10
        while not control.stopping and time.monotonic() < end:
            yield "a step"
            time.sleep(0.01)

    released = []
    made = replace(
        core,
        engine=SimpleNamespace(train=train),
        devices=SimpleNamespace(release=lambda: released.append(control.stopping)),
    )
    events = made.train(None, control, directory, None)
    assert next(events) == "a step"
    assert released == []
    directory.send("stop")
    assert set(events) == {"a step"}
    assert control.stopping
    assert released == [True], "the process that goes on with the run needs the memory"


def test_a_demo_set_whose_pictures_were_deleted_is_made_again(core, tmp_path, ticket, monkeypatch):
    make = core.demo.make
    monkeypatch.setattr(core.demo, "make", lambda folder, **rest: make(folder, count=12, **rest))
    folder = tmp_path / "demo"
    assert len(core.demo_catalogue(folder, ticket)) == 12
    for picture in folder.rglob("*.png"):
        picture.unlink()
    assert len(core.demo_catalogue(folder, ticket)) == 12


def test_a_demo_set_of_an_older_version_is_drawn_anew(core, tmp_path, ticket, monkeypatch):
    make = core.demo.make
    monkeypatch.setattr(core.demo, "make", lambda folder, **rest: make(folder, count=12, **rest))
    folder = tmp_path / "demo"
    core.demo_catalogue(folder, ticket)
    (folder / "circle").mkdir()
    (folder / "arrow" / "00000.png").rename(folder / "circle" / "00000.png")
    mark = folder / ".demo.json"
    mark.write_text(mark.read_text("utf-8").replace('"version": ', '"version": 9'), "utf-8")
    catalogue = core.demo_catalogue(folder, ticket)
    assert len(catalogue) == 12
    assert catalogue.classes == core.demo.SHAPES
