"""What can be measured on which folder, told before anything is trained."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sslcore.assessment.contract import registry
from sslcore.assessment.kinds.knn import KnnFinding
from sslcore.config import ConfigError
from sslcore.data.catalogue import Catalogue, CatalogueError, scan
from sslcore.recipe import Recipe
from sslcore.sections import DataSection
from sslcore.study.judging import JUDGES, problem, require_measurable, scores, unclassed
from sslcore.study.plan import grid


@pytest.fixture
def single(images: Path, tmp_path: Path) -> Path:
    """A folder whose images have one class, as a CSV says: one sub-folder alone is none."""
    folder = tmp_path / "one"
    shutil.copytree(images / "dark", folder)
    lines = [f"{one.name},dark" for one in folder.glob("*.png")]
    (folder / "labels.csv").write_text("\n".join(["path,label", *lines]) + "\n")
    return folder


def read(section: DataSection) -> Catalogue:
    return scan(Path(section.folder), section.reading)


def at(recipe: Recipe, folder: Path, **more: object) -> DataSection:
    return recipe.with_set({"data.folder": str(folder), **more}).data


def test_every_way_to_judge_is_a_measurement() -> None:
    for one in JUDGES.values():
        assert registry()[one.assessment].needs_labels == one.needs_classes


def test_scores_are_of_the_first_k_and_beside_the_untrained() -> None:
    finding = KnnFinding(
        neighbours=(20, 200), accuracy={"trained": (0.6, 0.5), "untrained": (0.3, 0.2)}
    )
    assert scores("knn", finding) == (0.6, 0.3)
    alone = KnnFinding(neighbours=(20,), accuracy={"trained": (0.6,)})
    assert scores("knn", alone) == (0.6, None)


def test_two_classes_are_enough(recipe: Recipe, images: Path) -> None:
    section = at(recipe, images)
    for measurement in JUDGES:
        assert problem(measurement, section, read(section)) == ""
        assert unclassed(measurement, section, read(section)) == ""


@pytest.mark.parametrize("measurement", ["linear", "knn"])
def test_fewer_classes_are_refused_with_what_can_be_done(
    recipe: Recipe, images: Path, single: Path, measurement: str
) -> None:
    section = at(recipe, single)
    words = problem(measurement, section, read(section))
    assert words.startswith("a single class among the images trained on")
    assert JUDGES[measurement].words in words
    assert "sub-folders as classes" in words
    assert "measure by 'rank'" in words
    assert unclassed(measurement, section, read(section)) == words
    bare = at(recipe, images, **{"data.labels": "none"})
    words = problem(measurement, bare, read(bare))
    assert words.startswith("no classes among the images trained on")
    assert "set data.labels to 'auto'" in words


def test_the_rank_needs_no_class_but_images_held_out(recipe: Recipe, single: Path) -> None:
    section = at(recipe, single)
    assert problem("rank", section, read(section)) == ""
    none = at(recipe, single, **{"data.held_out": 0.0})
    assert "set data.held_out above 0" in problem("rank", none, read(none))


def test_classes_count_where_they_are_needed(recipe: Recipe, images: Path, tmp_path: Path) -> None:
    """Two classes in the folder, yet one of them is only in images kept out of training."""
    listed = tmp_path / "excluded.txt"
    listed.write_text("".join(f"light/{one.name}\n" for one in (images / "light").iterdir()))
    section = at(recipe, images, **{"data.excluded": str(listed)})
    assert unclassed("knn", section, read(section)) == ""
    assert problem("knn", section, read(section)).startswith("a single class among")


def test_held_out_images_without_a_class_are_refused(
    recipe: Recipe, images: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "more"
    shutil.copytree(images, folder)
    files = [one.relative_to(folder).as_posix() for one in folder.rglob("*.png")]
    lines = [
        f"{one},,test" if number % 5 == 0 else f"{one},{one.partition('/')[0]},train"
        for number, one in enumerate(sorted(files))
    ]
    (folder / "labels.csv").write_text("\n".join(["path,label,split", *lines]) + "\n")
    section = at(recipe, folder, **{"data.held_out_from": "auto"})
    catalogue = read(section)
    assert unclassed("linear", section, catalogue) == ""
    assert problem("linear", section, catalogue).startswith("no image that is held out has a class")
    assert problem("rank", section, catalogue) == ""


def asked(opened: list[str]) -> Callable[[DataSection], Catalogue]:
    def read_once(section: DataSection) -> Catalogue:
        opened.append(section.folder)
        return read(section)

    return read_once


def test_every_folder_of_a_study_is_looked_at_once(
    recipe: Recipe, images: Path, single: Path
) -> None:
    opened: list[str] = []
    seeds = grid(recipe, {"run.seed": [0, 1], "data.split_seed": [0, 1]}, "knn")
    require_measurable("knn", seeds.trials, asked(opened))
    assert opened == [str(images)]
    both = grid(recipe, {"data.folder": [str(images), str(single)]}, "knn")
    with pytest.raises(ConfigError, match=rf"{single}: a single class among"):
        require_measurable("knn", both.trials, asked(opened))
    require_measurable("rank", both.trials, asked(opened))


def test_folders_that_are_gone_are_left_to_their_trials(recipe: Recipe, tmp_path: Path) -> None:
    gone = grid(recipe, {"data.folder": [str(tmp_path / "gone")], "run.seed": [0, 1]}, "knn")
    opened: list[str] = []
    require_measurable("knn", gone.trials, asked(opened))
    assert opened == [str(tmp_path / "gone")]
    with pytest.raises(CatalogueError):
        read(at(recipe, tmp_path / "gone"))
