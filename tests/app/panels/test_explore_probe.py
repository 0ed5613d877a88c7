from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.panels.explore_probe import AGREEMENT, CLASS, NONE, SPLIT, Colouring, Probe
from sslcore.data.catalogue import Catalogue
from sslcore.recipe import preset

ROWS = np.array([4, 1, 3, 0])


@pytest.fixture
def probe():
    catalogue = Catalogue(
        root=Path("pictures"),
        paths=tuple(f"{n}.png" for n in range(6)),
        labels=np.array([0, 1, 1, 0, -1, 1]),
        classes=("cat", "dog"),
        splits=("train", "test", "train", "train", "test", "train"),
        groups=None,
        metadata={
            "texture": ("dots", "", "dots", "stripes", "stripes", "dots"),
            "x": (0.1, 0.2, 0.3, float("nan"), 0.5, 0.6),
            "period": (2.0, 3.0, 2.0, 3.0, float("nan"), 2.0),
        },
        sizes=np.full((6, 2), 8),
        channels=3,
        bits=8,
        problems=(),
        kinds=("images",),
        fingerprint="f",
    )
    return Probe(ROWS, catalogue, preset("barlow_twins"))


def test_names_and_places(probe):
    assert probe.path(0) == "4.png"
    assert (probe.label(0), probe.label(1)) == ("", "dog")
    assert [probe.position(row) for row in (0, 1, 2, 4)] == [3, 1, -1, 0]


def test_everything_known_can_colour(probe):
    assert probe.choices() == (CLASS, "texture", "x", "period", SPLIT, AGREEMENT, NONE)
    assert probe.colouring(CLASS).numbers.tolist() == [-1, 1, 0, 0]
    texture = probe.colouring("texture")
    assert [texture.names[n] if n >= 0 else "" for n in texture.numbers] == [
        "stripes", "", "stripes", "dots",
    ]  # fmt: skip
    assert probe.colouring("x").names == ()
    assert probe.colouring("x").numbers[:2].tolist() == [0.5, 0.2]
    period = probe.colouring("period")
    assert period.names == ("2", "3")
    assert period.numbers.tolist() == [-1, 1, 1, 0]
    split = probe.colouring(SPLIT)
    assert [split.names[n] for n in split.numbers] == [
        "held out", "held out", "trained on", "trained on",
    ]  # fmt: skip


def test_excluded_images_are_told_apart_and_a_lost_list_colours_nothing(probe, tmp_path):
    (tmp_path / "without.txt").write_text("3.png\n1.png\n")
    recipe = preset("barlow_twins").with_set({"data.excluded": str(tmp_path / "without.txt")})
    split = Probe(ROWS, probe.catalogue, recipe).colouring(SPLIT)
    assert [split.names[n] for n in split.numbers] == [
        "held out", "held out", "excluded", "trained on",
    ]  # fmt: skip
    lost = recipe.with_set({"data.excluded": str(tmp_path / "gone.txt")})
    assert Probe(ROWS, probe.catalogue, lost).colouring(SPLIT) is None


def test_classes_colour_first_and_a_column_only_when_chosen(probe):
    assert probe.first_choice() == CLASS
    bare = replace(probe.catalogue, classes=(), labels=np.full(6, -1))
    without = Probe(ROWS, bare, None)
    assert without.choices() == ("texture", "x", "period", SPLIT, NONE)
    assert without.first_choice() == NONE
    assert without.colouring(NONE) is None
    assert Probe(ROWS, None, None).first_choice() == ""


def test_colourings_say_what_they_show(probe):
    titles = [probe.colouring(one).title for one in (CLASS, "texture", "x", "period", SPLIT)]
    assert titles == ["Class", "Texture", "X", "Period", "Split"]


def test_neighbours_without_a_class_are_not_asked(probe):
    assert probe.agreement(2, [3, 1, 0]) == "1 of 2 neighbours agree"
    assert probe.agreement(0, [1, 2]) == ""
    assert probe.agreement(2, [0]) == ""
    parts = probe.agreements(np.array([[1, 2], [2, 3], [3, 0], [2, 1]])).numbers
    assert np.isnan(parts[0])
    assert parts[1:].tolist() == [0.0, 1.0, 0.5]


def test_images_that_are_not_open_have_no_names():
    probe = Probe(ROWS, None, None)
    assert probe.choices() == ()
    assert probe.path(0) == "image 4"
    assert probe.agreement(0, [1, 2]) == ""


def test_a_catalogue_with_too_few_images_is_another_folders(probe):
    assert Probe(np.array([6]), probe.catalogue, None).catalogue is None


def test_files_that_came_or_went_shift_rows_and_are_noticed(probe):
    catalogue = probe.catalogue
    paths = [catalogue.paths[row] for row in ROWS]
    same = Probe(ROWS, catalogue, None, paths)
    assert not same.changed
    assert same.catalogue is catalogue
    later = replace(catalogue, paths=("00.png", *catalogue.paths[:5]))
    moved = Probe(ROWS, later, None, paths)
    assert moved.changed
    assert moved.catalogue is None
    assert moved.label(1) == ""
    assert not Probe(ROWS, later, None).changed, "an old run: nobody knows"
    assert not Probe(ROWS, None, None, paths).changed


def test_categories_may_have_colours_of_their_own():
    numbers = np.array([1, -1, 0])
    assert Colouring(numbers, ("a", "b")).painted.tolist() == [1, -1, 0]
    assert Colouring(numbers, ("a", "b"), tints=(5, 3)).painted.tolist() == [3, -1, 5]
