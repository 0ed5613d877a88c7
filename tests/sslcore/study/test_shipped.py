"""Studies that come with the workbench: the files, what is laid over, which folders do not do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sslcore.config import ConfigError
from sslcore.data.catalogue import scan
from sslcore.data.contents import Catalogue
from sslcore.evaluation.negatives import negatives
from sslcore.recipe import Recipe
from sslcore.sections import DataSection
from sslcore.study.shipped import find, planned, read, registered, require_suited

IMAGES = 2_550
"""Trained on of the demo set."""


def plain(recipe: Recipe) -> Recipe:
    return recipe


def recipes(name: str) -> list[Recipe]:
    return [Recipe.from_toml(one.recipe, one.name) for one in planned(find(name), plain).trials]


@pytest.mark.parametrize("name", list(registered()))
def test_every_study_can_be_planned(name: str) -> None:
    one = find(name)
    study = planned(one, plain)
    assert study.kind == "known_experiment"
    assert (study.title, study.question, study.closing) == (one.title, one.question, one.closing)
    assert len({trial.name for trial in study.trials}) == len(study.trials) >= 2
    for trial in study.trials:
        assert all(
            place in axis.places for place, axis in zip(trial.places, study.axes, strict=True)
        )
        recipe = Recipe.from_toml(trial.recipe, trial.name)
        assert recipe.schedule.epochs == one.epochs
        assert recipe.data.held_out_from == "train"
    assert len({trial.recipe for trial in study.trials}) == len(study.trials)


def test_the_denoising_grid_is_whole() -> None:
    study = planned(find("denoising_grid"), plain)
    assert [axis.title for axis in study.axes] == ["corruption", "activation", "loss"]
    assert len(study.trials) == 3 * 2 * 2
    for trial, recipe in zip(study.trials, recipes("denoising_grid"), strict=True):
        config = recipe.method.config.model_dump()
        assert (config["corruption"], config["activation"], config["loss"]) == trial.places
        assert config["output"] == "sigmoid"


def test_negatives_are_as_many_as_their_place_says() -> None:
    study = planned(find("negatives"), plain)
    sources: dict[str, list[int]] = {}
    for trial, recipe in zip(study.trials, recipes("negatives"), strict=True):
        source, count = trial.places
        method = recipe.method
        found = negatives(method.key, method.config, recipe.schedule.batch_size, IMAGES)
        assert found == int(count), trial.name
        sources.setdefault(source, []).append(int(count))
    assert sources == {
        "SimCLR batch": [62, 254, 1022],  # a batch of 1024 is left out
        "MoCo v2 queue": [62, 254, 1022, 2046],
        "NPID bank": [62, 254, 1022, 2046],
    }
    assert study.closing == "negatives"


def test_a_person_s_images_and_wishes_are_laid_over_and_trials_still_differ() -> None:
    def over(recipe: Recipe) -> Recipe:
        return recipe.with_set({"data.folder": "/photos", "method.momentum": 0.5})

    study = planned(find("moco_momentum"), over, epochs=3, measurement="rank")
    assert study.measurement == "rank"
    made = [Recipe.from_toml(one.recipe) for one in study.trials]
    assert {one.data.folder for one in made} == {"/photos"}
    assert {one.schedule.epochs for one in made} == {3}
    momenta = [one.method.config.model_dump()["momentum"] for one in made]
    assert momenta == [0.0, 0.9, 0.99, 0.999]


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"'denoising_gird': .* did you mean denoising_grid"):
        find("denoising_gird")
    with pytest.raises(ConfigError, match="there are: denoising_grid, moco_momentum"):
        find("x")


BOTH = """
title = "T"
question = "Q?"
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = ", "x.toml: "),
        (BOTH, r"x.toml: .*either \[vary\] or trials"),
        (BOTH + '[vary]\n"run.seed" = [0, 1]', "recipe: missing"),
        (BOTH + 'axes = ["a", "b"]\ntrials = [{ places = ["1"], recipe = "byol" }]', "one place"),
        (
            BOTH
            + 'axes = ["a"]\nrecipe = "byol"\ntrials = [{ places = ["1"] }, { places = ["1"] }]',
            "on one place",
        ),
        (BOTH + 'closing = "luck"\nrecipe = "byol"\n[vary]\n"run.seed" = [0]', "'luck': no such"),
        (BOTH + 'luck = 1\n[vary]\n"run.seed" = [0]', "luck: unknown field"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(text, "x.toml")


def folder(catalogue: Catalogue) -> Callable[[DataSection], Catalogue]:
    return lambda _section: catalogue


def test_folders_on_which_a_method_cannot_run_are_refused(images: Path) -> None:
    catalogue = scan(images, DataSection(folder=str(images)).reading)

    def over(recipe: Recipe) -> Recipe:
        return recipe.with_set({"data.folder": str(images)})

    one = find("simsiam_collapse")
    require_suited(one, planned(one, over), folder(catalogue))
    large = find("negatives")
    with pytest.raises(ConfigError, match=rf"{images}: \d+ images to train on, .* needs 512"):
        require_suited(large, planned(large, over), folder(catalogue))
    text = BOTH + 'recipe = "clip"\n[vary]\n"run.seed" = [0, 1]'
    worded = read(text, "x.toml")
    with pytest.raises(ConfigError, match="holds no captions, which CLIP needs"):
        require_suited(worded, planned(worded, over), folder(catalogue))
