"""A run keeps what it was trained without, whatever becomes of the list that was given."""

import shutil
from pathlib import Path

import pytest

from sslcore.config import ConfigError
from sslcore.data.exclusion import named
from sslcore.engine.checkpoint import Checkpoint
from sslcore.engine.control import Control
from sslcore.engine.train import train
from sslcore.events import RunStarted, RunStopped, StepDone, Warned
from sslcore.recipe import Recipe
from sslcore.runs.directory import RunDirectory
from sslcore.runs.memory import MemoryStore
from tests.sslcore.engine.tiny import images as images
from tests.sslcore.engine.tiny import recipe, run, steps

GIVEN = ["dark/02.png", "dark/04.png", "light/01.png"]


@pytest.fixture
def listed(images: Path, tmp_path: Path) -> Recipe:
    file = tmp_path / "without.txt"
    file.write_text("\n".join([*GIVEN, "gone.png"]))
    return recipe(images, data__excluded=str(file), run__checkpoint_every=2 / 3)


def test_the_copy_is_the_runs_own_and_moves_with_it(listed: Recipe, tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", listed)
    name, content = named([*GIVEN, "gone.png"])
    assert (directory.path / name).read_bytes() == content
    assert f'excluded = "{name}"' in (directory.path / "recipe.toml").read_text()
    Path(listed.data.excluded).unlink()
    assert directory.recipe().data.excluded == str(directory.path / name)
    assert directory.own(directory.recipe()) == directory.recipe()
    before = directory.recipe()  # as checkpoints keep it
    moved = Path(shutil.move(directory.path, tmp_path / "moved"))
    again = RunDirectory.open(moved)
    assert again.recipe().data.excluded == str(moved / name)
    assert again.own(before) == again.recipe()


def test_a_list_that_is_not_there_makes_no_run(listed: Recipe, tmp_path: Path) -> None:
    lost = listed.with_set({"data.excluded": str(tmp_path / "gone.txt")})
    with pytest.raises(ConfigError, match=r"gone\.txt.*cannot be read"):
        RunDirectory.create(tmp_path / "run", lost)
    assert not (tmp_path / "run").exists()
    stopped = run(lost, MemoryStore())[-1]
    assert isinstance(stopped, RunStopped)
    assert "cannot be read" in stopped.error


def test_another_list_is_taken_up_when_a_run_goes_on_with_it(
    listed: Recipe, tmp_path: Path
) -> None:
    directory = RunDirectory.create(tmp_path / "run", listed)
    other = tmp_path / "other.txt"
    other.write_text("dark/00.png")
    directory.replace_recipe(directory.recipe().with_set({"data.excluded": str(other)}))
    assert Path(directory.recipe().data.excluded).name == named(["dark/00.png"])[0]
    directory.replace_recipe(directory.recipe().with_set({"data.excluded": ""}))
    assert directory.recipe().data.excluded == ""
    assert directory.discard()
    assert not directory.path.exists()


def test_excluded_images_never_reach_a_step_and_resume_is_exact(
    listed: Recipe, images: Path, tmp_path: Path
) -> None:
    straight = run(listed, MemoryStore())
    whole = run(recipe(images), MemoryStore())
    start, everything = (
        next(one for one in events if isinstance(one, RunStarted)) for events in (straight, whole)
    )
    assert start.held_out == everything.held_out
    assert start.images < everything.images
    (told,) = [one for one in straight if isinstance(one, Warned)]
    assert told.code == "excluded_unknown"
    assert "gone.png" in told.message
    directory, control = RunDirectory.create(tmp_path / "run", listed), Control()
    own = directory.own(listed)
    for event in directory.record(train(own, control, directory)):
        if isinstance(event, StepDone) and event.step == 3:
            control.stop()
    # Other images are excluded meanwhile; the run stays what it was.
    Path(listed.data.excluded).write_text("dark/06.png")
    rest = list(directory.record(train(directory.recipe(), Control(), directory, "auto")))
    directory.close()
    assert steps(rest) == steps(straight)[3:]
    loaded = directory.load()
    assert loaded is not None
    kept = Recipe.from_toml(Checkpoint.read(loaded.files).recipe)
    assert directory.own(kept).data.excluded == directory.recipe().data.excluded
