"""What cues and read-outs mean, in words."""

import numpy as np
import pytest

from sslcore.evaluation.cues import Cue
from sslcore.evaluation.nuisances import Nuisance
from sslcore.evaluation.readout import Reading
from sslcore.evaluation.shortcuts import Pretext, level, taken, warnings


def cue(key, score, chance=0.125):
    tasks = {
        "histogram": ("the colour histogram", "finds the other view of an image"),
        "thumbnail": ("a thumbnail of 4 x 4 px", "tells by which angle an image is turned"),
    }
    title, task = tasks.get(key, (f"the {key}", "tells where a patch lies"))
    return Cue(key, title, task, score, chance, 100)


@pytest.mark.parametrize(
    ("score", "expected"), [(0.1, "closed"), (0.2, "closed"), (0.3, "partly"), (0.6, "open")]
)
def test_levels_count_from_chance(score, expected):
    assert level(cue("borders", score)) == expected


def test_contrastive_learning_without_colour_jitter_is_warned_of_histograms():
    bare = Pretext("SimCLR", "views", colour_changed=False)
    (said,) = warnings(bare, [cue("histogram", 0.87, 0.002)])
    assert said.level == "open"
    assert said.text == (
        "The colour histogram alone finds the other view of an image in 87 % of the cases "
        "(guessing: 0.2 %). That solves much of SimCLR's task without seeing what an image shows. "
        "Switch colour jitter and grey on in Views."
    )
    mild = Pretext("SimCLR", "views", colour_changed=True)
    (said,) = warnings(mild, [cue("histogram", 0.3, 0.002)])
    assert said.level == "partly"
    assert said.text.endswith("Turn colour jitter and grey up in Views.")
    assert "helps with SimCLR's task" in said.text


def test_the_widest_shortcut_comes_first_and_closed_ones_are_said_too():
    puzzle = Pretext("Jigsaw", "patches", gap=0.2)
    cues = [cue("aberration", 0.13), cue("borders", 0.7), cue("mean_colour", 0.4)]
    said = warnings(puzzle, cues)
    assert [one.level for one in said] == ["open", "partly", "closed"]
    assert "more room between patches than the 20 % of a side there is" in said[0].text
    assert "standardise every patch" in said[1].text
    assert said[2].text.endswith("(guessing: 12 %). No shortcut here.")
    touching = warnings(Pretext("Jigsaw", "patches"), [cue("borders", 0.7)])
    assert touching[0].text.endswith("set the gap above 0.")


def test_every_cue_has_its_own_remedy():
    task = Pretext("Rotation prediction", "rotation")
    keys = ("histogram", "composition", "sharpness")
    keys = (*keys, "borders", "aberration", "mean_colour", "caption", "look/solarize", "thumbnail")
    said = [warnings(task, [cue(key, 0.9)])[0].text for key in keys]
    remedies = {one.partition("shows. ")[2] for one in said}
    assert len(remedies) == len(keys)
    assert "" not in remedies
    assert "watermarks" in said[-1]
    assert said[-2].endswith("Leave solarize out of what is asked for, in Method.")


def test_what_training_made_easier_and_harder_to_read():
    names = {"red": "Mean red", "sharp": "Sharpness", "jpeg": "JPEG quality", "light": "Brightness"}
    nuisances = [Nuisance(key, title, "", np.zeros(3)) for key, title in names.items()]
    nuisances.append(Nuisance("class", "Class", "", np.zeros(3), ("a", "b"), "class"))

    def readings(**scores):
        return {key: Reading(score, 0.0, 1.0, 10) for key, score in scores.items()}

    trained = readings(red=0.2, sharp=0.9, jpeg=-5.0, light=0.5, **{"class": 0.9})
    untrained = readings(red=0.8, sharp=0.5, jpeg=-0.2, light=0.45, **{"class": 0.3})
    gained, lost = taken(nuisances, trained, untrained)
    assert gained == ("Sharpness",)
    assert lost == ("Mean red",)
    assert taken(nuisances, readings(sharp=0.9), {}) == ((), ())
